import { instanceOf, stateOf } from "../../src/cluster/instances.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { defineTransform, type TransformContext } from "../contract.ts";
import { chainOf, findDeliverer, parentOfApps } from "../shared/apps/deliverer.ts";

/**
 * Looks for suspended FluxKustomizations above operator and instance. Suspended ones never apply what is merged: the
 * operator would not arrive, and a cutover through another, live branch of the tree would delete Flux. Changes nothing.
 */
export default defineTransform({
  id: "suspended-parents",
  title: "Find suspended parents of operator and instance",
  phases: ["install", "cutover"],
  applies: ({ cluster }) => !["cut-over", "done", "unsupported"].includes(stateOf(cluster)),
  run(context) {
    const item = findParent(context);
    const suspended = item ? chainOf(item).filter(({ effective }) => readable(effective)?.spec?.suspend === true) : [];
    return { findings: suspended.map((parent) => report(context, parent)) };
  },
});

/** What delivers the instance, or will deliver it. */
function findParent(context: TransformContext): DeliveredFluxObject | undefined {
  const { tree, cluster } = context;
  const instance = instanceOf(cluster);
  if (instance) return findDeliverer(tree, cluster, instance.object.file);
  return context.agreed.apps(context.cluster).app ? parentOfApps(cluster) : undefined;
}

function report({ tree }: TransformContext, { object }: DeliveredFluxObject): DraftFinding {
  const [resource, at] = [describe(object), locateField(tree, object, ["spec", "suspend"])];
  return { rule: "parent-suspended", level: "blocker", resource, at, facts: { resource } };
}
