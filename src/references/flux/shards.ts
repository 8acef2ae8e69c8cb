import { groupKindHere } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { isOff } from "../../admission/switches.ts";
import { type Given, goes } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { likeMore, listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { meetsSelector } from "../../delivery/kustomize/index.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { controllerOf, flagsOf } from "../../release/compare.ts";
import { LISTED, type Stop, type Stopped } from "../stopped.ts";
import { type Controller, LOOKS_AFTER, listLookedAfter, sayLeft } from "./flags.ts";

const SELECTOR = "--watch-label-selector";

/** A Deployment that runs a controller of Flux, as the main one or as that of a shard. */
interface Watcher {
  held: Held;
  /** Whether it takes an object by its labels; undefined where that cannot be read. */
  watches: (held: Held) => boolean | undefined;
  /** The one label, as `key=value`, without which it takes nothing. */
  label?: string;
}

const ONE_LABEL = /^[\w./-]+=[\w.-]+$/;

function makeWatcher(held: Held): Watcher {
  const { body, namespace } = held.object;
  const flags = flagsOf(body);
  const selector = flags.get(SELECTOR);
  if (body?.spec?.replicas === 0 || isUnreadable(selector)) return { held, watches: () => false };
  const isNear = (one: Held) => one.object.namespace === namespace || !isOff(flags.get("--watch-all-namespaces"));
  if (!selector) return { held, watches: isNear };
  if (isFilledIn(selector)) return { held, watches: (one) => (isNear(one) ? undefined : false) };
  return {
    held,
    ...(ONE_LABEL.test(selector) ? { label: selector } : {}),
    watches: (one) => {
      if (!isNear(one)) return false;
      const texts = Object.entries(labelsOf(one)).map(([key, value]) => [key, String(value)]);
      return meetsSelector(selector, Object.fromEntries(texts));
    },
  };
}

/** By a variable of Git or of its container. */
const isFilledIn = (selector: string): boolean => isOpenText(selector) || selector.includes("$(");

/** A controller exits at start on a selector that does not parse. */
const isUnreadable = (selector: string | undefined): boolean =>
  selector !== undefined && selector !== "" && !isFilledIn(selector) && meetsSelector(selector, {}) === undefined;

/** `ghcr.io/fluxcd/helm-controller:v1.3.0` runs helm-controller, whatever its Deployment is called. */
const IMAGE = /(?:^|\/)([^/:@]+)(?:[:@][^/]*)?$/;

function runs({ name, body }: OwnedObject, controller: string): boolean {
  const image = IMAGE.exec(String(controllerOf(body)?.image ?? ""))?.[1] ?? "";
  if (name === controller || image === controller) return true;
  // What is only called after it, such as an exporter of its metrics.
  const isOther = image !== "" && !image.includes(controller) && !flagsOf(body).has(SELECTOR);
  return name.startsWith(`${controller}-`) && !isOther;
}

/** The Deployments of Flux's own cluster, by the controller that they run; everything is gone through once for all controllers. */
function watchersIn(world: World): (controller: string) => Watcher[] {
  const all = world.all.filter(({ object: { key, ignored } }) => groupKindHere(key) === "apps|Deployment" && !ignored);
  return (controller) => all.filter(({ object }) => runs(object, controller)).map(makeWatcher);
}

/** Those of them that may take an object: of thousands of shards nearly each asks for a label of its own. */
function indexWatchers<T extends Watcher>(all: readonly T[]): (held: Held) => readonly T[] {
  const byLabel = groupBy(all, ({ label }) => label ?? "");
  return (held) => {
    const own = Object.entries(labelsOf(held)).flatMap(([key, value]) => byLabel.get(`${key}=${value}`) ?? []);
    return [...(byLabel.get("") ?? []), ...own];
  };
}

/** Whether all of those that may take an object leave it out. */
const leaveOut = (mayTake: (held: Held) => readonly Watcher[], held: Held): boolean =>
  mayTake(held).every(({ watches }) => watches(held) === false);

/** What looks after it does nothing with it, and is missed once it resumes. */
const isSuspended = ({ object }: Held): boolean => object.body?.spec?.suspend === true;

const sayWatcher = ({ held: { object } }: Watcher): string =>
  `${object.name} looks for ${flagsOf(object.body).get(SELECTOR) ?? "nothing"}`;

const isMain = ({ held }: Watcher, controller: string): boolean => held.object.name === controller;

/** Objects that a controller comes to leave out by their labels, where no other controller is there for them. */
export function findUnselected({ after }: Given, controllers: readonly Controller[]): Stopped[] {
  return controllers.flatMap((controller): Stopped | [] => {
    const { name, before, after: flags } = controller;
    const selector = flags.get(SELECTOR);
    // One that cannot be read is told of as an argument on which the controller exits.
    if (!selector || selector === before.get(SELECTOR) || isFilledIn(selector) || isUnreadable(selector)) return [];
    after.readAll();
    const watchers = indexWatchers(watchersIn(after)(name));
    const isLeft = (held: Held) => !isSuspended(held) && leaveOut(watchers, held);
    return sayLeft(controller, listLookedAfter(after, name).filter(isLeft), {
      flag: SELECTOR,
      path: "metadata",
      what: `is left out by the labels that ${name} looks for`,
      next: "Add the controllers for what it leaves out first, or take the flag out.",
    });
  });
}

/** What a controller of a shard did, and what becomes of it. */
interface Keeper extends Watcher {
  /** Goes on from its name. */
  ends: string;
}

/**
 * Objects of a shard whose controller goes, stops or looks for other labels, where none that stays takes them; shards of a
 * FluxInstance are judged with it.
 */
export function findLostShards(given: Given): Stopped[] {
  const { before, after } = given;
  const endOf = ({ object }: Held): string | undefined => {
    if (goes(given, object.key)) return "which goes";
    const now = after.applied(object.key)?.object.body;
    if (!now) return undefined;
    if (now.spec?.replicas === 0)
      return object.body?.spec?.replicas === 0 ? undefined : "which has no pods from then on";
    const selector = flagsOf(now).get(SELECTOR);
    if (isUnreadable(selector)) return "which does not start from then on, as its selector cannot be read";
    const isSame = selector === flagsOf(object.body).get(SELECTOR);
    return isSame ? undefined : "which looks for other labels from then on";
  };
  const watchersOf = watchersIn(before);
  return Object.keys(LOOKS_AFTER).flatMap((name): Stopped | [] => {
    const shards = watchersOf(name).filter((one) => one.held.by && !isMain(one, name));
    const keepers = shards.flatMap((one): Keeper | [] => {
      const ends = flagsOf(one.held.object.body).has(SELECTOR) ? endOf(one.held) : undefined;
      return ends === undefined ? [] : { ...one, ends };
    });
    if (keepers.length === 0) return [];
    after.readAll();
    const left = watchersIn(after)(name);
    const [mayKeep, mayTake] = [indexWatchers(keepers), indexWatchers(left)];
    const keeperOf = (held: Held) => mayKeep(held).find(({ watches }) => watches(held));
    const [first, ...rest] = listLookedAfter(after, name).filter((held) => {
      return !isSuspended(held) && keeperOf(held) && leaveOut(mayTake, held);
    });
    if (!first) return [];
    const keeper = keeperOf(first)!;
    return {
      held: first,
      path: ["metadata"],
      others: rest,
      what: `is looked after by ${keeper.held.object.name} alone, ${keeper.ends}${likeMore(rest.length)}, and Flux looks after that no more: what it changes in Git does not arrive`,
      why: `The other controllers leave out what has such labels, by ${SELECTOR}, and report no error.`,
      next: "Take the labels off first and let that reconcile, or keep the controllers of that shard.",
      ...(left.some((one) => isMain(one, name))
        ? {}
        : { look: `look at ${SELECTOR} of ${name} with kubectl get deploy -A -o yaml` }),
    };
  });
}

const SHARD_KEY = "sharding.fluxcd.io/key";

/**
 * Tells of an object that comes, or gets other labels, whether no controller takes it by those: one of a shard by all that the files
 * say of shards, and any other where the main controller is in Git, and none of them changes.
 * @param sharding of the FluxInstance, where one is known
 */
export function makeUntaken(
  { before, after }: Given,
  tree: Tree,
  sharding: YamlData,
): (held: Held, was: Held | undefined) => Stop | [] {
  const names = Object.keys(LOOKS_AFTER);
  if (tree.grep(SELECTOR.slice(2)).length > 0) for (const world of [before, after]) world.search(names);
  const watchers = [before, after].map(watchersIn);
  const parted = names.flatMap((name) => {
    const sides = watchers.map((watchersOf) => watchersOf(name));
    const isParted = sides.every((all) =>
      all.some((one) => isMain(one, name) && flagsOf(one.held.object.body).get(SELECTOR)),
    );
    const [was, now] = [indexWatchers(sides[0]!), indexWatchers(sides[1]!)];
    return isParted ? [{ name, was, now, all: sides[1]! }] : [];
  });
  return (held, old) => {
    const unserved = findUnserved(held, old, tree, sharding);
    if (unserved) return unserved;
    const { key, body } = held.object;
    if (!held.by || held.by.fixed || isSuspended(held)) return [];
    const found = parted.find(({ name }) => LOOKS_AFTER[name]!.test(groupKindHere(key)));
    if (!found || !leaveOut(found.now, held) || !leaveOut(found.was, held)) return [];
    if (old && !isSuspended(old) && leaveOut(found.was, old)) return [];
    return {
      path: ["metadata", ...(body?.metadata?.labels ? ["labels"] : [])],
      what: `is taken by no ${found.name}: each leaves it out by its labels, and what it says in Git does not arrive`,
      why: `${listSome(found.all.map(sayWatcher), 5)}. Flux reports no error.`,
      next: "Give it labels that one of them looks for, or add a controller that takes it first.",
    };
  };
}

/** A label that hands an object to a shard of which nothing says that it runs. */
function findUnserved(held: Held, was: Held | undefined, tree: Tree, sharding: YamlData): Stop | undefined {
  const key = typeof sharding?.key === "string" ? sharding.key : SHARD_KEY;
  const [shard, old]: unknown[] = [labelsOf(held)[key], was && labelsOf(was)[key]];
  if (typeof shard !== "string" || shard === old || shard.includes("${")) return undefined;
  const shards = itemsOf(sharding?.shards).filter((one) => typeof one === "string");
  const served = remember(tree, "served shards", key, () => findServed(tree, key));
  if (shards.includes(shard) || served.shards.has(shard)) return undefined;
  const stop = {
    path: ["metadata", "labels", key],
    what: `goes to shard ${shard} by its label ${key}, and no controller serves that shard`,
    why: "The other controllers leave out what has such a label, so Flux reconciles it no more and reports no error.",
    next:
      shards.length > 0
        ? `Name one of the shards ${listSome(shards, LISTED)}, or add ${shard} to the FluxInstance first.`
        : "Take the label out, or add the controllers of that shard first.",
  };
  const isSharded = shards.length > 0 || served.isNamed;
  return isSharded
    ? stop
    : {
        ...stop,
        look: `look at ${SELECTOR} of the controllers with kubectl get deploy -n flux-system -o yaml`,
      };
}

/** The shards that controllers of the tree select by a label: `key=one`, `key in (one, two)`. */
function findServed(tree: Tree, key: string): { shards: ReadonlySet<string>; isNamed: boolean } {
  const texts = tree.grep(SELECTOR.slice(2)).map((file) => tree.read(file) ?? "");
  const ends = texts.flatMap((text) => text.split(key).slice(1));
  const shards = ends.flatMap((end) => {
    const [, one, list] = /^\s*(?:==?\s*([\w.-]+)|in\s*\(([^()]*)\))/.exec(end) ?? [];
    return one === undefined ? (list ?? "").split(",").map((item) => item.trim()) : [one];
  });
  return { shards: new Set(shards), isNamed: ends.length > 0 };
}
