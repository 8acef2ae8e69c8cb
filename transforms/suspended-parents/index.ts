import { instanceOf } from "../../src/cluster/instances.ts";
import { readable } from "../../src/contract/answer.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import { defineTransform, isBeforeCutover } from "../contract.ts";
import { chainOf, findDeliverer, parentOfApps } from "../shared/apps/deliverer.ts";

/**
 * Looks for suspended FluxKustomizations above operator and instance. Suspended ones never apply what is merged: the
 * operator would not arrive, and a cutover through another, live branch of the tree would delete Flux. Changes nothing.
 */
export default defineTransform({
  id: "suspended-parents",
  title: "Find suspended parents of operator and instance",
  phases: ["install", "cutover"],
  applies: isBeforeCutover,
  run({ tree, cluster, agreed }) {
    const instance = instanceOf(cluster);
    const deliverer = instance
      ? findDeliverer(tree, cluster, instance.object.file)
      : agreed.apps(cluster).app && parentOfApps(cluster);
    const suspended = deliverer
      ? chainOf(deliverer).filter(({ effective }) => readable(effective).spec?.suspend === true)
      : [];
    return {
      findings: suspended.map(({ object }) => {
        const place = pointAt(tree, object, ["spec", "suspend"]);
        return { rule: "parent-suspended", level: "blocker", ...place, facts: { resource: place.resource } };
      }),
    };
  },
});
