import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { addCompanion } from "../src/flux/oci/companion.ts";
import { declaresSecret, externalPullSecret, learnSecrets } from "../src/flux/oci/pull-secret.ts";
import { type OciTarget, settleTarget } from "../src/flux/oci/target.ts";

/** Says how the pull secret gets there; where the owner uses external secrets, adds one. Never a value. */
export default defineTransform({
  id: "pull-secret",
  title: "Prepare the secret that pulls the artifact",
  phases: ["prepare"],
  docs: "docs/transforms/pull-secret.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target?.pullSecret || target.sync.kind !== "GitRepository") return { edits: [], findings: [] };
    if (declaresSecret(context.tree, context.cluster, target)) return { edits: [], findings: [] };
    const { store } = learnSecrets(context.model.tree, context.cluster);
    if (!store) return { edits: [], findings: [createByHand(target)] };
    const added = addCompanion(context, target.sync, {
      file: "externalsecret",
      data: externalPullSecret(target, store),
      why: "Make the pull secret the way this repository makes its secrets.",
      evidence: [target.at],
    });
    return { edits: added.edits, findings: [...added.findings, fillStore(target, store.name)] };
  },
});

function createByHand({ pullSecret, host, at, sync }: OciTarget) {
  return {
    rule: "pull-secret-missing",
    level: "caution" as const,
    resource: `Secret ${sync.namespace}/${pullSecret}`,
    at,
    what: `Flux cannot pull from ${host} before Secret ${pullSecret} exists in ${sync.namespace}; nothing in this repository makes it.`,
    why: "It holds credentials, and fluxlift neither makes nor reads any.",
    next: "Create it as the runbook says, with a token that may only read packages; for a public artifact pass --pull-secret ''.",
  };
}

function fillStore({ pullSecret, host, at, sync }: OciTarget, store: string) {
  return {
    rule: "pull-secret-entry",
    level: "caution" as const,
    resource: `ExternalSecret ${sync.namespace}/${pullSecret}`,
    at,
    what: `The new ExternalSecret stays not Ready until store ${store} has an entry ${pullSecret} with username and password for ${host}.`,
    why: "It holds credentials, and fluxlift neither makes nor reads any.",
    next: "Create the entry with a token that may only read packages, or change the key and the fields to one that is there.",
  };
}
