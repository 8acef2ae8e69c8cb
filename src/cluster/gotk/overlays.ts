import { readable } from "../../contract/answer.ts";
import {
  type DeliveredFluxObject,
  type KubeObject,
  readableSpec,
  type SourcePatch,
  type YamlData,
} from "../../contract/objects.ts";
import { isFluxKustomization, isSyncSource } from "../../delivery/kinds.ts";
import { stringList } from "../../delivery/kustomize/data.ts";
import { type KustomizationFile, kustomizationOf, type Reach, reach } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { readPatchList } from "../../delivery/patch-list.ts";
import { join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { patchItems } from "../../release/normalise.ts";
import { reaches, selectObjects } from "../../release/simulate.ts";
import type { SimObject } from "../../release/types.ts";
import { keyOf } from "../graph.ts";
import { readLazily, toKubeObject } from "../objects.ts";
import { kustomizationObject, readKustomizationPatches } from "../remote-install.ts";
import type { ImageReference, LazyDocument } from "../types.ts";
import { findCopies, reportCopies } from "./copies.ts";
import { CONTROLLERS } from "./detect.ts";
import { type OverlayFields, type OverlaySource, readOverlayFields } from "./overlay-fields.ts";

export interface OverlayInput {
  /** The FluxKustomization that delivers the install. */
  owner: DeliveredFluxObject;
  /** Folder that it builds. */
  top: string;
  /** Folders that the other FluxKustomizations of the cluster build. */
  others: readonly string[];
  /** Documents of the install, the first of them in `file`. */
  file: string;
  documents: readonly LazyDocument[];
  /** What the release holds. */
  expected: readonly SimObject[];
  images: readonly ImageReference[];
  namespace: string;
}

export interface Overlays extends OverlayFields {
  /** Patches that only shape the source and the root. */
  syncPatches: SourcePatch[];
}

/** Every kustomize setting between an install and the cluster. */
export function readOverlays(tree: Tree, input: OverlayInput): Overlays {
  const { owner, documents, expected: install } = input;
  const copies = findCopies(tree, input.top, input.others, input.file);
  const isInside = ({ resources }: Reach) => resources.includes(input.file);
  const added = stringList(readableSpec(owner)?.components);
  const chain = findChain(tree, input.top, isInside, added).filter(({ path }) =>
    copies.every((copy) => copy.path !== path),
  );
  const kept = new Set(documents.map(keyOf));
  const patches: SourcePatch[] = [];
  const syncPatches: SourcePatch[] = [];
  for (const kustomization of chain.filter(hasPatches)) {
    const others = reach(tree, kustomization.dir)
      .resources.flatMap((path) => readLazily(tree, path))
      .filter((document) => !kept.has(keyOf(document)))
      .map((document) => ({
        object: toSimObject(document.data() ?? toKubeObject(document).data),
        isSync: isFluxKustomization(document) || isSyncSource(document),
      }));
    for (const { patch, touches, parts } of readOverlayPatches(tree, kustomization, install, others)) {
      const isOfInstall = touches.has("install") || (touches.size === 0 && isMeantFor(patch, install));
      if (isOfInstall) patches.push(patch);
      // A file of several documents may be for both.
      if (isOfInstall ? parts.some(isOfSync) : touches.has("sync")) syncPatches.push(patch);
    }
  }
  addOwnerPatches(patches, readOwnerPatches(tree, owner, install), kustomizationOf(tree, input.top));
  const sources: OverlaySource[] = chain.map((kustomization) => {
    const object = kustomizationObject(kustomization);
    return { ...locator(tree, object), data: object.data, form: "kustomization" };
  });
  sources.push({ ...locator(tree, owner.object, ["spec"]), data: readableSpec(owner) ?? {}, form: "flux" });
  const fields = readOverlayFields(sources, input.images, input.namespace, namesOf(input));
  const findings = [...fields.findings, ...reportCopies(tree, copies)];
  return { ...fields, findings, patches: [...patches, ...fields.patches], syncPatches };
}

/** Names of the install, of the source and the root where these are beside it, and of what takes their place. */
function namesOf({ owner, documents, expected }: OverlayInput): Set<string> {
  const install = [...expected.flatMap(({ names }) => names), ...documents.map(({ name }) => name)];
  const sync = [owner.object.name, readableSpec(owner)?.sourceRef?.name];
  return new Set([...install, ...sync, "flux", "flux-operator", "flux-instance"].map(String));
}

/** What the FluxKustomization that delivers an install patches of it. */
export function readOwnerPatches(tree: Tree, owner: DeliveredFluxObject, install: readonly SimObject[]): SourcePatch[] {
  const own = readPatchList(tree, owner.object, ["spec", "patches"], readable(owner.effective));
  return own.filter((patch) => patchItems([patch]).some((item) => reaches(item, install)));
}

/**
 * Adds the patches of a FluxKustomization to those that run on the way to it: kustomize-controller writes them below `patches` of
 * the kustomization that it builds, whose `patchesJson6902` run after them (flux-facts 2.8 item 8).
 */
export function addOwnerPatches(
  patches: SourcePatch[],
  own: readonly SourcePatch[],
  top: KustomizationFile | undefined,
): void {
  const late = patches.findIndex(({ file, form }) => file === top?.path && form === "patchesJson6902");
  patches.splice(late < 0 ? patches.length : late, 0, ...own);
}

/**
 * The kustomizations that an install passes on its way to the cluster, innermost first; a component comes before the
 * kustomization that names it. Everything they set applies to Flux as well.
 * @param top folder that a FluxKustomization builds, @param isInside whether what a folder builds holds the install.
 * @param added components that the FluxKustomization adds to those of `top`
 */
export function findChain(
  tree: Tree,
  top: string,
  isInside: (built: Reach) => boolean,
  added: readonly string[] = [],
): KustomizationFile[] {
  const passed = reach(tree, top)
    .kustomizations.map((dir) => ({ dir, inner: reach(tree, dir) }))
    .filter(({ inner }) => isInside(inner))
    .sort((a, b) => a.inner.kustomizations.length - b.inner.kustomizations.length);
  const chain: KustomizationFile[] = [];
  const add = (dir: string) => {
    const found = kustomizationOf(tree, dir, dir === top);
    if (!found || chain.some((known) => known.path === found.path)) return;
    for (const item of stringList(found.data.components)) add(join(dir, item));
    if (dir === top) addAll();
    chain.push(found);
  };
  const addAll = () => {
    for (const item of added) add(join(top, item));
  };
  for (const { dir } of passed) add(dir);
  // A folder without a kustomization of its own is given them as well.
  addAll();
  return chain;
}

function hasPatches({ data }: KustomizationFile): boolean {
  return ["patches", "patchesStrategicMerge", "patchesJson6902"].some((field) => data[field] !== undefined);
}

type Touches = ReadonlySet<"install" | "sync" | "other">;

const isOfSync = (part: Touches): boolean => part.size === 1 && part.has("sync");

interface OverlayPatch {
  patch: SourcePatch;
  /** What it selects: objects of the install, the source and root beside it, or something else. */
  touches: Touches;
  /** The same of each document of its body. */
  parts: readonly Touches[];
}

/**
 * The patches of a kustomization with what each of them selects, by kustomize's own rules, among the objects it builds.
 * @param install objects of the old install, @param others all else that this kustomization builds.
 */
export function readOverlayPatches(
  tree: Tree,
  file: KustomizationFile,
  install: readonly SimObject[],
  others: readonly { object: SimObject; isSync: boolean }[],
): OverlayPatch[] {
  return readKustomizationPatches(tree, kustomizationObject(file)).map((patch) => {
    const parts = patchItems([patch]).map((item): Touches => {
      const beside = others.filter(({ object }) => reaches(item, [object]));
      const selected = beside.map(({ isSync }) => (isSync ? "sync" : "other"));
      return new Set([...(reaches(item, install) ? (["install"] as const) : []), ...selected]);
    });
    return { patch, touches: new Set(parts.flatMap((part) => [...part])), parts };
  });
}

/**
 * Whether a patch names an object of the install and still misses it, as with `version: apps/v1`, or a controller that is
 * not installed yet: that is to be said.
 */
function isMeantFor(patch: SourcePatch, install: readonly SimObject[]): boolean {
  const all = [...install, ...CONTROLLERS.map((name) => toSimObject({ kind: "Deployment", metadata: { name } }))];
  return patchItems([patch]).some(({ target: { kind, name } = {} }) => {
    return kind !== undefined && name !== undefined && selectObjects(all, { kind, name }).length > 0;
  });
}

/** An object as patches see it before any renaming. */
export function toSimObject(data: YamlData): SimObject {
  const { name = "" } = data?.metadata ?? {};
  return { id: `${data?.kind}/${name}`, data, names: [String(name)] };
}

function locator(tree: Tree, object: KubeObject, prefix: readonly (string | number)[] = []) {
  const { file, doc } = object;
  return { file, doc, locate: (path: readonly (string | number)[]) => locateField(tree, object, [...prefix, ...path]) };
}
