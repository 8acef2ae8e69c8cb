import { isYamlPath, objectAt } from "../../cluster/objects.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import { isKustomizationFile, kustomizationOf, selectedBy, startPatching } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { printKey } from "../key.ts";
import { isOpenText } from "../open-text.ts";
import { readFiles } from "../touched.ts";
import type { OwnedObject } from "../types.ts";
import { findNear } from "./near.ts";
import type { Stop } from "./stopped.ts";
import type { Holder, World } from "./world.ts";

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
  return targets.flatMap((one): Stop | [] => {
    const { target, noun, path, file } = one;
    const lost = moved.find(({ from, to }) => selects(old, [from], target) && !selects(tree, [to], target));
    if (!lost) return [];
    const isIdle = !selects(tree, is, target);
    const mark = lost.from.key === lost.to.key ? readMark(lost, target) : undefined;
    // Whoever takes a mark off may mean it, above all where the patch is for all that bear it.
    const isMeant = { slip: false, edited: !isIdle, gone: !isIdle || isShared(one), refused: true, renamed: !isIdle };
    if (isMeant[mark?.how ?? (lost.from.key === lost.to.key ? "refused" : "renamed")]) return [];
    const at: Loc | undefined = mark ? lost.to.at : file === undefined ? undefined : lineOf(file);
    return {
      path,
      ...(at ? { at } : {}),
      rule: "setting-lost",
      what: `applies a ${noun} ${isIdle ? "no more" : "to one object fewer"}: it is for ${printKey(lost.from.key)}, ${mark?.says ?? `which becomes ${printKey(lost.to.key)}`}, and kustomize then leaves ${isIdle ? `the ${noun}` : "that object"} out without a word`,
      why: `Its target ${say(target)} matches ${isIdle ? "nothing any more" : "others, and this one no more"}.`,
      next: `Correct the ${mark?.noun ?? "target"}, or take the ${noun} out if nobody wants it any more.`,
    };
  });
}

interface Moved {
  from: OwnedObject;
  to: OwnedObject;
}

/** Objects whose document stays at its place and makes another one of the same kind. */
function listRenamed(old: readonly OwnedObject[], now: readonly OwnedObject[]): Moved[] {
  const kept = new Set(now.map(({ key }) => key));
  const gone = old.filter(({ key, at }) => at && !kept.has(key));
  const placeOf = ({ kind, at, doc }: OwnedObject) => `${kind} ${at?.file} ${doc}`;
  const byPlace = groupBy(gone.length === 0 ? [] : now, placeOf);
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
    const differs = MARKS.some(
      ([field]) => listEdited(from.body?.metadata?.[field], to.body?.metadata?.[field]).length > 0,
    );
    return differs ? [{ from, to }] : [];
  });
}

function listEdited(old: YamlData, now: YamlData): { key: string; from: string; to: string | undefined }[] {
  return Object.entries(isMap(old) ? old : {}).flatMap(([key, value]) => {
    const to: YamlData = isMap(now) ? now[key] : undefined;
    if (String(to) === String(value) || isOpenText(value) || isOpenText(to)) return [];
    return { key, from: String(value), to: to === undefined ? undefined : String(to) };
  });
}

interface Mark {
  how: "slip" | "edited" | "gone" | "refused";
  noun: string;
  says: string;
}

/** Values by which an object says that it is not meant. */
const REFUSES = /^(?:f|false|no?|off|disabled?|none|never|0|skip|ignored?)$/i;

/** What of an object the selectors of a target ask for, and no longer find. */
function readMark({ from, to }: Moved, target: YamlData): Mark | undefined {
  for (const [field, selector] of MARKS) {
    const [old, now]: YamlData[] = [from.body?.metadata?.[field], to.body?.metadata?.[field]];
    const asked = String(target[selector] ?? "").split(/[\s,()=!]+/);
    const noun = field.slice(0, -1);
    for (const one of listEdited(old, now).filter(({ key }) => asked.includes(key))) {
      const added = Object.keys(isMap(now) ? now : {}).filter((key) => !isMap(old) || !Object.hasOwn(old, key));
      const near = one.to === undefined ? findNear(one.key, added) : undefined;
      const says = `whose ${noun} ${one.key}: ${one.from} ${near ? `becomes ${near}` : one.to === undefined ? "goes" : `becomes ${one.to}`}`;
      if (near) return { how: "slip", noun, says };
      if (one.to === undefined) return { how: "gone", noun, says };
      if (REFUSES.test(one.to)) return { how: "refused", noun, says };
      return { how: findNear(one.to, [one.from], { short: 3 }) ? "slip" : "edited", noun, says };
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
  return itemsOf(spec?.patches).flatMap((one, index): Target | [] =>
    isMap(one?.target) ? { target: one.target, noun: "patch", path: ["spec", "patches", index, "target"] } : [],
  );
}

function listTargetsIn(tree: Tree, file: string): Target[] {
  const data: YamlData = kustomizationOf(tree, dirname(file))?.data;
  const replacements = itemsOf(data?.replacements).flatMap((one): YamlData[] => {
    if (typeof one?.path !== "string") return [one];
    const read = readYamlCached(tree.read(join(dirname(file), one.path)) ?? "");
    return read.ok ? read.docs.flatMap((doc) => doc.data) : [];
  });
  return [
    ...listTargets(data).map((one) => ({ ...one, file })),
    ...replacements
      .flatMap((one) => itemsOf(one?.targets))
      .flatMap(({ select }): Target | [] =>
        isMap(select) ? { target: asPattern(select), noun: "replacement", path: ["spec"], file } : [],
      ),
  ];
}

/** A target of a patch reads names as patterns. */
function asPattern(select: YamlData): YamlData {
  const ids = ["name", "namespace"].filter((field) => typeof select[field] === "string");
  return { ...select, ...Object.fromEntries(ids.map((field) => [field, escapeRegExp(select[field])])) };
}

/** Whether a target selects any object, by the name that it has now or in its document; errs towards yes. */
export function selects(tree: Tree, objects: Iterable<OwnedObject>, target: YamlData): boolean {
  const items = [...objects].flatMap((one) => {
    if (!isMap(one.body) || !one.at) return [];
    const written = isYamlPath(one.at.file) ? objectAt(tree, one.at.file, one.doc) : undefined;
    return [startPatching(one.body, written ? [written.name] : [])];
  });
  const found = selectedBy(items, target);
  return found === undefined || found.length > 0;
}

/** A target as text. */
export function say(target: YamlData): string {
  return JSON.stringify(sortKeys(target));
}
