import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { isFluxKustomization, isSource, isSyncSource } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { type Delivered, keyOf, manifestsOf, repositoryPath } from "./graph.ts";
import { readObjects } from "./objects.ts";
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
}

/**
 * The FluxKustomization that runs in a cluster beside its root, though nothing but itself delivers it: it reads the source of
 * the root, and brings another source, which the cluster reads and the root does not deliver. Without it that cluster would
 * not work. So is one that reads what only the FluxInstance of this cluster generates. Of several that bring something nobody
 * can tell which one is meant.
 */
export function findCompanion(
  { tree, objects, artifactRoot, source, own, generated }: CompanionSearch,
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
    if (!ref || data.spec?.kubeConfig || !own.has(name) || files.has(file)) return false;
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
  return others.some((other) => other !== found && filesOf(other).has(found.file)) ? undefined : found;
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
  const objectsIn = (file: string) => (/\.ya?ml$/.test(file) ? readObjects(tree, file).objects : []);
  const namesIn = (some: Iterable<string>) =>
    [...some]
      .flatMap(objectsIn)
      .filter(isSource)
      .map(({ kind, name }) => `${kind}/${name}`);
  const names = new Set(namesIn([...brought].filter((file) => !files.has(file))));
  for (const name of readNames(root)) names.delete(name);
  if (names.size === 0) return false;
  const words = [...names].map((name) => name.slice(name.indexOf("/") + 1));
  const near = [...files].filter((file) => words.some((word) => tree.read(file)?.includes(word)));
  for (const name of namesIn(near)) names.delete(name);
  return near.flatMap(objectsIn).some(({ data }) => readNames(data.spec).some((name) => names.has(name)));
}

/** `Kind/name` of every source that an object reads. */
function readNames(spec: Spec): string[] {
  const { sourceRef, chart, chartRef } = spec ?? {};
  return [sourceRef, chart?.spec?.sourceRef, chartRef].flatMap((ref) => (ref ? [`${ref.kind}/${ref.name}`] : []));
}
