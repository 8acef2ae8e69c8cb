import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import type { Held } from "../../change/world.ts";
import { operand, sh } from "../../contract/shell.ts";
import type { Stopped } from "../stopped.ts";

/**
 * Secrets that come to Git while what made them goes: that owns the one in the cluster, and Kubernetes deletes it along, after
 * Flux applied the one of Git over it (Kubernetes: Garbage Collection; External Secrets: creationPolicy Owner; Sealed Secrets:
 * ownerReferences).
 */
export function findHandedOver(given: Given): Stopped[] {
  const { before, after, risks } = given;
  const seen = new Set<ObjectKey>();
  return [...risks.keys()].flatMap((maker): Stopped[] => {
    const was = before.applied(maker);
    if (!was || splitKey(maker).remote !== "" || !goes(given, maker)) return [];
    return listMade(was.object).flatMap(({ key, owned }): Stopped[] => {
      if (!owned || seen.has(key) || before.has(key)) return [];
      const held = after.find(key);
      if (!held || held.object.ignored || held.by?.spec.suspend) return [];
      seen.add(key);
      return [sayGap(held, key, maker)];
    });
  });
}

function sayGap(held: Held, key: ObjectKey, maker: ObjectKey): Stopped {
  const { name, namespace } = splitKey(held.by?.key ?? key);
  const run = held.by
    ? `with ${sh`flux reconcile kustomization ${operand(name)} -n ${namespace}`.line}`
    : "by reconciling what applies it";
  return {
    held,
    path: ["metadata", "name"],
    rule: "reference-breaks",
    level: "caution",
    what: `is gone for a while: ${printKey(maker)} owns the one in the cluster, and Kubernetes deletes that when it goes`,
    why: "Flux applies the one of Git over it first, and brings it back with its next run. Pods that start in between do not find it.",
    next: `Once ${printKey(maker)} is gone, bring it back at once ${run}, or give the one of Git another name together with those that read it.`,
  };
}
