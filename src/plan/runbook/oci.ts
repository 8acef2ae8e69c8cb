import { TRIAL_BRANCH } from "../../../transforms/publish-workflow/job.ts";
import { learnSecrets } from "../../../transforms/pull-secret/secret.ts";
import type { OciTarget } from "../../../transforms/shared/oci/types.ts";
import type { OciFacts, OciPhaseFacts } from "../../runbook/oci/facts.ts";
import type { RunbookInput } from "./input.ts";

/** What the runbook of the move to OCI speaks of. */
export function collectOciFacts(
  part: OciPhaseFacts,
  { cluster, tree, options }: RunbookInput,
  to: OciTarget,
): OciFacts {
  const { sync, pullSecret, identity, verify } = to;
  const { object, form } = sync.instance;
  const keySecret = verify?.secretRef?.name;
  return {
    ...part,
    isAll: options.phase === "all",
    direct: options.direct,
    url: to.url,
    tag: to.tag,
    host: to.host,
    artifactPath: to.artifactPath,
    ...(identity ? { identity } : {}),
    ...(pullSecret === undefined ? {} : { pullSecret }),
    ...(typeof keySecret === "string" ? { keySecret } : {}),
    get secrets() {
      return learnSecrets(tree, cluster);
    },
    trialBranch: TRIAL_BRANCH,
    instance: { name: object.name, file: object.file, isManifest: form === "manifest" },
    ...(sync.kind === "GitRepository" ? { gitSync: readGitSync(sync) } : {}),
  };
}

function readGitSync({ url, ref, path, pullSecret, target }: OciTarget["sync"]): Record<string, string> {
  const provider = String(target.spec?.sync?.provider ?? "generic");
  return { kind: "GitRepository", url, ref, path, pullSecret: pullSecret ?? "", provider };
}
