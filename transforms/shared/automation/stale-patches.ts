import { readOverlayPatches, toSimObject } from "../../../src/cluster/gotk/overlays.ts";
import { readLazily, toKubeObject } from "../../../src/cluster/objects.ts";
import { buildsUnseen, isForBase, remoteObjects } from "../../../src/cluster/remote-patches.ts";
import type { LazyDocument } from "../../../src/cluster/types.ts";
import { countEach, groupBy } from "../../../src/contract/group-by.ts";
import { itemsOf, type SourcePatch, type YamlData } from "../../../src/contract/objects.ts";
import {
  isKustomizationFile,
  type KustomizationFile,
  loadKustomization,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { readDocs } from "../../../src/delivery/kustomize/read.ts";
import { compile } from "../../../src/delivery/kustomize/regex.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { SimObject } from "../../../src/release/types.ts";
import { textsIn } from "../../../src/yaml/walk-data.ts";

/** A patch of a kustomization whose objects all go. */
export interface StalePatch {
  kustomization: string;
  form: SourcePatch["form"];
  index: number;
  /** The file its body stands in, when it does not stand in the kustomization. */
  file?: string;
  /** The documents of that file whose objects go, where others of it stay, and the patch with them. */
  docs?: readonly number[];
}

/** The fields of a kustomization that hold patches. */
export const FORMS = ["patches", "patchesStrategicMerge", "patchesJson6902"] as const;

/**
 * Patches of a kustomization that select something now and nothing once `gone` is gone. A strategic merge without target
 * would then fail the whole build ("no matches for Id"), one with a target would only be dead text (flux-facts 3).
 * What is for remote bases that go and selects nothing else goes with them. Beside a base of another repository, what
 * would select any object stays.
 * @param builds whose objects the patches see: its own, or those that it is a component of
 */
export function findStalePatches(tree: Tree, path: string, builds: readonly Build[]): StalePatch[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok || !FORMS.some((form) => loaded.file.data[form] !== undefined)) return [];
  const { going, staying } = splitBuilt(tree, builds);
  const lost = objectsLost(builds);
  const isUnseen = builds.some(({ dir }) => buildsUnseen(tree, dir));
  return readOverlayPatches(tree, loaded.file, going, staying).flatMap(({ patch, touches, parts }): StalePatch[] => {
    if (!touches.has("install") && (touches.size > 0 || !isForBase(patch, lost))) return [];
    if (isUnseen && isOpen(patch)) return [];
    const index = Number(patch.path.at(-1));
    const file = bodyFile(tree, loaded.file, patch.form, index);
    const stale = { kustomization: path, form: patch.form, index, ...(file ? { file } : {}) };
    if (touches.size <= 1) return [stale];
    const docs = file === undefined ? [] : docsOf(tree, file);
    const own = docs.filter((_, part) => parts[part]?.has("install") && parts[part].size === 1);
    return docs.length === parts.length && own.length > 0 ? [{ ...stale, docs: own }] : [];
  });
}

/** Whether the target of a patch may select objects of whatever name, part and namespace. */
export function isOpen({ target }: SourcePatch): boolean {
  if (target === undefined || target.namespace || target.labelSelector || target.annotationSelector) return false;
  return !target.name || compile(`^(?:${target.name})$`)?.test("-") !== false;
}

/** What a folder builds, which documents of it (`file#doc`) go, and which flux2 remote bases, whose objects are in no file here. */
export interface Build {
  dir: string;
  gone: ReadonlySet<string>;
  bases: readonly string[];
}

/** The objects of the remote bases that go from builds. */
export function objectsLost(builds: readonly Build[]): SimObject[] {
  return remoteObjects([...new Set(builds.flatMap(({ bases }) => bases))]);
}

/** The documents of builds that go, and those that stay: in two builds one may do both. */
export function splitDocuments(tree: Tree, builds: readonly Build[]) {
  const going = new Map<string, LazyDocument>();
  const staying = new Map<string, LazyDocument>();
  for (const { dir, gone } of builds) {
    for (const document of reach(tree, dir).resources.flatMap((file) => readLazily(tree, file))) {
      const key = `${document.file}#${document.doc}`;
      (gone.has(key) ? going : staying).set(key, document);
    }
  }
  return { going: [...going.values()], staying: [...staying.values()] };
}

/** The same as patches of these builds see it. */
export function splitBuilt(tree: Tree, builds: readonly Build[]) {
  const { going, staying } = splitDocuments(tree, builds);
  const sim = (document: LazyDocument) =>
    toSimObject(document.kind === "CustomResourceDefinition" ? toKubeObject(document).data : (document.data() ?? {}));
  return { going: going.map(sim), staying: staying.map((document) => ({ object: sim(document), isSync: false })) };
}

/** The documents of a file that say something. */
function docsOf(tree: Tree, file: string): number[] {
  const read = readDocs(tree, file);
  return read.ok ? read.docs.flatMap(({ index, data }) => (data === undefined || data === null ? [] : [index])) : [];
}

/** Documents that go from files of patches which stay; none where another patch of the file needs one of them. */
export function cutBodies(tree: Tree, stale: readonly StalePatch[]): { file: string; docs: readonly number[] }[] {
  const byFile = groupBy(
    stale.filter(({ docs }) => docs !== undefined),
    ({ file }) => file!,
  );
  return [...byFile].flatMap(([file, items]) => {
    const docs = items[0]!.docs!;
    const users = tree.grep(basename(file)).filter((path) => isKustomizationFile(path) && usesOf(tree, path, file) > 0);
    const agree = users.every((path) =>
      items.some((item) => item.kustomization === path && String(item.docs) === String(docs)),
    );
    return agree ? [{ file, docs }] : [];
  });
}

function bodyFile(tree: Tree, { dir, data }: KustomizationFile, form: string, index: number): string | undefined {
  const item = (data[form] as YamlData[])[index];
  const name = typeof item === "string" ? item : item?.path;
  if (typeof name !== "string" || name.includes("\n")) return undefined;
  const path = join(dir, name);
  return tree.has(path) ? path : undefined;
}

/** Files named as patch bodies by a kustomization that goes as a whole. */
export function bodyFilesOf(tree: Tree, path: string): string[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return [];
  const { file } = loaded;
  return FORMS.flatMap((form) =>
    itemsOf(file.data[form]).flatMap((_, index) => bodyFile(tree, file, form, index) ?? []),
  );
}

/**
 * Those of the files that nothing names any more. Left behind, a walked folder would apply them as objects, or fail on them.
 * @param gone kustomization files that go, @param stale patches that go.
 */
export function unusedBodies(
  tree: Tree,
  files: readonly string[],
  gone: ReadonlySet<string>,
  stale: readonly StalePatch[] = [],
): string[] {
  const isUsed = (file: string, path: string) =>
    usesOf(tree, path, file) > stale.filter((item) => item.kustomization === path && item.file === file).length;
  return files.filter((file) => {
    const others = tree.grep(basename(file)).filter((path) => isKustomizationFile(path) && !gone.has(path));
    return !others.some((path) => isUsed(file, path));
  });
}

function usesOf(tree: Tree, path: string, file: string): number {
  const counts = remember(tree, "how often a kustomization names its files", path, () => countUses(tree, path));
  return counts ? (counts.get(file) ?? 0) : 1;
}

function countUses(tree: Tree, path: string): Map<string, number> | undefined {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return undefined;
  const names = [...textsIn(loaded.file.data)].filter((text) => !text.includes("\n"));
  return countEach(names.map((name) => join(dirname(path), name)));
}
