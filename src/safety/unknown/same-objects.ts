import { chartOf, printFixed, type ReadContext, readOwnedObject } from "../../change/read-object.ts";
import type { OwnedObject, TreeChange } from "../../change/types.ts";
import { isYamlPath, toObject } from "../../cluster/objects.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isSource } from "../../delivery/kinds.ts";
import { listAuxiliary } from "../../delivery/kustomize/auxiliary.ts";
import { findKustomization, isKustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { readDocs as readAsBuilt } from "../../delivery/kustomize/read.ts";
import { basename, dirname, join, makeWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { losesClaim } from "../values/claims-off.ts";
import { switchesCrdsOff } from "../values/crds-off.ts";
import { listHiddenEffects, listOwned } from "./hidden-effects.ts";
import { isOfChart } from "./rewritten.ts";

/** Fields of a kustomization that shape neither which objects there are nor their fate. */
const HARMLESS = ["resources", "bases", "images", "replicas"];

/**
 * Whether a change takes no object away, whoever reads the tree: every document it touches goes on making the same
 * objects, and every list keeps what it lists. For trees in which no cluster is recognised. Errs towards no.
 */
export function keepsAllObjects({ before, after, changed }: TreeChange): boolean {
  const context: ReadContext = {
    ...{ version: undefined, sources: new Set(), ids: new Map(), specs: new WeakMap() },
    viewOf: () => "",
    chartHolds: () => [],
  };
  const isInput = makeWithin(listInputs(before));
  const isRead = makeIsNamed(before, ["substituteFrom", "valuesFrom"]);
  const isValues = makeIsNamed(before, ["valuesFiles", "valueFiles"]);
  const factsIn = (tree: Tree, file: string) =>
    readDocs(tree, file)?.map((data) => factsOf(file, data, context, isRead));
  return [...changed].every((file) => {
    if ([".sourceignore", ".gitmodules"].includes(basename(file))) return false;
    if (file.endsWith(".md")) return !isInput(file);
    if (isOfChart(before, file)) return false;
    if (file.endsWith(".json")) return !before.grep(basename(file)).some(isKustomizationFile);
    if (isKustomizationFile(file)) return keepsLists(before, after, file);
    if (!before.has(file)) return true;
    if (isInput(file) || isValues(basename(file))) return false;
    if (!isYamlPath(file)) return true;
    const [old, now] = [factsIn(before, file), factsIn(after, file)];
    // What does not parse today is in no build of today.
    if (!old) return true;
    if (!now && after.has(file)) return false;
    const kept = new Map(now?.map((one) => [one.text, one]));
    return old.every((one) => {
      const same = kept.get(one.text);
      return one.text === "" || (same !== undefined && losesNothing(one.object, same.object));
    });
  });
}

/** Whether a word stands in a file that has one of some fields. Errs towards yes. */
function makeIsNamed(tree: Tree, fields: readonly string[]): (name: string) => boolean {
  const words = once(() => {
    const files = new Set(fields.flatMap((field) => tree.grep(field)));
    return new Set([...files].flatMap((file) => tree.read(file)?.match(/[\w.-]+/g) ?? []));
  });
  return (name) => !/^[\w.-]+$/.test(name) || words().has(name);
}

/** What kustomizations read besides what they list; patches are read as the objects that they look like. */
function listInputs(tree: Tree): string[] {
  return tree.paths.filter(isKustomizationFile).flatMap((file) => {
    const data = readDocs(tree, file)?.[0];
    const named = isMap(data) ? listAuxiliary(data) : [];
    return named.filter(({ field }) => !PATCHES.includes(field)).map(({ target }) => join(dirname(file), target));
  });
}

const PATCHES = ["patches", "patchesStrategicMerge"];

/** Whether an object that stays takes nothing along that it has made, nor goes with another one. */
function losesNothing(old: OwnedObject | undefined, now: OwnedObject | undefined): boolean {
  if (!old || !now) return true;
  const [was, is] = [old, now].map(({ body }) => body?.spec?.values);
  const { release } = now;
  if (release && (losesClaim(was, is, release) || switchesCrdsOff(release.chart ?? "", was, is))) return false;
  return listHiddenEffects(old, now, true).length + listOwned(old, now).length === 0;
}

function keepsLists(before: Tree, after: Tree, file: string): boolean {
  if (!before.has(file)) return !before.isDir(dirname(file)) || listsAll(before, after, file);
  const [old, now] = [readDocs(before, file)?.[0], readDocs(after, file)?.[0]];
  if (!isMap(old) || !isMap(now)) return false;
  const rest = (data: YamlData) => Object.entries(data).filter(([field]) => !HARMLESS.includes(field));
  const list = (data: YamlData): unknown[] => ["resources", "bases"].flatMap((field) => data[field] ?? []);
  const kept = new Set(list(now));
  return list(old).every((one) => kept.has(one)) && JSON.stringify(rest(old)) === JSON.stringify(rest(now));
}

/** Whether a new kustomization lists whatever the folder yielded before, when it was walked, and does nothing else. */
function listsAll(before: Tree, after: Tree, file: string): boolean {
  const dir = dirname(file);
  const data = readDocs(after, file)?.[0];
  if (findKustomization(before, dir) || !isMap(data)) return false;
  if (Object.keys(data).some((field) => !["apiVersion", "kind", "metadata", ...HARMLESS].includes(field))) return false;
  const [old, now] = [reach(before, dir), reach(after, dir)];
  const listed = new Set([...now.resources, ...now.kustomizations]);
  return [...old.resources, ...old.kustomizations].every((path) => listed.has(path));
}

interface Facts {
  /** What has to stay; "" for what may go. */
  text: string;
  object?: OwnedObject;
}

/** A list is a patch, a map that is no object is somebody's values. */
function factsOf(file: string, data: YamlData, context: ReadContext, isRead: (name: string) => boolean): Facts {
  const read = toObject(file, 0, data);
  if (!read) return { text: isMap(data) || data === undefined ? "" : JSON.stringify(data) };
  const object = readOwnedObject({ ...read, body: data }, undefined, context, "");
  const { at: _, doc: __, body: ___, flux, frozen, ...said } = object;
  // Its id says what of its spec decides.
  const facts = { ...said, ...(flux && { flux: { ...flux, data: undefined } }) };
  const fixed = printFixed(facts.key, frozen);
  const isDeleting = JSON.stringify(data).includes('"$patch"');
  const chart = isSource(read) ? chartOf(data) : "";
  return { text: JSON.stringify([facts, fixed, chart, isDeleting || isWhole(read, isRead) ? data : ""]), object };
}

/** What decides by its whole content: what is read from, what generates, what values are taken from. */
function isWhole(object: KubeObject, isRead: (name: string) => boolean): boolean {
  // A chart is read by releases alone, and makes them anew by its name.
  if (isSource(object)) return !String(object.data.spec?.layerSelector?.mediaType).includes("helm.chart");
  if (object.apiVersion.startsWith("fluxcd.controlplane.io/")) return true;
  if (object.kind === "ArtifactGenerator") return true;
  return (object.kind === "ConfigMap" || object.kind === "Secret") && isRead(object.name);
}

function readDocs(tree: Tree, file: string): YamlData[] | undefined {
  const parsed = readAsBuilt(tree, file);
  return parsed.ok ? parsed.docs.map(({ data }) => data) : undefined;
}
