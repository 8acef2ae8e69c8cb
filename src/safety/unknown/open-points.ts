import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { withoutHash } from "../../change/generated-names.ts";
import type { Build, BuildUnknown, FailedBuild, OpenPoint, Risk } from "../../change/types.ts";
import { buildsAt, type Course, type FluxHistory } from "../../change/variants.ts";
import { andMore } from "../../contract/list-some.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { operand, sh } from "../../contract/shell.ts";
import { failsSurely } from "../operator/instance-refusal.ts";

interface OpenInput extends Course {
  risks: ReadonlyMap<ObjectKey, Risk>;
}

/**
 * What the change touches and cannot be read (docs/commands/verify.md): builds that fail or hold something unknown, and
 * do not read the same on both sides. What is new takes nothing away, so nothing about it is open.
 */
export function findOpenPoints(input: OpenInput): OpenPoint[] {
  const points = [...input.histories.values()].flatMap((history) => {
    if (!history.existed) return [];
    const goes = !history.delivered && input.risks.has(history.key);
    if (history.fixed) return goes ? whatGoes(input, history) : [];
    return [
      ...(goes ? whatGoes(input, history) : whatDiffers(input, history)),
      ...whatResumes(input, history),
      ...whatChangesPlace(history),
    ];
  });
  return [...points, ...whatOperatorFails(input)];
}

/** With a patch that does not apply the operator changes nothing any more, whatever its FluxInstance says. */
function whatOperatorFails({ before, after }: OpenInput): OpenPoint[] {
  const { failure, carriers } = after.operator ?? {};
  if (failure === undefined || failure.says === before.operator?.failure?.says) return [];
  if (failsSurely(before.operator, after.operator)) return [];
  const what = `cannot be built by the operator after this change (${failure.says})`;
  return [{ resource: printKey(carriers!.at(-1)!), what, look: "run flux-operator build instance", decides: true }];
}

/** One that goes takes along what cannot be seen here as well, unless it was measured. */
function whatGoes(input: OpenInput, history: FluxHistory): OpenPoint[] {
  if (input.inventory(history) || !history.configs.some(({ spec }) => spec.finalizes)) return [];
  const builds = buildsAt(input, history, 0);
  const failed = builds.find((build): build is FailedBuild => !build.ok);
  if (failed) {
    const what = `goes, and cannot be built as it is today (${failed.reason}): what it takes along cannot be seen here`;
    return [withMayGo(point(history, what, failed.at, true), "among it is", listLost(failed, undefined))];
  }
  return unknownsOf(builds).map((one) =>
    point(history, `goes, and takes along what cannot be read here: ${one.what}`, one.at),
  );
}

/** One that stays prunes what its next build lacks; with `prune: false` all along it cannot delete anything, and may still stop. */
function whatDiffers(input: OpenInput, history: FluxHistory): OpenPoint[] {
  const { configs } = history;
  if (configs.every(({ spec }) => spec.suspend)) return [];
  const old = buildsAt(input, history, 0);
  // One that the change suspends builds the new tree at most before it learns of that.
  const ends = configs.filter(({ stage }) => stage === 2);
  const isPaused = ends.length > 0 && ends.every(({ spec }) => spec.suspend);
  const now = buildsAt(input, history, isPaused ? 1 : 2);
  if (isPaused && now.length === 0) return [];
  const [oldFailed, nowFailed] = [old, now].map((builds) => builds.find((build): build is FailedBuild => !build.ok));
  const isOpen = !oldFailed && nowFailed?.unread;
  if (isOpen) return [point(history, `cannot be read after this change: ${nowFailed.reason}`, nowFailed.at, true)];
  if (!configs.some(({ spec }) => spec.prune)) return [];
  if (oldFailed && nowFailed) {
    if (keepsAll(oldFailed, nowFailed)) return [];
    const touches = nowFailed.unread ? "may touch" : "touches";
    const what = `cannot be built here, neither before this change, which ${touches} it, nor after (${nowFailed.reason}): what Flux applies and prunes for it cannot be seen`;
    const lost = listLost(oldFailed, nowFailed.partial?.()?.objects);
    return [withMayGo(point(history, what, nowFailed.at ?? oldFailed.at, true), LEAVES, lost)];
  }
  if (oldFailed) {
    if (input.inventory(history)) return [];
    const what = `does not build today (${oldFailed.reason}) and does after this change: what it applied when it last built, and prunes now, cannot be seen here`;
    const kept = new Map(now.flatMap((build) => (build.ok ? [...build.objects] : [])));
    return [withMayGo(point(history, what, oldFailed.at, true), LEAVES, listLost(oldFailed, kept))];
  }
  if (nowFailed) return [];
  const differing = differ(unknownsOf(old), unknownsOf(now), keepsKnown(old, now));
  // What stands at one place on both sides is one thing, such as a ref that changes: the new one is named.
  const places = new Map(differing.reverse().map((one) => [JSON.stringify(one.at ?? one.what), one]));
  // So is what only moved to another line.
  const things = new Map([...places.values()].map((one) => [JSON.stringify([one.what, one.at?.file]), one]));
  return [...things.values()].map((one) =>
    point(history, `is touched by this change and holds what cannot be read here: ${one.what}`, one.at),
  );
}

const LEAVES = "of what can be read of it, this change takes out";

