import { groupKindHere, type ObjectKey, printKey, splitKey } from "../admission/key.ts";
import { POD_SPECS } from "../admission/pods.ts";
import type { Given } from "../change/given.ts";
import { listReferences } from "../change/read.ts";
import type { Held, World } from "../change/world.ts";
import { groupBy } from "../contract/group-by.ts";
import { findNaming } from "./named.ts";
import { type Stopped, stopsOf } from "./stopped.ts";

/**
 * Claims that stay, and that what mounted them names no more while it goes on: it starts without its data, and nothing reports
 * an error. Where anything else mounts the claim nothing is said; a backup of it does not.
 */
export function findUnreadClaims({ before, after }: Given): Stopped[] {
  const claims = [before, after].map(groupClaims) as [Claims, Claims];
  return stopsOf({ before, after }, (held, was) => {
    if (held.by?.fixed !== false || held.by.spec.suspend || !was || !mayMount(held)) return [];
    const now = new Set(listClaims(claims[1], held));
    const left = listClaims(claims[0], was).filter((claim) => !now.has(claim) && before.has(claim) && after.has(claim));
    return left
      .filter((claim) => !isMounted(after, claim))
      .map((claim) => ({
        path: ["spec"],
        rule: "claim-unread",
        level: "caution",
        what: `goes on without ${printKey(claim)}, which it mounts today: the claim stays with its data, and nothing mounts it any more`,
        why: "Nothing is deleted. What starts without its data may begin anew with an empty folder, and reports no error.",
        next: "Name the claim again, or take it out as well once nobody needs what is on it.",
      }));
  });
}

function mayMount({ object: { key, release } }: Held): boolean {
  const kind = groupKindHere(key);
  return kind !== "" && (release !== undefined || Object.hasOwn(POD_SPECS, kind));
}

/** By namespace. */
type Claims = ReadonlyMap<string, readonly ObjectKey[]>;

function groupClaims(world: World): Claims {
  const claims = [...world.objects.keys()].filter((key) => key.startsWith("|PersistentVolumeClaim|"));
  return groupBy(claims, (key) => splitKey(key).namespace);
}

/** The claims that an object names, in its pods or in the values of its chart. */
function listClaims(claims: Claims, held: Held): ObjectKey[] {
  const { object } = held;
  if (!object.release) {
    const keys = listReferences(object).map(({ target }) => target);
    return keys.filter((key) => splitKey(key).kind === "PersistentVolumeClaim");
  }
  const own = new Set(claims.get(object.namespace));
  return own.size === 0 ? [] : findNaming({ objects: new Map([[object.key, held]]) }, own).map(({ target }) => target);
}

function isMounted(after: World, claim: ObjectKey): boolean {
  after.search([splitKey(claim).name]);
  const claims = new Set([claim]);
  const isBackup = ({ object: { key } }: Held) => splitKey(key).group === "volsync.backube";
  const refers = (held: Held) => !isBackup(held) && listReferences(held.object).some(({ target }) => target === claim);
  return findNaming(after, claims).some(({ from }) => !isBackup(from)) || after.all.some(refers);
}
