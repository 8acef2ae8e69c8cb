import { getOrMake } from "../contract/group-by.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { describe, isFluxKustomization, isSource, isSyncSource } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { remember } from "../files/remember.ts";
import { rememberFile } from "../files/remember-file.ts";
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
  const reached = new Set(kustomizations.map(({ object }) => keyOf(object)));
  const { sources, readers, bringers, deliverers } = remember(
    tree,
    `starts by themselves ${artifactRoot}`,
    objects,
    () => indexAlone(tree, objects, artifactRoot),
  );
  const nameOf = ({ data, namespace }: KubeObject) => {
    const ref = sourceRefOf(data.spec, namespace);
    return `${ref?.kind}/${ref?.name}`;
  };
  const isMade = (object: KubeObject) => {
    const declared = sources.get(object);
    return !declared || files.has(declared.file);
  };
  const isBeside = (object: KubeObject) => {
    if (object.data.spec?.kubeConfig || !own.has(nameOf(object))) return false;
    if (files.has(object.file) || isArchived(object.file) || reached.has(keyOf(object))) return false;
    return isMade(object) || (source !== undefined && keyOf(sources.get(object)!) === keyOf(source));
  };
  // Every file of the cluster is read for what is missing, so that is asked only where somebody might bring it.
  const isOffered = [...bringers.values()].some((all) => all.some(isBeside));
  const missing = isOffered ? missingSources(tree, files, readableSpec(kustomizations[0])) : [];
  const bringing = new Set([...missing].flatMap((name) => bringers.get(name) ?? []));
  const reading = [...generated].flatMap((name) => readers.get(name) ?? []);
  const isCompanion = (object: KubeObject) =>
    isBeside(object) && ((isMade(object) && generated.has(nameOf(object))) || bringing.has(object));
  const likely = [...new Set([...bringing, ...reading])];
  const first = likely.findIndex(isCompanion);
  const found = likely[first];
  if (!found || likely.slice(first + 1).some(isCompanion)) return undefined;
  const names = kustomizations.map(({ object }) => describe(object));
  if (isApart(tree, { files, names }, reach(found))) return undefined;
  const others = deliverers.get(found.file) ?? [];
  return others.some((other) => other !== found && !reached.has(keyOf(other))) ? undefined : found;
}

/** What delivers itself with the source that it reads, and all that delivers the file of one of these: the same for every cluster. */
function indexAlone(tree: Tree, objects: readonly KubeObject[], artifactRoot: string) {
  const all = objects.filter(isFluxKustomization);
  const filesOf = ({ data }: KubeObject) => manifestsOf(tree, data.spec, artifactRoot);
  const isAlone = (one: KubeObject) =>
    Boolean(repositoryPath(one.data.spec, artifactRoot)) && filesOf(one).includes(one.file);
  const alone = all.filter(isAlone);
  const deliverers = new Map<string, KubeObject[]>(alone.map(({ file }) => [file, []]));
  if (alone.length > 0) for (const one of all) for (const file of filesOf(one)) deliverers.get(file)?.push(one);
  const find = indexSources(objects.filter(isSyncSource));
  const sources = new Map<KubeObject, KubeObject | undefined>();
  const readers = new Map<string, KubeObject[]>();
  const bringers = new Map<string, KubeObject[]>();
  for (const one of alone) {
    const ref = sourceRefOf(one.data.spec, one.namespace);
    if (!ref) continue;
    sources.set(one, find(ref, one.file));
    getOrMake(readers, `${ref.kind}/${ref.name}`, () => []).push(one);
    const held = filesOf(one).flatMap((file) => sourcesIn(tree, file).held);
    for (const name of new Set(held)) getOrMake(bringers, name, () => []).push(one);
  }
  return { sources, readers, bringers, deliverers };
}

/**
 * Whether two starts cannot run in one cluster: both of them hold an object of the same name, which two would own then, or both
 * install Flux. A source may be missing here and lie there for another reason: another repository brings it.
 * @param here its files, and the names of what no file of it may hold, such as its root
 */
export function isApart(
  tree: Tree,
  here: { files: ReadonlySet<string>; names: readonly string[] },
  there: ReadonlySet<string>,
): boolean {
  const names = new Set([...here.names, ...namesIn(tree, here.files)]);
  return (
    namesIn(tree, there).some((name) => names.has(name)) || [here.files, there].every((all) => installs(tree, all))
  );
}

/** What the objects in some files are called; a namespace may well be declared by whoever needs it. */
function namesIn(tree: Tree, files: Iterable<string>): string[] {
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
  const missing = missingSources(tree, files, root);
  return missing.size > 0 && [...brought].some((file) => sourcesIn(tree, file).held.some((name) => missing.has(name)));
}

function missingSources(tree: Tree, files: ReadonlySet<string>, root: Spec): Set<string> {
  const all = [...files].map((file) => sourcesIn(tree, file));
  const missing = new Set(all.flatMap(({ read }) => read));
  for (const name of [...all.flatMap(({ held }) => held), ...readNames(root)]) missing.delete(name);
  return missing;
}

const NAMES_SOURCE = /sourceRef|chartRef|source\.toolkit\.fluxcd\.io/;

/** `Kind/name` of the sources that a file holds, and of those that its objects read. */
function sourcesIn(tree: Tree, file: string): { held: string[]; read: string[] } {
  return rememberFile(tree, "sources in a file", file, (holder) => {
    const objects = NAMES_SOURCE.test(holder.read(file) ?? "") ? objectsIn(holder, [file]) : [];
    return {
      held: objects.filter(isSource).map(({ kind, name }) => `${kind}/${name}`),
      read: objects.flatMap(({ data }) => readNames(data.spec)),
    };
  });
}

/** `Kind/name` of every source that an object reads. */
function readNames(spec: Spec): string[] {
  const { sourceRef, chart, chartRef } = spec ?? {};
  return [sourceRef, chart?.spec?.sourceRef, chartRef].flatMap((ref) => (ref ? [`${ref.kind}/${ref.name}`] : []));
}