/** Objects of what can be read of a build that fails, and that are not among those that are left; none is spared. */
function listLost(failed: FailedBuild, left: ReadonlyMap<ObjectKey, unknown> | undefined): ObjectKey[] {
  const all = [...(failed.partial?.()?.objects ?? [])];
  const isRenewed = makeRenewed(left?.keys() ?? []);
  return all.flatMap(([key, { spared }]) => (spared || left?.has(key) || isRenewed(key) ? [] : [key]));
}

/** Whether one of some objects is the same generated ConfigMap or Secret under another hash. */
function makeRenewed(keys: Iterable<ObjectKey>): (key: ObjectKey) => boolean {
  const stems = new Set([...keys].map(withoutHash).filter((stem) => stem !== undefined));
  return (key) => {
    const stem = withoutHash(key);
    return stem !== undefined && stems.has(stem);
  };
}

function withMayGo(open: OpenPoint, says: string, mayGo: readonly ObjectKey[]): OpenPoint {
  const [first, ...rest] = mayGo;
  if (first === undefined) return open;
  return { ...open, what: `${open.what}; ${says} ${printKey(first)}${andMore(rest.length)}`, mayGo };
}

/**
 * Whether a build that fails on both sides loses nothing, whatever the truth about the parts at which it fails: what can be
 * read of it stays as it is, and those parts read the same.
 */
function keepsAll(old: FailedBuild, now: FailedBuild): boolean {
  if (old.reads !== undefined && old.reads === now.reads) return true;
  if (old.unread || now.unread) return false;
  const [before, after] = [old.partial?.(), now.partial?.()];
  if (!before || !after) return false;
  const isRenewed = makeRenewed(after.objects.keys());
  const isKept = [...before.objects].every(
    ([key, { facts }]) => after.objects.get(key)?.facts === facts || (!after.objects.has(key) && isRenewed(key)),
  );
  return isKept && differ(before.unknown, after.unknown, true).length === 0;
}

/**
 * Unknowns that only one side has, or that read something else there.
 * @param isKept whether all that is known stays: then what only adds objects takes nothing away. A file of the change itself that
 * cannot be read could hold anything that would be said of it, had it been written as others are
 */
function differ(old: readonly BuildUnknown[], now: readonly BuildUnknown[], isKept: boolean): BuildUnknown[] {
  const lacks = (others: readonly BuildUnknown[]) => {
    const known = new Set(others.map(({ reads }) => reads));
    return ({ reads }: BuildUnknown) => !known.has(reads);
  };
  return [...now.filter(lacks(old)).filter(({ adds, own }) => own || !(isKept && adds)), ...old.filter(lacks(now))];
}

function keepsKnown(old: readonly Build[], now: readonly Build[]): boolean {
  const keysOf = (builds: readonly Build[]) => builds.flatMap((build) => (build.ok ? [...build.objects.keys()] : []));
  const kept = new Set(keysOf(now));
  return keysOf(old).every((key) => kept.has(key));
}

function unknownsOf(builds: readonly Build[]): BuildUnknown[] {
  return builds.flatMap((build) => (build.ok ? build.unknown : []));
}

/** What a suspended FluxKustomization holds is of the commit at which it was suspended (flux-facts 2.4 item 6). */
function whatResumes(input: OpenInput, history: FluxHistory): OpenPoint[] {
  const { configs } = history;
  const wasSuspended = configs.some(({ spec, stage }) => stage === 0 && spec.suspend);
  if (!wasSuspended || !configs.some(({ spec, stage }) => stage === 2 && !spec.suspend)) return [];
  if (input.inventory(history)) return [];
  const what = "is suspended today and resumes: what it applied before that, and prunes now, cannot be seen here";
  return [point(history, what, undefined, true)];
}

/** The inventory knows no clusters: what was applied to the old one is not pruned there (kustomize-controller, `prune`). */
function whatChangesPlace(history: FluxHistory): OpenPoint[] {
  const placesAt = (wanted: 0 | 2) =>
    history.configs.flatMap(({ spec, stage }) => (stage === wanted && !spec.suspend ? [spec.remote ?? ""] : []));
  const [old, now] = [new Set(placesAt(0)), placesAt(2)];
  if (old.size === 0 || now.every((place) => old.has(place))) return [];
  const what =
    "is applied to another cluster afterwards (kubeConfig): what it applied before stays where it is, nobody manages it any more, and the new one begins without its data";
  return [point(history, what, undefined, true)];
}

function point({ key, configs, at: place }: FluxHistory, what: string, at = place, isWhole = false): OpenPoint {
  const { kind, namespace, name } = splitKey(key);
  return {
    resource: printKey(key),
    what,
    look: ofOwn(LOOKS, kind)?.(name, namespace) ?? LOOKS.Kustomization!(name, namespace),
    ...(at ? { at } : {}),
    ...(isWhole ? { specs: configs.map(({ spec }) => spec) } : {}),
  };
}

/** Where to look, by what applies the objects. */
const LOOKS: Readonly<Record<string, (name: string, namespace: string) => string>> = {
  Kustomization: (name, namespace) =>
    `compare what ${sh`flux build kustomization ${operand(name)} -n ${namespace}`.line} gives on both sides with what ${sh`flux tree kustomization ${operand(name)} -n ${namespace}`.line} shows`,
  ResourceSet: (name, namespace) =>
    `compare what flux-operator build rset gives on both sides with what ${sh`flux-operator tree rset ${name} -n ${namespace}`.line} shows`,
  HelmRelease: (name, namespace) =>
    `give verify a helm to render it with (--helm PATH), or compare what helm template gives on both sides with helm get manifest for HelmRelease ${namespace}/${name}`,
};
