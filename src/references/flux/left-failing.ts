import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

/**
 * What depends on a FluxKustomization that leaves Git, stays in the cluster and fails from then on: it waits for that to be
 * ready (flux-facts 2.4 item 8).
 * @param failing keys of those
 */
export function findWaitsForLeft(given: Given, failing: ReadonlySet<ObjectKey>): Stopped[] {
  if (failing.size === 0) return [];
  given.after.search([...failing].map((key) => splitKey(key).name));
  return stopsOf(given, ({ object }) => {
    const spec: YamlData = object.body?.spec;
    if (!object.flux || object.flux.suspend) return [];
    return listReferences(object).flatMap(({ field, path, target }): Stop | [] => {
      // An expression of their own may call ready what is not.
      const hasOwnWay = itemsOf(spec?.dependsOn)[Number(path.at(-1))]?.readyExpr !== undefined;
      if (field !== "spec.dependsOn" || hasOwnWay || !failing.has(target)) return [];
      return {
        path,
        what: `depends on ${printKey(target)}, which leaves Git, stays in the cluster and fails from then on: no further commit reaches it`,
        why: "It waits until that has applied the same commit, and nothing is left that it could build.",
        next: "Take it out of dependsOn in the same change.",
      };
    });
  });
}
