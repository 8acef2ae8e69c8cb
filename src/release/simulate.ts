import { itemsOf, type PatchTarget, type SourcePatch, type YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import {
  finishPatching,
  isLocal,
  isStubbed,
  patchStep,
  selectedBy,
  startPatching,
} from "../delivery/kustomize/index.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import { isMap } from "../yaml/is-map.ts";
import { normalisePatch } from "./normalise.ts";
import { findMisshapen } from "./shape.ts";
import type { PatchItem, SimObject } from "./types.ts";

export interface RunResult {
  /** Ids of the objects the patch selected. */
  ids: string[];
  /** Why the build fails with it. */
  failure?: string;
}

/** Selects what an item without target means: the one object its body names. */
export function targetOfBody(doc: YamlData): PatchTarget {
  const group = groupOf(String(doc.apiVersion ?? ""));
  return { ...(group ? { group } : {}), kind: doc.kind, name: escapeRegExp(doc.metadata.name) };
}

/** Applies one patch to the simulated build, the way kustomize does in the order of the list. */
export function runItem(objects: readonly SimObject[], item: PatchItem): RunResult {
  const present = objects.filter(({ deleted }) => !deleted);
  const reached = new Set<string>();
  const failure = step(present, item, item.body, reached);
  const ids = objects.map(({ id }) => id).filter((id) => reached.has(id));
  return { ids, ...(failure === undefined ? {} : { failure }) };
}

/**
 * Runs the `patches` of a FluxInstance or a FluxKustomization over all objects; says why that fails. Those behind one that
 * fails run all the same: nothing is applied then, so what they had done before the failure stands.
 */
export function runPatches(objects: readonly SimObject[], patches: unknown): string | undefined {
  const at = { file: "", line: 1, col: 1 };
  const sources = (itemsOf(patches).filter(isMap) as YamlData[]).map(({ patch = "", target }): SourcePatch => {
    return { at, file: "", doc: 0, path: [], body: String(patch), isTrimmed: true, target, form: "patches" };
  });
  return runSources(objects, sources);
}

/** The same with the patches of an install. What the build keeps to itself is dropped last: patches reach it till then. */
export function runSources(objects: readonly SimObject[], sources: readonly SourcePatch[]): string | undefined {
  let first: string | undefined;
  for (const source of sources) {
    const normalised = normalisePatch(source);
    if (!normalised.ok) first ??= normalised.reason;
    for (const item of normalised.ok ? normalised.items : []) {
      const { failure } = runItem(objects, item);
      first ??= failure;
    }
  }
  dropLocal(objects);
  return first;
}

/** The end of a build: what it keeps to itself is dropped. */
export function dropLocal(objects: readonly SimObject[]): void {
  for (const object of objects) if (!object.deleted && isLocal({ body: object.data })) object.deleted = true;
}

/** The objects a patch selects, by kustomize's rules; none where its target cannot be read, which fails the build. */
export function selectObjects(objects: readonly SimObject[], target: PatchTarget): SimObject[] {
  const present = objects.filter(({ deleted }) => !deleted);
  return (selectedBy(present.map(itemOf), target) ?? []).map((index) => present[index]!);
}

/** Whether a patch reaches one of the objects. */
export function reaches(item: PatchItem, objects: readonly SimObject[]): boolean {
  if (item.target) return selectObjects(objects, item.target).length > 0;
  return objects.some((object) => {
    const patched = patchStep([itemOf(object)], { patch: item.body }, true);
    return patched.ok && patched.applied.length > 0;
  });
}

/** Why it fails; where several objects are selected, on which. */
function step(
  objects: readonly SimObject[],
  { target }: PatchItem,
  patch: string,
  ids: Set<string>,
): string | undefined {
  if (objects.length === 0) return undefined;
  const patched = patchStep(objects.map(itemOf), { patch, ...(target ? { target } : {}) });
  if (patched.ok) {
    let failure: string | undefined;
    for (const index of patched.applied) {
      const object = objects[index]!;
      const item = patched.items[index];
      ids.add(object.id);
      const data: YamlData = item && finishPatching(item);
      const odd = item && findMisshapen(data);
      if (odd !== undefined) failure ??= `${object.id}: the API server refuses what is left at ${odd}`;
      else if (item) Object.assign(object, { item, data, names: [...new Set([...object.names, item.name])] });
      else object.deleted = true;
    }
    return failure;
  }
  if (patched.operation === undefined) return patched.reason;
  const [only, ...others] = objects;
  if (others.length > 0) {
    const all = objects.map((object) => step([object], { target } as PatchItem, patch, ids));
    return all.find((failure) => failure !== undefined);
  }
  ids.add(only!.id);
  return `${only!.id}: ${patched.reason.replace(/^[^\s/]+\/\S+: /, "")}`;
}

function itemOf(object: SimObject): NonNullable<SimObject["item"]> {
  const { data, names, hadNoNamespace } = object;
  object.item ??= startPatching(data, names.slice(0, -1), { hadNoNamespace, isStub: isStubbed(data) });
  return object.item;
}

/** The controllers among some objects, as far as patches leave them. */
export function deploymentsOf(objects: readonly SimObject[]): SimObject[] {
  return objects.filter(({ data, deleted }) => data.kind === "Deployment" && !deleted);
}
