import type { FactFinding } from "../../src/contract/finding.ts";
import { combine, defineTransform, withTarget } from "../contract.ts";
import { addCompanion } from "../shared/oci/companion.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { declaresSecret, externalPullSecret, learnSecrets } from "./secret.ts";

/** Says how the pull secret gets there; where the owner uses external secrets, adds one. Never a value. */
export default defineTransform({
  id: "pull-secret",
  title: "Prepare the secret that pulls the artifact",
  phases: ["prepare"],
  run: withTarget((context, target) => {
    if (!target.pullSecret || target.sync.kind !== "GitRepository") return {};
    if (declaresSecret(context.tree, context.cluster, target)) return {};
    const { store } = learnSecrets(context.before, context.cluster);
    if (!store) return { findings: [createByHand(target)] };
    const added = addCompanion(context, target.sync, {
      file: "externalsecret",
      data: externalPullSecret(target, store),
      why: "Make the pull secret the way this repository makes its secrets.",
      evidence: [target.at],
    });
    return combine(added, { findings: [fillStore(target, store.name)] });
  }),
});

function createByHand({ pullSecret = "", host, at, sync: { namespace } }: OciTarget): FactFinding {
  const resource = `Secret ${namespace}/${pullSecret}`;
  const facts = { host, secret: pullSecret, namespace };
  return { rule: "pull-secret-missing", level: "caution", resource, at, facts };
}

function fillStore({ pullSecret = "", host, at, sync }: OciTarget, store: string): FactFinding {
  const resource = `ExternalSecret ${sync.namespace}/${pullSecret}`;
  return { rule: "pull-secret-entry", level: "caution", resource, at, facts: { host, secret: pullSecret, store } };
}
