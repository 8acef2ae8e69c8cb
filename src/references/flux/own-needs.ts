import { printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { isBrought } from "./needs.ts";

const FOR_BUILD = /^spec\.(?:postBuild\.substituteFrom|decryption\.secretRef)$/;

/**
 * Kustomizations that are there and come to need for their own build what only they bring, in the same change. With its old spec
 * one may take up the commit before its parent hands it the new one; where it does not, and in a new cluster, it never builds.
 */
export function findOwnNeeds(given: Given): Stopped[] {
  const { before, after } = given;
  return stopsOf(given, ({ object, by }, was) => {
    const { key, flux } = object;
    const isThere = was !== undefined && before.holdersOf(key).length > 0;
    if (!flux || flux.suspend || by?.fixed !== false || by.key === key || !isThere) return [];
    const known = new Set(listReferences(was.object).map(({ target }) => target));
    return listReferences(object).flatMap(({ field, path, target }): Stop | [] => {
      if (!FOR_BUILD.test(field) || known.has(target) || !after.has(target) || before.has(target)) return [];
      const held = after.applied(target);
      if (held?.by?.key !== key || !isBrought(given, held, (one) => one === key)) return [];
      const { kind, namespace, name } = splitKey(target);
      const isEarly = given.isEarly(key, [target]);
      const takes = `takes ${printKey(target)} for its own build, which nothing but itself brings with this change`;
      return {
        path,
        rule: "waits-in-circle",
        what: `${takes}: it never builds again${isEarly ? " where it has not taken up this commit before it gets its new spec, and never in a new cluster" : ""}`,
        why: "Flux wants it there before it applies the first object.",
        next: "Bring it in a change before this one, or from somewhere else.",
        ...(isEarly
          ? {
              look: `bring it in a change before this one, or look with ${sh`kubectl get ${kind.toLowerCase()} ${operand(name)} -n ${namespace}`.line} whether it is there`,
            }
          : {}),
      };
    });
  });
}
