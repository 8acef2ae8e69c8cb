import { kustomizationNames } from "../../kustomize/file.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { isFluxKustomization } from "../kinds.ts";
import { isYamlPath, readObjects } from "../objects.ts";
import { basename, dirname, isWithin, join, sharedSegments } from "../paths.ts";
import type { Cluster, KubeObject, RepoModel, YamlData } from "../types.ts";
import { printKey } from "./key.ts";
import { type ReadContext, readFluxSpec } from "./read-object.ts";
import type { Snapshot } from "./types.ts";

export interface UnseenInput {
  model: RepoModel;
  cluster: Cluster;
  before: Tree;
  after: Tree;
  changed: ReadonlySet<string>;
  /** Flux objects of the tree after the change. */
  objects: readonly KubeObject[];
  today: Snapshot;
  later: Snapshot;
  read: Pick<ReadContext, "version" | "sources" | "viewOf">;
}

const NAMES: readonly string[] = kustomizationNames;
const EXTERNAL = "ExternalArtifact";

/**
 * Readers of this repository that the graph does not show, as far as the change may make them delete something: what an
 * ArtifactGenerator or a ResourceSet makes, and FluxKustomizations that nothing here applies but somebody may have.
 */
export function findUnseen(input: UnseenInput): string[] {
  if (input.changed.size === 0) return [];
  return [...findArtifacts(input), ...findGenerated(input), ...findUnapplied(input)];
}

/** What reads an ExternalArtifact, where the change alters how it is made or takes objects out of what it is made from. */
function findArtifacts({ cluster, before, after, changed, read }: UnseenInput): string[] {
  return cluster.kustomizations.flatMap(({ object, namespace, effective }) => {
    const ref = effective?.spec?.sourceRef;
    if (ref?.kind !== EXTERNAL) return [];
    const makes = ({ kind, data }: KubeObject) =>
      kind === "ArtifactGenerator" && list(data?.spec?.artifacts).some(({ name }) => name === ref.name);
    const files = (tree: Tree) => tree.grep("ArtifactGenerator").filter(isYamlPath);
    const find = (tree: Tree) =>
      files(tree)
        .flatMap((file) => readObjects(tree, file).objects)
        .find(makes);
    const [old, now] = [find(before), find(after)];
    if (!old) return [];
    const isOther = JSON.stringify(old.data?.spec) !== JSON.stringify(now?.data?.spec);
    const folders = listCopied(old.data?.spec, String(ref.name), read.sources);
    const lost = [...changed].some(
      (file) =>
        folders.some((folder) => isWithin(file, join(cluster.artifactRoot, folder))) && loses(before, after, file),
    );
    if (!isOther && !lost) return [];
    const what = isOther ? `ArtifactGenerator ${old.name} changes` : "this change takes objects out of what it copies";
    return [
      `Kustomization ${namespace}/${object.name} reads ExternalArtifact ${ref.name}, and ${what}: Flux prunes what is no longer in it, which cannot be seen here.`,
    ];
  });
}

