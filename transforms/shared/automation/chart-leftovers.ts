import { isDocs, isGenerator } from "../../../src/cluster/automation-files.ts";
import { repositoryPath } from "../../../src/cluster/graph.ts";
import { filesOfKind, readObjects } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { itemsOf, type KubeObject, readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { isHelmRelease } from "../../../src/delivery/kinds.ts";
import { isKustomizationFile, type KustomizationFile, kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import { dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { isMap } from "../../../src/yaml/is-map.ts";
import { walkData } from "../../../src/yaml/walk-data.ts";
import type { TransformContext } from "../../contract.ts";
import { docsIn } from "../read.ts";
import { isReadElsewhere } from "./readers.ts";

/** An item of a list of a kustomization that serves nothing but a release that goes. */
interface UnusedItem {
  kustomization: string;
  field: "configMapGenerator" | "secretGenerator" | "configurations";
  index: number;
}

/** What was there for the values of a release alone. */
export interface ValuesLeft {
  items: UnusedItem[];
  /** Kustomizations that lose their last generator, and with it the use of `generatorOptions`. */
  withoutGenerators: string[];
  files: string[];
}

const GENERATORS = { ConfigMap: "configMapGenerator", Secret: "secretGenerator" } as const;
/** Up to where helm-values.ts looks for a generator, too. */
const DEPTH = 3;

/**
 * Generators of values that only the going releases read, with their files and the name references that lead to them. A
 * file that something else reads stays, as for a helmfile that installs from it. Errs towards keeping.
 */
export function findValuesLeft(tree: Tree, documents: readonly KubeObject[]): ValuesLeft {
  const left: ValuesLeft = { items: [], withoutGenerators: [], files: [] };
  const files: string[] = [];
  for (const release of documents.filter(isHelmRelease)) {
    const wanted = itemsOf(release.data.spec?.valuesFrom);
    for (let dir = dirname(release.file), depth = 0; depth < DEPTH; dir = dirname(dir), depth++) {
      const file = kustomizationOf(tree, dir);
      if (file) left.items.push(...unusedGenerators(tree, file, wanted, documents));
      if (dir === "") break;
    }
  }
  for (const path of new Set(left.items.map(({ kustomization }) => kustomization))) {
    const file = kustomizationOf(tree, dirname(path))!;
    const isUnused = (field: string, index: number) =>
      left.items.some((item) => item.kustomization === path && item.field === field && item.index === index);
    const all = Object.values(GENERATORS).flatMap((field) => itemsOf(file.data[field]).map((_, i) => ({ field, i })));
    for (const { field, i } of all.filter(({ field, i }) => isUnused(field, i)))
      files.push(...filesOf(file, (file.data[field] as YamlData[])[i]));
    if (all.some(({ field, i }) => !isUnused(field, i))) continue;
    left.withoutGenerators.push(path);
    for (const [index, entry] of itemsOf(file.data.configurations).entries()) {
      const config = join(file.dir, String(entry));
      if (!refersToValuesOnly(tree.read(config))) continue;
      left.items.push({ kustomization: path, field: "configurations", index });
      files.push(config);
    }
  }
  const trimmed = new Set(left.items.map(({ kustomization }) => kustomization));
  // `valuesKey: values.yaml` of what goes names a key, and no file that it reads.
  const ending = new Set([...trimmed, ...documents.map(({ file }) => file)]);
  left.files = [...new Set(files)].filter((file) => tree.has(file) && !isReadElsewhere(tree, file, ending));
  return left;
}

function unusedGenerators(
  tree: Tree,
  { path, data }: KustomizationFile,
  wanted: readonly YamlData[],
  going: readonly KubeObject[],
): UnusedItem[] {
  return Object.entries(GENERATORS).flatMap(([kind, field]) =>
    itemsOf(data[field]).flatMap((item, index): UnusedItem[] => {
      const name: unknown = item.name;
      const isWanted = wanted.some((from) => from?.kind === kind && String(from?.name).replace(HASH, "") === name);
      if (typeof name !== "string" || !isWanted) return [];
      const isHashed = ![data.generatorOptions, item.options].some(
        (one: YamlData) => one?.disableNameSuffixHash === true,
      );
      // By its plain name another object may mean one without a hash, whatever is generated beside that.
      const hasOwn = (file: string) => isHashed && generatesOwn(tree, file, { path, field, name });
      if (isNamed(tree, name, [kind], going, hasOwn)) return [];
      return [{ kustomization: path, field, index }];
    }),
  );
}

/** Whether another kustomization lists a file, and makes an object of that name itself: what the file names is that one. */
function generatesOwn(tree: Tree, file: string, than: { path: string; field: string; name: string }): boolean {
  let dir = dirname(file);
  for (let depth = 0; depth < DEPTH; dir = dirname(dir), depth++) {
    const found = kustomizationOf(tree, dir);
    if (found && itemsOf(found.data.resources).some((entry) => join(dir, String(entry)) === file))
      return (
        found.path !== than.path &&
        itemsOf(found.data[than.field]).some(
          ({ name, behavior }) => name === than.name && (behavior ?? "create") === "create",
        )
      );
    if (dir === "") break;
  }
  return false;
}

/** What kustomize appends to the name of a generated object. */
const HASH = /-[a-z0-9]{10}$/;

function filesOf({ dir }: KustomizationFile, item: YamlData): string[] {
  const named = [...itemsOf(item?.files), ...itemsOf(item?.envs), item?.env].filter((one) => typeof one === "string");
  return named.map((one) => join(dir, one.slice(one.indexOf("=") + 1)));
}

/** A `kustomizeconfig.yaml` that only tells kustomize where a HelmRelease names its values. */
function refersToValuesOnly(text: string | undefined): boolean {
  const docs = docsIn(text ?? "").filter(({ data }) => data !== undefined);
  return (
    docs.length === 1 &&
    Object.keys(docs[0]!.data ?? {}).every((key) => key === "nameReference") &&
    itemsOf(docs[0]!.data?.nameReference).every(
      (reference) =>
        reference.kind in GENERATORS && itemsOf(reference.fieldSpecs).every(({ kind }) => kind === "HelmRelease"),
    )
  );
}

/** Sources of the going releases that nothing else in the tree names: HelmRepositories, charts of a registry, and HelmCharts with theirs. */
export function findUnusedSources(context: TransformContext, documents: readonly KubeObject[]): KubeObject[] {
  return documents.filter(isHelmRelease).flatMap((release): KubeObject[] => {
    const { chart, chartRef } = release.data.spec ?? {};
    const found = findUnusedSource(context, chartRef ?? chart?.spec?.sourceRef, documents);
    const behind = found.filter(({ kind }) => kind === "HelmChart").map(({ data }) => data.spec?.sourceRef);
    return [...found, ...behind.flatMap((ref) => findUnusedSource(context, ref, [...documents, ...found]))];
  });
}

function findUnusedSource(context: TransformContext, ref: YamlData, going: readonly KubeObject[]): KubeObject[] {
  const { cluster, model, tree, agreed } = context;
  const kind = String(ref?.kind ?? "OCIRepository");
  if (typeof ref?.name !== "string" || !/^(HelmRepository|OCIRepository|HelmChart)$/.test(kind)) return [];
  const isIt = ({ object }: { object: KubeObject }) => object.kind === kind && object.name === ref.name;
  const found = cluster.objects.filter(isIt).map(({ object }) => object);
  const others = model.clusters.filter((other) => other !== cluster);
  const isShared = found.some(({ file }) => others.some((other) => other.files.has(file) && !agreed.takesPart(other)));
  const isTheirs = isOfOwners(context, ({ objects }) => objects.some(isIt));
  // Of two that have one name, nothing says which of them another release means.
  if (found.length !== 1 || isShared || isNamed(tree, ref.name, [kind], [...going, ...found], isTheirs)) return [];
  return found.filter(({ file }) => !isLastOfFolder(context, file));
}

/**
 * Whether a FluxKustomization builds a folder that has nothing but this file: Git keeps no empty folder, and Flux builds none that is not
 * there. Where a kustomization lists the file, that stays.
 */
function isLastOfFolder({ cluster, tree }: TransformContext, file: string): boolean {
  return cluster.kustomizations.some((item) => {
    const path = repositoryPath(readableSpec(item), cluster.artifactRoot);
    if (path === undefined || !isWithin(file, path)) return false;
    let only = path;
    for (let names = tree.entries(only); names.length === 1 && only !== file; names = tree.entries(only))
      only = join(only, names[0]!);
    return only === file;
  });
}

/**
 * ConfigMaps of Git that hold values of the going releases, and that nothing else in the tree names. A Secret stays: only its owner knows what
 * else it is for.
 */
export function findUnusedValues(context: TransformContext, documents: readonly KubeObject[]): KubeObject[] {
  const { cluster, model, tree, agreed } = context;
  const others = model.clusters.filter((other) => other !== cluster && !agreed.takesPart(other));
  return documents.filter(isHelmRelease).flatMap((release) => {
    const wanted = itemsOf(release.data.spec?.valuesFrom).filter(({ kind }) => kind === "ConfigMap");
    const names = [...new Set(wanted.map(({ name }) => name))].filter(
      (name) => typeof name === "string" && name !== "",
    );
    return (names as string[]).flatMap((name) => {
      const naming = tree.grep(name);
      const all = naming
        .filter((file) => /\.ya?ml$/.test(file))
        .flatMap((file) => readObjects(tree, file).objects)
        .filter((one) => one.kind === "ConfigMap" && one.name === name);
      const found = all.filter(({ file }) => cluster.files.has(file));
      const [only] = found;
      // One of another namespace is not what the release reads.
      if (!only || found.length > 1 || only.namespace !== release.namespace) return [];
      const isShared = others.some((other) => other.files.has(only.file));
      // `kubectl get configmap` of a script, or what a program reads.
      const isRead = naming.some((path) => !/\.ya?ml$/.test(path) && !isDocs(path));
      const isTheirs = isOfOwners(context, ({ files }) => all.some(({ file }) => files.has(file)));
      return isShared || isRead || isNamed(tree, name, ["ConfigMap"], [...documents, only], isTheirs) ? [] : [only];
    });
  });
}

/**
 * Whether a file is of other clusters alone that have an object of that name themselves: what it names is theirs. One of a cluster that has none
 * may be of the same cluster in truth, and counts.
 * @param hasOwn whether another cluster has such an object
 */
function isOfOwners(
  { cluster, model }: TransformContext,
  hasOwn: (other: Cluster) => boolean,
): (file: string) => boolean {
  // The files come first: what a cluster has is looked up when it is asked for.
  const isOf = (other: Cluster, file: string) => other !== cluster && other.files.has(file) && hasOwn(other);
  return (file) => !cluster.files.has(file) && model.clusters.some((other) => isOf(other, file));
}

/** Whether an object of the tree that does not go names one by kind and name, or by a variable. */
function isNamed(
  tree: Tree,
  name: string,
  kinds: readonly string[],
  going: readonly KubeObject[],
  hasOwn: (file: string) => boolean = () => false,
): boolean {
  const gone = new Set(going.map(({ file, doc }) => `${file}#${doc}`));
  for (const file of new Set([...tree.grep(name), ...kinds.flatMap((kind) => filesOfKind(tree, kind))])) {
    if (isKustomizationFile(file)) continue;
    if ((isGenerator(file) || /\.[cm]?[jt]sx?$/.test(file)) && tree.read(file)?.includes(name)) return true;
    if (!/\.ya?ml$/.test(file)) continue;
    const isOwn = hasOwn(file);
    for (const object of isOwn ? [] : readObjects(tree, file).objects) {
      if (!gone.has(`${object.file}#${object.doc}`) && names(object.data, name, kinds)) return true;
    }
  }
  return false;
}

function names(data: YamlData, name: string, kinds: readonly string[]): boolean {
  return walkData([data?.spec, data?.data]).some(({ value }) => {
    if (!isMap(value)) return false;
    const { kind, name: named } = value;
    const isMeant =
      named === name || (typeof named === "string" && (named.includes("${") || named.replace(HASH, "") === name));
    return isMeant && (kind === undefined ? named === name : kinds.includes(kind));
  });
}
