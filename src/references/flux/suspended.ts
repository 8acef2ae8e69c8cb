import { printKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import { listReferences } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import type { YamlData } from "../../contract/objects.ts";
import { isNeeded } from "../new-references.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { GENERATOR_MARK, isPausedBy } from "./paused.ts";
import { isWaitedFor } from "./waits.ts";

const NEXT = "Take the edit back; to pause for a while, suspend a single app, or use flux suspend.";

/** FluxKustomizations that the change suspends, and what comes to a halt with them. */
export function findSuspended(given: Given, changed: ReadonlySet<string>): Stopped[] {
  return [
    ...findSuspendedParents(given),
    ...findStuckDependents(given),
    ...findStuckReleases(given),
    ...findSuspendedTogether(given, changed),
  ];
}

/**
 * Releases that depend on one that comes suspended, and so never was ready. One that is suspended later stays ready for
 * helm-controller (checkDependencies).
 */
function findStuckReleases({ before, after }: Given): Stopped[] {
  const listWaits = ({ object }: Held) => {
    const spec: YamlData = object.body?.spec;
    if (!object.release || spec?.suspend === true) return [];
    return listReferences(object).filter((one) => isWaitedFor(object, one));
  };
  return stopsOf({ before, after }, (held, was) => {
    if (held.by?.fixed) return [];
    const known = new Set(was ? listWaits(was).map(({ target }) => target) : []);
    return listWaits(held).flatMap(({ path, target }) => {
      const on = known.has(target) ? undefined : after.find(target);
      if (!on?.object.release || on.object.body?.spec?.suspend !== true || before.has(target)) return [];
      return {
        path,
        what: `depends on ${printKey(on.object.key)}, which comes suspended: it is never ready, and this waits for it`,
        why: "helm-controller installs nothing that is suspended, and what depends on a release waits until that was installed once.",
        next: "Leave it out of dependsOn, or leave suspend out of that one.",
      };
    });
  });
}

/** What is suspended although its own file stays as it is: by a patch of what applies it, which suspends more than is meant. */
function findSuspendedTogether({ before, after }: Given, changed: ReadonlySet<string>): Stopped[] {
  const isNew = ({ object, by }: Held) =>
    (object.flux ?? object.release)?.suspend === true &&
    by?.fixed === false &&
    object.at !== undefined &&
    !changed.has(object.at.file) &&
    isRunning(before.objects.get(object.key));
  const groups = groupBy(
    after.all.filter(isNew),
    (held) => `${causeOf(held, after, changed)?.object.key} ${held.object.kind}`,
  );
  return [...groups.values()].flatMap((all) => {
    const [first, ...rest] = all as [Held, ...Held[]];
    if (rest.length === 0) return [];
    const isOneParent = rest.every(({ by }) => by?.key === first.by?.key);
    const cause = causeOf(first, after, changed) ?? (isOneParent ? after.objects.get(first.by!.key) : undefined);
    const { kind } = first.object;
    const lost = "what changes of them in Git does not arrive any more";
    return {
      ...{ held: cause ?? first, path: ["spec"] },
      ...(cause ? {} : { others: rest }),
      what: cause
        ? `suspends ${all.length} ${kind}s from then on, ${sayNames(all)}: ${lost}`
        : `is suspended from then on, and so ${rest.length > 1 ? `are ${kind}s` : `is ${kind}`} ${sayNames(rest)}: ${lost}`,
      why: "None of their own files says so: a patch, a component or a variable does, for all that it fits.",
      next: "Narrow the target of the patch down to the one that is meant, or say suspend: true in its own file.",
    };
  });
}

/** The nearest FluxKustomization above an object whose own file the change edits: its patches go on to all below it. */
function causeOf(held: Held, { objects }: World, changed: ReadonlySet<string>): Held | undefined {
  const seen = new Set<string>();
  for (let key = held.by?.key; key !== undefined && !seen.has(key); key = objects.get(key)?.by?.key) {
    seen.add(key);
    const parent = objects.get(key);
    if (parent?.object.at && changed.has(parent.object.at.file)) return parent;
  }
  return undefined;
}

/** `suspend: true` on a FluxKustomization that holds others, or itself: what they become does not arrive any more. */
function findSuspendedParents({ before, after }: Given): Stopped[] {
  return after.holders.flatMap((holder) => {
    const { key, spec, fixed } = holder;
    const held = after.objects.get(key);
    const was = before.holdersOf(key);
    if (fixed || !held || !spec.suspend || was.length === 0 || was.some((one) => one.spec.suspend)) return [];
    // What is suspended keeps what it applied before.
    const others = [...after.objectsOf(holder)].filter((child) => child.key !== key);
    const children = others.filter((child) => child.flux).length;
    const isRoot = held.by?.key === key;
    if (children === 0 && !isRoot) return [];
    const isOwn = held.by === undefined || isRoot;
    const end = isOwn
      ? " Nothing applies its own manifest either, so taking the line out again in Git has no effect: flux resume does."
      : "";
    return {
      held,
      path: ["spec", "suspend"],
      what: `is suspended from then on: no change of ${sayApplied(children, others.length)} arrives any more`,
      why: `It lasts for as long as it is suspended, and Flux reports no error.${end}`,
      next: NEXT,
    };
  });
}

function sayApplied(children: number, all: number): string {
  if (children === 0) return all === 0 ? "itself" : `the ${all > 1 ? `${all} objects` : "object"} it applies`;
  return `the ${children > 1 ? `${children} Kustomizations` : "Kustomization"} it applies`;
}

const isRunning = (held: Held | undefined): boolean => held !== undefined && held.object.body?.spec?.suspend !== true;

const isGenerator = ({ kind }: OwnedObject) => kind === "ArtifactGenerator";

function isPaused({ object }: Held): boolean {
  const { metadata, spec } = object.body ?? {};
  return isGenerator(object) ? isPausedBy(metadata?.annotations, GENERATOR_MARK) : spec?.suspend === true;
}

/** The same of a source that FluxKustomizations read, or of what makes one. */
export function findSuspendedSource(
  { before, after }: Pick<Given, "before" | "after">,
  held: Held,
  was: Held | undefined,
): Stop | [] {
  const { key, flux } = held.object;
  if (flux || !isPaused(held) || (was && isPaused(was))) return [];
  const made = isGenerator(held.object) ? listMade(held.object).map((one) => one.key) : [key];
  // What is read already, and only comes to Git, was fetched before.
  const sources = made.filter((source) => was || !isNeeded(before, source));
  const readers = sources.reduce((sum, source) => sum + countReaders(after, source), 0);
  if (readers === 0) return [];
  const path = isGenerator(held.object) ? ["metadata", "annotations", GENERATOR_MARK] : ["spec", "suspend"];
  if (!was)
    return {
      path,
      what: `comes suspended: it is never fetched, and the ${readers > 1 ? `${readers} Kustomizations that read it wait` : "Kustomization that reads it waits"} for it`,
      why: "Flux fetches nothing for what is suspended, and what reads it is not applied before it was fetched once.",
      next: "Leave suspend out.",
    };
  return {
    path,
    what: `is suspended from then on: no commit reaches the ${readers > 1 ? `${readers} Kustomizations that read` : "Kustomization that reads"} it`,
    why: "Flux goes on with the last artifact and reports no error. Where they apply this source too, taking the line out again in Git has no effect: flux resume does.",
    next: NEXT,
  };
}

/** FluxKustomizations at work that read a source; a check of health reads nothing. */
export function countReaders(after: World, source: string): number {
  const isReader = (held: Held) =>
    held.object.flux &&
    !isSuspended(held) &&
    listReferences(held.object).some((one) => isRead(one) && one.target === source);
  return after.all.filter(isReader).length;
}

const isRead = ({ field }: { field: string }) => field === "spec.sourceRef";

const SHOWN = 3;

/**
 * What depends on a suspended FluxKustomization: one that reads the same source waits until that has applied its revision,
 * and any other for one that never was ready (checkDependencies of kustomize-controller).
 */
function findStuckDependents(given: Given): Stopped[] {
  const { before, after } = given;
  const isNew = ({ object }: Held) => !isSuspended(before.objects.get(object.key));
  const paused = after.all.filter((held) => isSuspended(held) && isNew(held));
  after.search(paused.map(({ object }) => object.name));
  const stuck = after.all.flatMap((held) => {
    const was = before.objects.get(held.object.key);
    const known = new Set(was ? listVainWaits(before, was).map(({ on }) => on.object.key) : []);
    return listVainWaits(after, held, before).filter(({ on }) => !known.has(on.object.key));
  });
  return [...groupBy(stuck, ({ on }) => on.object.key).values()].flatMap((waits) => {
    const [{ on }] = waits as [VainWait];
    if (!paused.includes(on)) return waits.map(({ held, path }) => ({ held, path, ...sayWaiting(on) }));
    return [{ held: on, path: ["spec", "suspend"], ...sayDependents(waits.map(({ held }) => held)) }];
  });
}

interface VainWait {
  held: Held;
  /** Where it says so. */
  path: readonly (string | number)[];
  on: Held;
}

/** @param past what was there before; what was not is never ready */
function listVainWaits(world: World, held: Held, past = world): VainWait[] {
  if (!held.object.flux || isSuspended(held)) return [];
  const references = listReferences(held.object);
  const sourceOf = (one: Held) => listReferences(one.object).find(isRead)?.target;
  return references.flatMap((reference) => {
    if (!isWaitedFor(held.object, reference)) return [];
    const { path, target } = reference;
    const on = world.find(target);
    const isStuck = on && isSuspended(on) && (sourceOf(on) === sourceOf(held) || !past.has(target));
    return isStuck ? [{ held, path, on }] : [];
  });
}

function isSuspended(held: Held | undefined): boolean {
  return held?.object.flux !== undefined && held.object.body?.spec?.suspend === true;
}

function sayNames(held: readonly Held[]): string {
  const names = held.map(({ object }) => object.name);
  return listSome(names, SHOWN);
}

function sayDependents(held: readonly Held[]) {
  const names = sayNames(held);
  const [who, them] =
    held.length > 1 ? [`Kustomizations ${names} depend`, "them"] : [`Kustomization ${names} depends`, "it"];
  return {
    what: `is suspended from then on: ${who} on it, and no further commit reaches ${them}`,
    why: "What depends on another Kustomization of the same source waits until that has applied the same commit, which it does not while it is suspended.",
    next: `Take it out of their dependsOn first, suspend ${them} as well if that is meant, or take the edit back.`,
  };
}

function sayWaiting(on: Held) {
  return {
    what: `depends on ${printKey(on.object.key)}, which is suspended: no further commit reaches it`,
    why: "It waits until that has applied the same commit, which it does not while it is suspended.",
    next: "Leave it out of dependsOn for as long as it is suspended.",
  };
}
