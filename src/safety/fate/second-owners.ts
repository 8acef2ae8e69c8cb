import { type ObjectKey, ownerName, printKey, sayOwner, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { isSettings, withoutHash } from "../../change/generated-names.ts";
import type { FluxSpec, Harm, Outcome, OwnedObject } from "../../change/types.ts";
import { buildOf, buildsAt, type Course, type FluxHistory } from "../../change/variants.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { andMore, withOthers } from "../../contract/list-some.ts";
import { sortKeys, type YamlData } from "../../contract/objects.ts";
import { dirname, normalizePath } from "../../delivery/paths.ts";
import { isMap } from "../../yaml/is-map.ts";
import { judgeLoss } from "./danger.ts";

/** Less than this is often shared on purpose, such as a ConfigMap or the Namespace that several apps bring along. */
const WORTH = 3;

/** Whether a second owner of an object is likely a mistake. */
export function isWorthAnOwner({ key, kind }: Pick<Outcome, "key" | "kind">): boolean {
  return kind !== "Namespace" && judgeLoss(key).rank >= WORTH;
}

/** Whether it matters that another one goes on applying it: of generated settings each name has one content. */
export function isWorthALook(object: Pick<Outcome, "key" | "kind">): boolean {
  return isWorthAnOwner(object) || withoutHash(object.key) === undefined;
}

/**
 * Finds FluxKustomizations that come to objects which another one goes on delivering, such as a copied `ks.yaml` in which
 * the path was forgotten: both apply them, and whichever goes first deletes them. Not where one of both cannot delete. What
 * several bring along on purpose says the same in each, and what comes into a folder that both deliver is no news.
 */
export function findSecondOwners(outcomes: readonly Outcome[], course: Course): Harm[] {
  const { histories } = course;
  const byName = new Map([...histories.values()].map((history) => [ownerName(history.key), history]));
  const prunes = (name: string) =>
    byName.get(name)?.configs.some(({ spec, stage }) => stage === 2 && spec.prune && !spec.suspend) ?? false;
  const todayOf = (name: string) => objectsToday(byName.get(name), course);
  const found = new Map<string, Outcome[]>();
  const shared = new Map<string, ReadonlySet<string>>();
  const held = new Map<string, (key: ObjectKey) => boolean>();
  const mayHold = (name: string) => getOrMake(held, name, () => readFailed(byName.get(name), course));
  for (const outcome of outcomes) {
    const { before, after } = outcome;
    // Of what comes with two owners the one is as good as the other.
    const [first, ...others] = before.length > 0 ? before : after.slice(0, 1);
    if (first === undefined || others.length > 0 || !after.includes(first) || after.length < 2) continue;
    const isWorth = isWorthAnOwner(outcome) && prunes(first);
    const objectIn = (name: string) => readObject(byName.get(name), outcome.key, course);
    // What lacks its namespace is refused for that.
    if (before.length === 0 && objectIn(first)?.namespace === "" && splitKey(outcome.key).namespace !== "") continue;
    const folderIn = (name: string) => (before.length === 0 ? dirname(objectIn(name)?.at?.file ?? "") : "");
    const folder = folderIn(first);
    const bodyIn = (name: string) => bodyOf(objectIn(name));
    const isTaken = (name: string) => {
      const own = objectIn(name);
      return own?.renamed === true && !own.spared && !objectIn(first)?.renamed && prunes(name);
    };
    const differ = outcome.kind === "Namespace" ? marksDiffer : isSettings(outcome.key) ? contradicts : saysOther;
    for (const second of after) {
      const isOther = () => before.length > 0 && differ(bodyIn(first), bodyIn(second));
      const isDouble = isWorth ? prunes(second) : isOther() || isTaken(second);
      if (second === first || !isDouble || mayHold(second)(outcome.key)) continue;
      const pair = `${second}\0${first}`;
      const both = () => sharedFolders(todayOf(first), todayOf(second));
      if (folder !== "" && folder === folderIn(second) && getOrMake(shared, pair, both).has(folder)) continue;
      found.set(pair, [...(found.get(pair) ?? []), outcome]);
    }
  }
  return [...found].flatMap(([pair, [one, ...rest]]): Harm | [] => {
    const [second = "", first = ""] = pair.split("\0");
    const at = byName.get(second)?.at ?? one?.at;
    if (!one || !at) return [];
    return {
      resource: sayOwner(second),
      ...withOthers(rest.map(({ key }) => printKey(key))),
      at,
      what: `${sayOwner(second)} applies ${printKey(one.key)}${andMore(rest.length)} as well, which ${sayOwner(first)} ${one.before.length > 0 ? "goes on applying" : "applies"}.`,
      why: "Each sets the other's changes back, and whichever of both goes first, or drops the object, deletes it for the other too.",
      next: "Point spec.path at the folder that is meant, or give the objects another name or namespace.",
    };
  });
}

/** Folders from which two FluxKustomizations apply objects that are worth an owner. */
function sharedFolders(first: readonly OwnedObject[], second: readonly OwnedObject[]): ReadonlySet<string> {
  const keys = new Set(second.map(({ key }) => key));
  const both = first.filter((one) => keys.has(one.key) && isWorthAnOwner(one));
  return new Set(both.flatMap(({ at }) => (at ? dirname(at.file) : [])));
}

function objectsToday(history: FluxHistory | undefined, course: Course): OwnedObject[] {
  const builds = history ? buildsAt(course, history, 0) : [];
  return builds.flatMap((build) => (build.ok ? [...build.objects.values()] : []));
}

/**
 * Whether one that does not build today applied an object when it last built. Where nothing of it can be read, it may have
 * applied all that its folder comes to hold; another folder tells nothing.
 */
function readFailed(history: FluxHistory | undefined, course: Course): (key: ObjectKey) => boolean {
  const builds = history ? buildsAt(course, history, 0) : [];
  const known = builds.flatMap((build) => (build.ok ? [] : [build.partial?.()]));
  if (!history || known.length === 0) return () => false;
  const pathsAt = (stage: number) =>
    history.configs.filter((one) => one.stage === stage).map(({ spec }) => pathOf(spec));
  const old = pathsAt(0);
  const stays = pathsAt(2).some((path) => old.includes(path));
  return (key) => known.some((partial) => partial?.objects.has(key) ?? stays);
}

const pathOf = ({ data }: FluxSpec): string | undefined => normalizePath(String(data.spec.path ?? ""));

/** An object as its FluxKustomization applies it in the end. */
function readObject(history: FluxHistory | undefined, key: ObjectKey, course: Course): OwnedObject | undefined {
  const config = history?.configs.find(({ stage, spec }) => stage === 2 && !spec.suspend);
  const build = config && buildOf(course, config);
  return build?.ok ? build.objects.get(key) : undefined;
}

/** Ciphertext is another one each time, and what Flux leaves alone once it is there contradicts nothing. */
function bodyOf(object: OwnedObject | undefined): YamlData {
  return object?.encrypted || object?.body?.metadata?.annotations?.[SSA] ? undefined : object?.body;
}

const SSA = "kustomize.toolkit.fluxcd.io/ssa";

/** Whether each says something else beside metadata, as far as it can be read. */
function saysOther(one: YamlData, other: YamlData): boolean {
  if (!isMap(one) || !isMap(other) || (one as YamlData).apiVersion !== (other as YamlData).apiVersion) return false;
  const [was, is] = [one, other].map((body) => JSON.stringify(sortKeys({ ...body, metadata: null, status: null })));
  return was !== is && !isOpenText(was) && !isOpenText(is);
}

/** Labels and annotations of a Namespace by which something else works in it: whoever does not say them takes them off again. */
const EFFECTIVE =
  /^(?:pod-security\.kubernetes\.io\/enforce|istio-injection|istio\.io\/(?:rev|dataplane-mode)|linkerd\.io\/inject|volsync\.backube\/privileged-movers|kustomize\.toolkit\.fluxcd\.io\/prune)$/;

function marksDiffer(one: YamlData, other: YamlData): boolean {
  if (!isMap(one) || !isMap(other)) return false;
  const [was, is] = [one, other].map(({ metadata }: YamlData) => ({ ...metadata?.labels, ...metadata?.annotations }));
  return Object.keys({ ...was, ...is }).some((key) => {
    const [old, now]: unknown[] = [was[key], is[key]];
    return EFFECTIVE.test(key) && String(old) !== String(now) && !isOpenText(old) && !isOpenText(now);
  });
}

/** Whether both give a key, and another value, as far as values can be read. */
function contradicts(one: YamlData, other: YamlData): boolean {
  return ["data", "stringData", "binaryData"].some((field) => {
    const [was, is]: unknown[] = [one?.[field], other?.[field]];
    if (!isMap(was) || !isMap(is)) return false;
    const isOpen = (key: string) => isOpenText(was[key]) || isOpenText(is[key]);
    return Object.keys(is).some((key) => Object.hasOwn(was, key) && was[key] !== is[key] && !isOpen(key));
  });
}
