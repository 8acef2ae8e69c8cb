import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { isWaitedFor } from "./waits.ts";

/**
 * What depends on a FluxKustomization that leaves Git, stays in the cluster and fails from then on: it waits for that to be
 * ready (flux-facts 2.4 item 8).
 * @param failing keys of those
 */
export function findWaitsForLeft(given: Given, failing: ReadonlySet<ObjectKey>): Stopped[] {
  if (failing.size === 0) return [];
  given.after.search([...failing].map((key) => splitKey(key).name));
  return stopsOf(given, ({ object }) => {
    if (!object.flux || object.flux.suspend) return [];
    return listReferences(object).flatMap((reference): Stop | [] => {
      if (!failing.has(reference.target) || !isWaitedFor(object, reference)) return [];
      return {
        path: reference.path,
        what: `depends on ${printKey(reference.target)}, which leaves Git, stays in the cluster and fails from then on: no further commit reaches it`,
        why: "It waits until that has applied the same commit, and nothing is left that it could build.",
        next: "Take it out of dependsOn in the same change.",
      };
    });
  });
}
