import { printKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { readFiles } from "../../change/touched.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Holder, World } from "../../change/world.ts";
import { isYamlPath, objectAt } from "../../cluster/objects.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { groupBy, indexBy } from "../../contract/group-by.ts";
import { itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile, kustomizationOf, selectedBy, startPatching } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import type { Stop } from "../stopped.ts";

/** What a FluxKustomization builds from two trees. */
export interface Sides {
  holder: Holder;
  was: readonly OwnedObject[];
  is: readonly OwnedObject[];
  old: Tree;
  tree: Tree;
  artifactRoot: string;
}

/**
 * Patches and replacements that stay as they are and that an object leaves by getting another name, label or annotation:
 * kustomize says nothing of that.
 */
export function findLeftPatches({ holder, was, is, old, tree, artifactRoot }: Sides, after: World): Stop[] {
  const moved = [...listRenamed(was, is), ...listRelabelled(was, is)];
  if (moved.length === 0) return [];
  const { spec } = holder.spec.data;
  const lists = [...readFiles(tree, spec, artifactRoot)].filter((file) => isKustomizationFile(file) && old.has(file));
  const isShared = ({ file, target }: Target) =>
    after.holders.some(({ key, spec: { data } }) => {
      if (key === holder.key) return false;
      return file === undefined
        ? listTargets(data.spec).some((one) => say(one.target) === say(target))
        : readFiles(tree, data.spec, artifactRoot).has(file);
    });
  const targets = [...listTargets(spec), ...lists.flatMap((file) => listTargetsIn(tree, file))];
  const pairs = moved.map((one): Pair => ({ ...one, was: itemOf(old, one.from), now: itemOf(tree, one.to) }));
  const byKind = groupBy(pairs, ({ from }) => from.kind);
  const items = once(() => is.flatMap((one) => itemOf(tree, one) ?? []));
  const byWord = once(() => indexBy(targets, ({ target }) => wordsOf(target)));
  const isTaken = ({ was, now }: Pair, { key, to }: Mark) =>
    (to === undefined ? [] : (byWord().get(to) ?? [])).some(
      ({ target }) => wordsOf(target).includes(key) && matches([now], target) && !matches([was], target),
    );
  return targets.flatMap((one): Stop | [] => {
    const { target } = one;
    const some = /^\w+$/.test(String(target.kind ?? "")) ? (byKind.get(target.kind) ?? []) : pairs;
    const all = findLost(some, target).map((pair) => ({ ...pair, mark: readMark(pair, target) }));
    if (all.length === 0) return [];
    const isIdle = !matches(items(), target);
    // Whoever takes a mark off may mean it, above all where the patch is for all that bear it.
    const isMeant: Record<How, (pair: Pair, mark: Mark) => boolean> = {
      slip: isTaken,
      edited: (pair, mark) => !isIdle || isTaken(pair, mark),
      gone: () => !isIdle || isShared(one),
      refused: () => true,
    };
    const [first, ...others] = all.filter((pair) => {
      if (pair.from.key !== pair.to.key) return isIdle;
      return pair.mark !== undefined && !isMeant[pair.mark.how](pair, pair.mark);
    });
    return first ? sayLeft(one, first, others.length, isIdle) : [];
  });
}

/** @param more how many other objects leave the target @param isIdle whether it matches nothing any more */
function sayLeft({ target, noun, path, file }: Target, left: Left, more: number, isIdle: boolean): Stop {
  const mark = left.from.key === left.to.key ? left.mark : undefined;
  const at: Loc | undefined = mark ? left.to.at : file === undefined ? undefined : lineOf(file);
  const becomes = mark?.says ?? `which becomes ${printKey(left.to.key)}`;
  const rest = more === 0 ? "" : `, and for ${more} more that leave${more > 1 ? "" : "s"} it`;
  const fewer = more === 0 ? "to one object fewer" : `to ${more + 1} objects fewer`;
  const those = more === 0 ? "that object" : "those objects";
  const these = more === 0 ? "this one" : "these";
  return {
    path,
    ...(at ? { at } : {}),
    rule: "setting-lost",
    what: `applies a ${noun} ${isIdle ? "no more" : fewer}: it is for ${printKey(left.from.key)}, ${becomes}${rest}, and kustomize then leaves ${isIdle ? `the ${noun}` : those} out without a word`,
    why: `Its target ${say(target)} matches ${isIdle ? "nothing any more" : `others, and ${these} no more`}.`,
    next: `Correct the ${mark?.noun ?? "target"}, or take the ${noun} out if nobody wants it any more.`,
  };
}

/** A pair of which only the first is selected by a target. */
interface Left extends Pair {
  mark: Mark | undefined;
}

interface Moved {
  from: OwnedObject;
  to: OwnedObject;
  /** Labels and annotations that it has no longer, or with another value. */
  edited?: ReadonlySet<string>;
}

type Item = ReturnType<typeof startPatching>;

/** With what the selectors of patches look at. */
interface Pair extends Moved {
  was: Item | undefined;
  now: Item | undefined;
}

/** Those of some pairs that a target selects before and no longer after. */
function findLost(pairs: readonly Pair[], target: YamlData): Pair[] {
  const words = wordsOf(target);
  const some = pairs.filter(({ edited }) => !edited || words.some((word) => edited.has(word)));
  const own = some.filter(({ was }) => was);
  const selected = selectedBy(
    own.flatMap(({ was }) => was ?? []),
    target,
  );
  return (selected ?? []).flatMap((index) => own[index]!).filter(({ now }) => !matches([now], target));
}

/** The words that the selectors of a target hold. */
function wordsOf(target: YamlData): string[] {
  return MARKS.flatMap(([, selector]) => splitWords(target[selector]));
}

const splitWords = (selector: YamlData): string[] => String(selector ?? "").split(/[\s,()=!]+/);

/** Objects whose document stays at its place and makes a new one of the same kind; where one before it goes, others move up. */
function listRenamed(old: readonly OwnedObject[], now: readonly OwnedObject[]): Moved[] {
  const known = new Set(old.map(({ key }) => key));
  const kept = new Set(now.map(({ key }) => key));
  const gone = old.filter(({ key, at }) => at && !kept.has(key));
  const placeOf = ({ kind, at, doc }: OwnedObject) => `${kind} ${at?.file} ${doc}`;
  const byPlace = groupBy(
    now.filter(({ key }) => !known.has(key)),
    placeOf,
  );
  return gone.flatMap((from) => {
    const [to, ...others] = byPlace.get(placeOf(from)) ?? [];
    return to && others.length === 0 ? [{ from, to }] : [];
  });
}

const MARKS = [
  ["labels", "labelSelector"],
  ["annotations", "annotationSelector"],
] as const;

/** Objects that stay, and lose a label or an annotation, or get another value for it. */
function listRelabelled(old: readonly OwnedObject[], now: readonly OwnedObject[]): Moved[] {
  const known = new Map(old.map((one) => [one.key, one]));
  return now.flatMap((to) => {
    const from = known.get(to.key);
    if (!from || from.body === to.body || !isMap(from.body) || !isMap(to.body)) return [];
    const edited = MARKS.flatMap(([field]) =>
      listEdited(from.body.metadata[field], to.body.metadata[field]).map(({ key }) => key),
    );
    return edited.length > 0 ? [{ from, to, edited: new Set(edited) }] : [];
  });
}

function listEdited(old: YamlData, now: YamlData): { key: string; from: string; to: string | undefined }[] {
  return Object.entries(isMap(old) ? old : {}).flatMap(([key, value]) => {
    const to: YamlData = isMap(now) ? now[key] : undefined;
    if (String(to) === String(value) || isOpenText(value) || isOpenText(to)) return [];
    return { key, from: String(value), to: to === undefined ? undefined : String(to) };
  });
}

type How = "slip" | "edited" | "gone" | "refused";

interface Mark {
  how: How;
  key: string;
  to: string | undefined;
  noun: string;
  says: string;
}

/** Values by which an object says that it is not meant. */
const REFUSES = /^(?:f|false|no?|off|disabled?|none|never|0|skip|ignored?)$/i;

/** What of an object the selectors of a target ask for, and no longer find. */
export function readMark({ from, to }: Moved, target: YamlData): Mark | undefined {
  for (const [field, selector] of MARKS) {
    const [old, now]: YamlData[] = [from.body?.metadata?.[field], to.body?.metadata?.[field]];
    const asked = splitWords(target[selector]);
    const noun = field.slice(0, -1);
    for (const { key, from: value, to: next } of listEdited(old, now).filter((one) => asked.includes(one.key))) {
      const added = Object.keys(isMap(now) ? now : {}).filter((one) => !isMap(old) || !Object.hasOwn(old, one));
      const near = next === undefined ? findNear(key, added) : undefined;
      const says = `whose ${noun} ${key}: ${value} ${near ? `becomes ${near}` : next === undefined ? "goes" : `becomes ${next}`}`;
      const mark = { key, to: next, noun, says };
      if (near) return { ...mark, how: "slip" };
      if (next === undefined) return { ...mark, how: "gone" };
      // A selector that names the value and does not select it is for all others.
      if (REFUSES.test(next) || asked.includes(next)) return { ...mark, how: "refused" };
      return { ...mark, how: findNear(next, [value], { short: 3 }) ? "slip" : "edited" };
    }
  }
  return undefined;
}

interface Target {
  target: YamlData;
  noun: "patch" | "replacement";
  path: readonly (string | number)[];
  /** Of a kustomization. */
  file?: string;
}

function listTargets(spec: YamlData): Target[] {
  return listPatches(spec).flatMap(({ one, at }): Target | [] =>
    isMap(one?.target) ? { target: one.target, noun: "patch", path: ["spec", ...at, "target"] } : [],
  );
}

/** Patches of a kustomization or of a FluxKustomization that may have a target, those of the older list included. */
export function listPatches(spec: YamlData): { one: YamlData; at: [list: string, index: number] }[] {
  return ["patches", "patchesJson6902"].flatMap((list) =>
    itemsOf(spec?.[list]).map((one, index) => ({ one, at: [list, index] as [string, number] })),
  );
}

/** Replacements of a kustomization, those of files included. */
export function listReplacements(tree: Tree, file: string): YamlData[] {
  const data: YamlData = kustomizationOf(tree, dirname(file))?.data;
  return itemsOf(data?.replacements).flatMap((one): YamlData[] => {
    if (typeof one?.path !== "string") return [one];
    const read = readYamlCached(tree.read(join(dirname(file), one.path)) ?? "");
    return read.ok ? read.docs.flatMap((doc) => doc.data) : [];
  });
}

function listTargetsIn(tree: Tree, file: string): Target[] {
  return [
    ...listTargets(kustomizationOf(tree, dirname(file))?.data).map((one) => ({ ...one, file })),
    ...listReplacements(tree, file)
      .flatMap((one) => itemsOf(one?.targets))
      .flatMap(({ select }): Target | [] =>
        isMap(select) ? { target: asPattern(select), noun: "replacement", path: ["spec"], file } : [],
      ),
  ];
}

/** A target of a patch reads names as patterns. */
export function asPattern(select: YamlData): YamlData {
  const ids = ["name", "namespace"].filter((field) => typeof select[field] === "string");
  return { ...select, ...Object.fromEntries(ids.map((field) => [field, escapeRegExp(select[field])])) };
}

/** Whether a target selects any object, by the name that it has now or in its document; errs towards yes. */
export function selects(tree: Tree, objects: Iterable<OwnedObject>, target: YamlData): boolean {
  return matches(
    [...objects].map((one) => itemOf(tree, one)),
    target,
  );
}

/** Whether a target may select an object of which no more than its name is known, such as a CRD of a release of Flux. */
export function maySelect({ kind, name, body }: OwnedObject, target: YamlData): boolean {
  if (isMap(body)) return false;
  const { kind: kinds, name: names } = target;
  return matches([startPatching({ kind, metadata: { name } })], { kind: kinds, name: names });
}

function itemOf(tree: Tree, { body, at, doc }: OwnedObject): Item | undefined {
  if (!isMap(body)) return undefined;
  const written = at && isYamlPath(at.file) ? objectAt(tree, at.file, doc) : undefined;
  const formerNamespace = written && written.namespace !== body.metadata?.namespace ? written.namespace : "";
  return startPatching(body, written ? [written.name] : [], { formerNamespace });
}

function matches(items: readonly (Item | undefined)[], target: YamlData): boolean {
  const found = selectedBy(
    items.flatMap((one) => one ?? []),
    target,
  );
  return found === undefined || found.length > 0;
}

/** A target as text. */
export function say(target: YamlData): string {
  return JSON.stringify(sortKeys(target));
}
