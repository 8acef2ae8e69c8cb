import { isDeepStrictEqual } from "node:util";
import { readObjects } from "../../src/cluster/objects.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { given } from "../../src/contract/given.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { isFilled, itemsOf, type KubeObject, type YamlData } from "../../src/contract/objects.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { isMap } from "../../src/yaml/is-map.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import type { NodeOp } from "../../src/yaml/types.ts";
import type { InstanceTarget } from "../shared/apps/types.ts";
import { editFile } from "../shared/edit-file.ts";
import { type Broken, findBroken, findRisk, type Generated } from "./broken.ts";
import { findLostNeed } from "./needs.ts";
import { type PatchList, reaches, type WrittenPatch, withEditedPatches } from "./patch-lists.ts";

type Label = readonly [key: string, value: string];

/** For parents whose patches leave nothing out. */
const PLAIN: Label = ["fluxlift.dev/plain", "true"];
const NOT_PLAIN = `${PLAIN[0]} notin (${PLAIN[1]})`;

/** The edits that help, or what stood in the way of some that would. */
interface OptOut {
  edits?: DraftEdit[];
  needs?: string;
}

/**
 * The edits that take the FluxKustomization out of the patches that break it: a label that their selectors leave out.
 * A patch that reaches every FluxKustomization gets such a selector first, which changes nothing for the others.
 */
export function findOptOut(
  tree: Tree,
  generated: Generated,
  lists: readonly PatchList[],
  { how, isMeant }: Broken,
): OptOut {
  const patches = lists.flatMap((list) => list.patches);
  let needs: string | undefined;
  for (const label of readOptOuts(patches)) {
    const found = labelled(tree, generated, [], label, how);
    if (found.edits) return found;
    needs ??= found.needs;
  }
  if (isMeant) return {};
  const reaching = patches.filter((patch) => isNarrowable(patch) && reaches(patch, generated.kustomization));
  // The fewest lines: one patch, and only where that is not enough all of them.
  for (const chosen of [...reaching.map((patch) => [patch]), reaching]) {
    const narrowing = narrow(tree, generated, chosen, how);
    const found = narrowing ? labelled(tree, generated, narrowing, PLAIN, how) : {};
    if (found.edits) return found;
    needs ??= found.needs;
  }
  return given({ needs });
}

/** The label that some patch leaves out already, where that takes the risk away. */
export function findLabel(tree: Tree, generated: Generated, lists: readonly PatchList[], how: string): OptOut {
  const fails = (changed: Tree, left: Generated) => findBroken(changed, left) ?? findRisk(changed, left);
  const patches = lists.flatMap((list) => list.patches);
  for (const label of readOptOuts(patches)) {
    const found = labelled(tree, generated, [], label, how, fails);
    if (found.edits) return found;
  }
  return {};
}

/** The edits with those before them; none where they do not help. */
function labelled(
  tree: Tree,
  generated: Generated,
  before: DraftEdit[],
  [key, value]: Label,
  how: string,
  fails: (tree: Tree, generated: Generated) => unknown = findBroken,
): OptOut {
  const { file, doc } = generated.kustomization;
  const narrowed = applyEdits(tree, before).tree;
  const op = { op: "set", doc, path: ["metadata", "labels", key], value } as const;
  const { edits } = editFile(narrowed, file, [op], `Opt out of the parent's patches: ${how}.`);
  if (!edits) return {};
  const changed = applyEdits(narrowed, edits).tree;
  const kustomization = readObjects(changed, file).objects.find((object) => object.doc === doc);
  const parent = withEditedPatches(changed, generated.parent, generated.artifactRoot);
  if (!kustomization) return {};
  const left = { ...generated, kustomization, parent };
  if (fails(changed, left)) return {};
  const needs = findLostNeed({ ...generated, tree }, { ...left, tree: changed });
  return needs === undefined ? { edits: [...before, ...edits] } : { needs };
}

/** Labels with which the selectors of patches leave objects out. */
function readOptOuts(patches: readonly WrittenPatch[]): Label[] {
  const selectors = new Set(patches.map(({ item }) => String(item.target?.labelSelector)));
  return [...selectors].flatMap((selector) => readOptOut(selector));
}

function readOptOut(selector: string): Label[] {
  const found =
    /(?<![\w./-])([\w./-]+)\s+notin\s*\(\s*([\w.-]+)/.exec(selector) ??
    /(?<![\w./-])([\w./-]+)\s*!=\s*([\w.-]+)/.exec(selector) ??
    /(?:^|,)\s*!\s*([\w./-]+)/.exec(selector);
  return found ? [[found[1]!, found[2] ?? "true"]] : [];
}

/** One for a kind: a patch that names what it changes is meant for it. */
function isNarrowable({ item, place }: WrittenPatch): boolean {
  return place !== undefined && isMap(item.target) && !isFilled(item.target.name);
}

/** The edits that make patches leave out what has the label; undefined where one of them cannot be edited. */
function narrow(
  tree: Tree,
  { parent, successor }: Generated,
  patches: readonly WrittenPatch[],
  how: string,
): DraftEdit[] | undefined {
  const ops = new Map<string, NodeOp[]>();
  for (const { item, place } of patches) {
    const { file, doc, path } = place!;
    const selector = String(item.target.labelSelector ?? "").trim();
    const value = selector ? `${selector}, ${NOT_PLAIN}` : NOT_PLAIN;
    const op = { op: "set", doc, path: [...path, "target", "labelSelector"], value } as const;
    getOrMake(ops, file, () => []).push(op);
  }
  const ofParent = (ops.get(parent.object.file) ?? []).filter(({ doc }) => doc === parent.object.doc);
  if (successor && ofParent.length > 0) {
    const copied = narrowCopy(successor, parent.object, ofParent);
    if (!copied) return undefined;
    ops.set(successor.file, [...(ops.get(successor.file) ?? []), copied]);
  }
  const why = `Let this patch leave flux-operator and flux-instance out: ${how}.`;
  const edits = [...ops].map(([file, list]) => editFile(tree, file, list, why).edits);
  return edits.every((item) => item !== undefined) ? edits.flat() : undefined;
}

/** The same operations on the one patch by which an instance gives the root that it generates the patches of the old root. */
function narrowCopy({ doc, base, spec }: InstanceTarget, { data }: KubeObject, ops: readonly NodeOp[]) {
  const copies = itemsOf(spec.kustomize?.patches).flatMap((item: YamlData, index) => {
    const read = typeof item.patch === "string" ? readYamlCached(item.patch) : undefined;
    const [body, more] = read?.ok ? read.docs : [];
    if (!body || more || !isDeepStrictEqual((body.data as YamlData)?.spec?.patches, data.spec?.patches)) return [];
    const edited = editYaml(
      item.patch,
      ops.map((op) => ({ ...op, doc: 0 })),
    );
    return edited.ok ? [{ index, value: edited.text }] : [];
  });
  const [copy, second] = copies;
  if (!copy || second) return undefined;
  return { op: "set", doc, path: [...base, "kustomize", "patches", copy.index, "patch"], value: copy.value } as const;
}
