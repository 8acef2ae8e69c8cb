import { trialOf } from "../../../transforms/publish-workflow/job.ts";
import { learnSecrets } from "../../../transforms/pull-secret/index.ts";
import { findPublishers } from "../../../transforms/shared/oci/publishers.ts";
import type { OciTarget } from "../../../transforms/shared/oci/types.ts";
import { given } from "../../contract/given.ts";
import { once } from "../../contract/once.ts";
import type { Runbook } from "../../contract/runbook.ts";
import type { OciFacts, OciPhaseFacts } from "../../runbook/oci/facts.ts";
import { writeOciRunbook } from "../../runbook/oci/runbook.ts";
import { writeRunbook } from "../../runbook/runbook.ts";
import { collectFacts, countBlockers, type RunbookInput } from "./facts.ts";

/** The runbook of a phase of `migrate`. Facts are collected once, when a part of it is read. */
export function buildRunbook(input: RunbookInput): Runbook {
  return writeRunbook(once(() => collectFacts(input)));
}

/** The same for a phase of `oci`; there is no target where a blocker stands in the way of any. */
export function buildOciRunbook(input: RunbookInput, target: OciTarget | undefined): Runbook {
  const { cluster, phase } = input;
  const part = {
    cluster: cluster.name,
    phase: phase === "install" || phase === "cutover" ? "prepare" : phase,
    blockers: countBlockers(input),
    namespace: target?.sync.namespace ?? cluster.namespace,
    name: target?.sync.name ?? cluster.root.name,
  };
  return writeOciRunbook(part, target && collectOciFacts(part, input, target));
}

/** What the runbook of the move to OCI speaks of. */
function collectOciFacts(part: OciPhaseFacts, { cluster, tree, options }: RunbookInput, to: OciTarget): OciFacts {
  const { sync, pullSecret, identity, verify } = to;
  const { object, form } = sync.instance;
  const keySecret = verify?.secretRef?.name;
  const job = to.publisher ?? findPublishers(tree, identity).find(({ url }) => url === to.url);
  const ignorePaths = /--ignore-paths[= ]["']?([^\s"'\\]+)/.exec(job?.text ?? "")?.[1];
  const isNeeded = part.phase === "cleanup" && trialOf(tree.read(job?.file ?? "") ?? "", to.tag) !== undefined;
  const trialBranch = job && !isNeeded ? trialOf(job.text, to.tag) : undefined;
  return {
    ...part,
    isAll: options.phase === "all",
    direct: options.direct,
    url: to.url,
    tag: to.tag,
    host: to.host,
    artifactPath: to.artifactPath,
    isSigned: to.sign,
    ...given({
      ignorePaths,
      trialBranch,
      identity,
      pullSecret,
      keySecret: typeof keySecret === "string" ? keySecret : undefined,
    }),
    get secrets() {
      return learnSecrets(tree, cluster);
    },
    instance: { name: object.name, file: object.file, isManifest: form === "manifest" },
  };
}
