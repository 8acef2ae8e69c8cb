import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { chainOf, findDeliverer } from "../src/flux/apps/deliverer.ts";
import { parentOfApps } from "../src/flux/apps/substitution.ts";
import { describe } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { instanceOf, stateOf } from "../src/flux/state.ts";
import type { DeliveredFluxObject } from "../src/flux/types.ts";

/**
 * Looks for suspended FluxKustomizations above operator and instance. Suspended ones never apply what is merged: the
 * operator would not arrive, and a cutover through another, live branch of the tree would delete Flux. Changes nothing.
 */
export default defineTransform({
  id: "suspended-parents",
  title: "Find suspended parents of operator and instance",
  phases: ["install", "cutover"],
  docs: "docs/transforms/suspended-parents.md",
  applies: ({ cluster }) => !["cut-over", "done", "unsupported"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const item = findParent(context);
    const suspended = item ? chainOf(item).filter(({ effective }) => effective?.spec?.suspend === true) : [];
    return { edits: [], findings: suspended.map((parent) => report(context, parent)) };
  },
});

/** What delivers the instance, or will deliver it. */
function findParent(context: TransformContext): DeliveredFluxObject | undefined {
  const { tree, cluster } = context;
  const instance = instanceOf(cluster);
  if (instance) return findDeliverer(tree, cluster, instance.object.file);
  return prepareApps(context).app ? parentOfApps(cluster) : undefined;
}

function report({ tree }: TransformContext, { object }: DeliveredFluxObject): DraftFinding {
  return {
    rule: "parent-suspended",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, object, ["spec", "suspend"]),
    what: `${describe(object)} is suspended, so Flux will not apply the operator and the instance that lie below it.`,
    why: "Removing the old install while they never arrived would delete Flux with nothing to take over.",
    next: "Resume it (remove spec.suspend), merge that and wait until it is reconciled, then run fluxlift again.",
  };
}
