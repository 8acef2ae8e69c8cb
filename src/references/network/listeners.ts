import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { findMoved } from "../new-references.ts";
import { LISTED, type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { findElsewhere, listParents, parentId } from "./gateways.ts";

const GROUP = "gateway.networking.k8s.io";

/**
 * Listeners that a route names (`sectionName`) and that its Gateway has no more, or never had: it then leaves the route out. In the
 * values of a chart also Gateways that are misspelt; those of routes are found like any other object.
 */
export function findLostListeners({ before, after }: Given): Stopped[] {
  const gateways = after.all.filter(({ object, by }) => object.key.startsWith(`${GROUP}|Gateway|`) && !by?.fixed);
  const isOther = ({ object }: Held) =>
    String(listenersOf(before, object.key)) !== String(listenersOf(after, object.key));
  after.search(gateways.filter(isOther).map(({ object }) => object.name));
  return stopsOf({ before, after }, (held, was) => {
    const named = listParents(held.object);
    if (named.length === 0 || held.by?.spec.suspend) return [];
    const old = was ? listParents(was.object) : [];
    const known = new Set(old.map(parentId));
    const places = new Map(old.map((one) => [one.path.join(), one.target]));
    return named.flatMap((one): Stop | [] => {
      const { path, target, section } = one;
      const isOld = known.has(parentId(one));
      if (!held.by?.fixed) after.has(target);
      const near =
        held.object.release && !isOld ? findMeant({ before, after }, target, places.get(path.join())) : undefined;
      if (near !== undefined) return { path, ...sayMissing(target, near) };
      const listeners = listenersOf(after, target);
      if (section === undefined || !listeners || listeners.includes(section)) return [];
      if (isOld && !listenersOf(before, target)?.includes(section)) return [];
      return { path: [...path, "sectionName"], ...sayListener(target, section, listeners) };
    });
  });
}

/** The Gateway that is meant where nothing makes the one that is named: a letter or the namespace is another one. */
function findMeant(
  { before, after }: Pick<Given, "before" | "after">,
  target: ObjectKey,
  replaced: ObjectKey | undefined,
) {
  if (before.makes(target) || after.makes(target) || after.isOpenName(target) || after.isOfRelease(target))
    return undefined;
  const { name, namespace } = splitKey(target);
  const near = findNear(name, after.namesLike(target));
  if (near !== undefined) return near;
  if (replaced === undefined) return findElsewhere({ before, after }, target);
  const old = splitKey(replaced);
  if (old.namespace !== namespace) return findMoved({ before, after }, target, replaced);
  const isKept = before.has(replaced) && after.has(replaced);
  return isKept ? findNear(name, [old.name], { short: 3, digits: true }) : undefined;
}

function sayMissing(target: ObjectKey, near: string) {
  return {
    rule: "reference-missing" as const,
    what: `names ${printKey(target)} in its values, and nothing makes that: its routes are reached by nothing`,
    why: `There is ${near}, and nothing is refused.`,
    next: `Write ${near} if that is meant.`,
  };
}

function sayListener(target: ObjectKey, section: string, listeners: readonly string[]) {
  return {
    rule: "reference-breaks" as const,
    what: `names the listener ${section} of ${printKey(target)}, which has none of that name: nothing that comes in there reaches it`,
    why: `That Gateway has ${listSome(listeners, LISTED)}, and nothing is refused.`,
    next: "Write the name of one of its listeners, or give the Gateway that one.",
  };
}

/** Names of the listeners of a Gateway; undefined where they cannot be known. */
function listenersOf(world: World, key: ObjectKey): string[] | undefined {
  const body: YamlData = world.objects.get(key)?.object.body;
  const names = itemsOf(body?.spec?.listeners).map((one) => String(one.name));
  return names.length > 0 && !names.some(isOpenText) ? names : undefined;
}