/** Folders of this repository that an ArtifactGenerator copies into an artifact. */
function listCopied(spec: YamlData, name: string, sources: ReadonlySet<string>): string[] {
  const own = list(spec?.sources).filter(({ kind, name: source }) => sources.has(`${kind}/${source}`));
  const aliases = own.map(({ alias }) => `@${alias}/`);
  const artifact = list(spec?.artifacts).find((one) => one.name === name);
  return list(artifact?.copy).flatMap(({ from }) => {
    const alias = aliases.find((one) => String(from).startsWith(one));
    return alias === undefined ? [] : [beforePattern(String(from).slice(alias.length), /[*?[{]/)];
  });
}

/** Folders that a ResourceSet makes FluxKustomizations read. */
function findGenerated({ model, cluster, before, after, changed, read }: UnseenInput): string[] {
  const sets = model.objects.filter(
    ({ kind, file, apiVersion }) =>
      kind === "ResourceSet" && apiVersion.startsWith("fluxcd.controlplane.io/") && cluster.files.has(file),
  );
  return sets.flatMap(({ name, namespace, data }) => {
    const paths = listPaths(data?.spec, read.sources).map(toPattern);
    const touched = [...changed].filter(
      (file) => !cluster.files.has(file) && paths.some((path) => path.test(file)) && loses(before, after, file),
    );
    if (touched.length === 0) return [];
    const more = touched.length > 1 ? ` and ${touched.length - 1} more` : "";
    return [
      `ResourceSet ${namespace || cluster.namespace}/${name} makes Kustomizations that may read ${touched[0]}${more}: what they prune cannot be seen here.`,
    ];
  });
}

function listPaths(spec: YamlData, sources: ReadonlySet<string>): string[] {
  const own = new Set([...sources].map((source) => source.slice(source.indexOf("/") + 1)));
  const direct = list(spec?.resources)
    .filter((one) => one?.kind === "Kustomization" && isOwnName(one?.spec?.sourceRef?.name, own))
    .map((one) => String(one?.spec?.path ?? ""));
  const template = typeof spec?.resourcesTemplate === "string" ? spec.resourcesTemplate : "";
  const inText = template.includes("Kustomization") ? [...template.matchAll(/\bpath:\s*["']?([^\n"']+)/g)] : [];
  return [...direct, ...inText.map(([, path]) => path!.trim())];
}

function isOwnName(name: unknown, own: ReadonlySet<string>): boolean {
  return typeof name !== "string" || name.includes("<<") || own.has(name);
}

/** A path with what a ResourceSet fills in, such as `./tenants/<< inputs.name >>`. */
function toPattern(path: string): RegExp {
  const plain = path.replace(/^[./]+/, "").replace(/\/+$/, "");
  const parts = plain.split(/<<.*?>>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}${plain === "" ? "" : "/"}`);
}

/** FluxKustomizations on this repository that no tree delivers: where somebody applied one by hand it prunes as well. */
function findUnapplied({ model, cluster, objects, changed, before, today, later, read }: UnseenInput): string[] {
  const delivered = model.clusters.flatMap(({ kustomizations }) => kustomizations);
  const isDelivered = ({ file, doc, name, namespace }: KubeObject) =>
    delivered.some(
      ({ object, namespace: where }) =>
        (object.file === file && object.doc === doc) || (object.name === name && where === (namespace || where)),
    );
  const kept = new Set(objects.map(({ file, doc }) => `${file}#${doc}`));
  return model.objects.filter(isFluxKustomization).flatMap((object) => {
    const { file, doc, name, namespace, data } = object;
    const spec = data?.spec;
    const ref = `${spec?.sourceRef?.kind}/${spec?.sourceRef?.name}`;
    const path = repositoryPath(spec, cluster.artifactRoot);
    if (!read.sources.has(ref) || !path || !before.isDir(path) || spec?.prune !== true || spec.interval === undefined)
      return [];
    if (!kept.has(`${file}#${doc}`) || !isNearest(file, cluster, model) || isDelivered(object)) return [];
    if (![...changed].some((one) => isWithin(one, path) || basename(one) === ".sourceignore")) return [];
    const flux = readFluxSpec(spec, namespace || cluster.namespace, { ...read, chartHolds: () => [] });
    const [old, now] = [today.build(flux), later.build(flux)];
    if (!old.ok || !now.ok) return [];
    const lost = [...old.objects.keys()].filter((key) => !now.objects.has(key));
    if (lost.length === 0) return [];
    const more = lost.length > 1 ? ` and ${lost.length - 1} more` : "";
    return [
      `Kustomization ${namespace || cluster.namespace}/${name} (${file}) is applied by nothing in this repository; where somebody applied it by hand, Flux deletes ${printKey(lost[0]!)}${more}.`,
    ];
  });
}

function isNearest(file: string, cluster: Cluster, { clusters }: RepoModel): boolean {
  const near = (one: Cluster) => sharedSegments(dirname(one.root.file), dirname(file));
  return clusters.every(
    (other) =>
      other === cluster ||
      near(other) < near(cluster) ||
      (near(other) === near(cluster) && clusters.indexOf(other) > clusters.indexOf(cluster)),
  );
}

/** Whether a file may yield fewer objects than before. */
function loses(before: Tree, after: Tree, file: string): boolean {
  if (!before.has(file)) return NAMES.includes(basename(file));
  if (!after.has(file) || NAMES.includes(basename(file))) return true;
  if (!isYamlPath(file)) return false;
  const identities = (tree: Tree) =>
    readObjects(tree, file).objects.map(({ apiVersion, kind, namespace, name }) =>
      JSON.stringify([apiVersion, kind, namespace, name]),
    );
  const now = new Set(identities(after));
  return identities(before).some((one) => !now.has(one));
}

function beforePattern(path: string, glob: RegExp): string {
  const at = path.search(glob);
  return at < 0 ? path : path.slice(0, path.slice(0, at).lastIndexOf("/") + 1).replace(/\/+$/, "");
}

function list(value: YamlData): YamlData[] {
  return Array.isArray(value) ? value : [];
}
