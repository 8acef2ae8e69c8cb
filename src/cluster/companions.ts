import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { describe, isFluxKustomization, isSource, isSyncSource } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived } from "./automation-files.ts";
import { findGotkFiles } from "./gotk/detect.ts";
import { type Delivered, keyOf, manifestsOf, repositoryPath } from "./graph.ts";
import { objectsIn } from "./objects.ts";
import { indexSources, sourceRefOf } from "./sources.ts";
import type { Cluster } from "./types.ts";

type Spec = KubeObject["data"]["spec"];

/** What a cluster is known by, while that is being looked for which runs in it. */
export interface CompanionSearch {
  tree: Tree;
  objects: readonly KubeObject[];
  artifactRoot: string;
  /** The source of the cluster, as far as a document declares it. */
  source: KubeObject | undefined;
  /** `Kind/name` of every source that holds this repository as the root reads it. */
  own: ReadonlySet<string>;
  /** Those of them that a FluxInstance of this cluster generates, and that of no other one. */
  generated: ReadonlySet<string>;
  /** Everything that one reaches, started by itself. */
  reach: (object: KubeObject) => ReadonlySet<string>;
}

/**
 * The FluxKustomization that runs in a cluster beside its root, though nothing but itself delivers it: it reads the source of
 * the root, and brings another source, which the cluster reads and the root does not deliver. Without it that cluster would
 * not work. So is one that reads what only the FluxInstance of this cluster generates. Of several that bring something nobody
 * can tell which one is meant.
 */
export function findCompanion(
  { tree, objects, artifactRoot, source, own, generated, reach }: CompanionSearch,
  { files, kustomizations }: Pick<Delivered, "files" | "kustomizations">,
): KubeObject | undefined {
  const known = new Set(kustomizations.map(({ object }) => keyOf(object)));
  const others = objects.filter((object) => isFluxKustomization(object) && !known.has(keyOf(object)));
  const find = indexSources(objects.filter(isSyncSource));
  const filesOf = (object: KubeObject) => new Set(manifestsOf(tree, object.data.spec, artifactRoot));
  const isCompanion = (object: KubeObject) => {
    const { data, namespace, file } = object;
    const ref = sourceRefOf(data.spec, namespace);
    const name = `${ref?.kind}/${ref?.name}`;
    if (!ref || data.spec?.kubeConfig || !own.has(name) || files.has(file) || isArchived(file)) return false;
    const declared = find(ref, file);
    const isMade = !declared || files.has(declared.file);
    if (!isMade && (!source || keyOf(declared) !== keyOf(source))) return false;
    if (!repositoryPath(data.spec, artifactRoot)) return false;
    const brought = filesOf(object);
    if (!brought.has(file)) return false;
    return (isMade && generated.has(name)) || isSupplied(tree, files, readableSpec(kustomizations[0]), brought);
  };
  const [found, ...rivals] = others.filter(isCompanion);
  if (!found || rivals.length > 0) return undefined;
  const here = [...kustomizations.map(({ object }) => describe(object)), ...namesIn(tree, files)];
  if (isApart(tree, { files, names: here }, reach(found))) return undefined;
  return others.some((other) => other !== found && filesOf(other).has(found.file)) ? undefined : found;
}

/**
 * Whether two starts cannot run in one cluster: both of them hold an object of the same name, which two would own then, or both
 * install Flux. A source may be missing here and lie there for another reason: another repository brings it.
 */
export function isApart(
  tree: Tree,
  here: { files: ReadonlySet<string>; names: Iterable<string> },
  there: ReadonlySet<string>,
): boolean {
  const names = new Set(here.names);
  return (
    namesIn(tree, there).some((name) => names.has(name)) || [here.files, there].every((all) => installs(tree, all))
  );
}

/** What the objects in some files are called; a namespace may well be declared by whoever needs it. */
export function namesIn(tree: Tree, files: Iterable<string>): string[] {
  return objectsIn(tree, files)
    .filter(({ kind }) => kind !== "Namespace")
    .map(describe);
}

function installs(tree: Tree, files: ReadonlySet<string>): boolean {
  const isBase = (file: string) => files.has(file) && isKustomizationFile(file);
  return Boolean(findGotkFiles(tree, [...files])?.isWhole) || tree.grep("fluxcd/flux2").some(isBase);
}

/**
 * Tells whether what reads the source of a cluster brings a source that this one reads and does not deliver: without it that
 * cluster would not work, so it is in it, applied by hand beside the root.
 */
export function findSuppliers(tree: Tree, clusters: readonly Pick<Cluster, "source" | "files">[]) {
  return (source: KubeObject | undefined, brought: ReadonlySet<string>): boolean =>
    clusters.some(({ source: read, files }) => {
      if (!source || !read || keyOf(read) !== keyOf(source)) return false;
      const isBrought = brought.has(read.file) && !files.has(read.file);
      return isBrought || isSupplied(tree, files, undefined, brought);
    });
}

/** Whether files hold a source that the objects in some others read, and none of those holds; what the root reads is another matter. */
export function isSupplied(tree: Tree, files: ReadonlySet<string>, root: Spec, brought: Iterable<string>): boolean {
  const sourcesIn = (some: Iterable<string>) =>
    objectsIn(tree, some)
      .filter(isSource)
      .map(({ kind, name }) => `${kind}/${name}`);
  const names = new Set(sourcesIn([...brought].filter((file) => !files.has(file))));
  for (const name of readNames(root)) names.delete(name);
  if (names.size === 0) return false;
  const words = [...names].map((name) => name.slice(name.indexOf("/") + 1));
  const near = [...files].filter((file) => words.some((word) => tree.read(file)?.includes(word)));
  for (const name of sourcesIn(near)) names.delete(name);
  return objectsIn(tree, near).some(({ data }) => readNames(data.spec).some((name) => names.has(name)));
}

/** `Kind/name` of every source that an object reads. */
function readNames(spec: Spec): string[] {
  const { sourceRef, chart, chartRef } = spec ?? {};
  return [sourceRef, chart?.spec?.sourceRef, chartRef].flatMap((ref) => (ref ? [`${ref.kind}/${ref.name}`] : []));
}
