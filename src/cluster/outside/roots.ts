import { UsageError } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf, type KubeObject, readableSpec, type YamlData } from "../../contract/objects.ts";
import { isFluxKustomization, isSyncSource } from "../../delivery/kinds.ts";
import { isWithin, LONGEST_PATH, normalizePath } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import type { Tree } from "../../files/tree.ts";
import { generateRoot } from "../../release/generated-sync.ts";
import { assemble, type Surroundings, survey } from "../assemble.ts";
import { isArchived } from "../automation-files.ts";
import { filesOf, repositoryPath } from "../graph.ts";
import { isYamlPath } from "../objects.ts";
import { readPublishedFolders } from "../published-folder.ts";
import { FLUX, scanFluxObjects } from "../scan.ts";
import { indexSources, isRepositorySource, resolveSource, type SourceRef, sourceRefOf } from "../sources.ts";
import { appliesFile } from "../territory.ts";
import type { Cluster, RepoModel } from "../types.ts";
import { FLUX_KUSTOMIZATION, findTold, isTerraform, type Told } from "./told.ts";

/** A cluster whose root stands in no file of the repository. */
export interface OutsideCluster {
  cluster: Cluster;
  /** Who says that Flux starts there; `--root` where a person does. */
  told: Told | undefined;
  folder: string;
}

const MOST_VARIABLES = 3;

type Known = Pick<RepoModel, "clusters">;

/** More than any repository has FluxKustomizations. */
const MUCH = 1_000_000;

interface OutsideSearch {
  /** Folders that a person names as roots. */
  given?: readonly string[];
  /** What a person says is published: see `readPublishedFolders`. */
  artifactPath?: string | undefined;
}

/**
 * Clusters that Flux starts from a folder of the repository although no root and no FluxInstance says so: those that a
 * person names, and those that Terraform, values of the flux-instance chart, an unfilled bootstrap folder or a line with
 * `flux bootstrap` tell of. Each is taken for a FluxKustomization with `prune: true` on that folder. A folder that a
 * recognised cluster starts from or builds already is none.
 * @throws UsageError where a named folder is not there
 */
export function findOutsideClusters(tree: Tree, model: Known, search: OutsideSearch): OutsideCluster[] {
  const top = readPublishedFolders(search.artifactPath).all ?? "";
  const given = (search.given ?? []).map((path) => checkFolder(tree, path));
  const told = mayHaveOthers(tree, model) ? tellFolders(tree, top) : [];
  const wanted = new Map(told.map(({ folder, by }) => [folder, by]));
  const folders = [...new Set([...given, ...wanted.keys()])].filter((folder) => !isBuilt(folder, model));
  if (folders.length === 0) return [];
  const around = survey(tree, scanFluxObjects(tree), { layout: "auto", ...search });
  return folders.flatMap((folder) => {
    const isGiven = given.includes(folder);
    const artifactRoot = isWithin(folder, top) ? top : "";
    const root = makeRoot(around, folder, artifactRoot);
    if (!root || !(isGiven || startsFlux(around, folder, model, wanted.get(folder)?.declared))) return [];
    const ref = sourceRefOf(root.data.spec, root.namespace);
    const source = ref && resolveSource(ref, root.file, around.objects.filter(isSyncSource));
    const start = { root, artifactRoot, rootFrom: "instance" as const, rivals: [], peers: [] };
    const cluster = assemble(around, source && isRepositorySource(source) ? { ...start, source } : start);
    cluster.name = folder || "the whole repository";
    return [{ cluster, folder, told: isGiven ? undefined : wanted.get(folder) }];
  });
}

function checkFolder(tree: Tree, path: string): string {
  const folder = normalizePath(path);
  if (folder !== undefined && (folder === "" || tree.isDir(folder))) return folder;
  const hint = "Name a folder as it is at the base, from the top of the repository: --root clusters/home.";
  throw new UsageError("no-root", `--root ${path} is no folder of the base.`, hint);
}

/** Whether something of Flux lies where no recognised cluster delivers it, or Terraform applies a FluxKustomization. */
function mayHaveOthers(tree: Tree, { clusters }: Known): boolean {
  const isKnown = (file: string) =>
    clusters.some(
      (cluster) => appliesFile(cluster, file) || file === cluster.root.file || file === cluster.source?.file,
    );
  const isOpen = (file: string) => isYamlPath(file) && !isArchived(file) && !isKnown(file);
  return tree.grep(FLUX).some(isOpen) || tree.grep(FLUX_KUSTOMIZATION).some(isTerraform);
}

/** Folders of the tree that are told of; a path with a variable is each folder that fits and that is no other's. */
function tellFolders(tree: Tree, top: string): { folder: string; by: Told }[] {
  return findTold(tree).flatMap((by) => {
    const path = normalizePath(by.path);
    if (path === undefined) return [];
    const whole = top === "" || isWithin(path, top) ? path : `${top}/${path}`;
    if (!path.includes("${")) return tree.isDir(whole) && !isArchived(`${whole}/`) ? [{ folder: whole, by }] : [];
    return foldersLike(tree, whole).map((folder) => ({ folder, by }));
  });
}

function foldersLike(tree: Tree, path: string): string[] {
  // What is nothing but a variable says nothing.
  if (!/^[^$/]+\//.test(path) || path.length > LONGEST_PATH) return [];
  const parts = path.split(/\$\{[^}]*\}/);
  // More of them could stand for anything, and take long to tell.
  if (parts.length > MOST_VARIABLES + 1) return [];
  const pattern = new RegExp(`^(${parts.map(escapeRegExp).join("[^/]+")})/`);
  const found = tree.paths.flatMap((file) => pattern.exec(file)?.[1] ?? []);
  return [...new Set(found)].filter((folder) => tree.isDir(folder) && !isArchived(`${folder}/`));
}

/** Whether a recognised cluster builds that very folder. */
function isBuilt(folder: string, { clusters }: Known): boolean {
  return clusters.some(({ local, root, artifactRoot }) =>
    [root.data.spec, ...local.map(readableSpec)].some((spec) => repositoryPath(spec, artifactRoot) === folder),
  );
}

/** The FluxKustomization that bootstrap or the operator would make: no document, beside those of the first file that it builds. */
function makeRoot({ tree, objects }: Surroundings, folder: string, artifactRoot: string): KubeObject | undefined {
  const path = `./${artifactRoot === "" ? folder : folder.slice(artifactRoot.length).replace(/^\//, "")}`;
  const files = filesOf(tree, { path }, artifactRoot);
  const file = files.find(isYamlPath);
  if (file === undefined) return undefined;
  const { kind, name } = refOfMost(objects, new Set(files));
  const { metadata, ...data } = generateRoot({ name, kind, path }, "flux-system");
  return { file, doc: -1, apiVersion: data.apiVersion, kind: data.kind, ...metadata, data: { ...data, metadata } };
}

/** What a FluxKustomization reads, and where that is an artifact that is put together in the cluster, what it is made from. */
function listRefs(object: KubeObject): { file: string; ref: SourceRef }[] {
  const { file, kind, namespace, data } = object;
  const refs = isFluxKustomization(object)
    ? [sourceRefOf(data.spec, namespace)]
    : kind === "ArtifactGenerator"
      ? itemsOf((data.spec as YamlData)?.sources).map((sourceRef) => sourceRefOf({ sourceRef }, namespace))
      : [];
  return refs.flatMap((ref) => (ref && ref.kind !== "ExternalArtifact" ? [{ file, ref }] : []));
}

/** The source that most FluxKustomizations of these files read, one that nothing declares before all others. */
function refOfMost(objects: readonly KubeObject[], files: ReadonlySet<string>): Pick<SourceRef, "kind" | "name"> {
  const find = indexSources(objects.filter(isSyncSource));
  const counts = new Map<string, { ref: SourceRef; count: number }>();
  for (const { file, ref } of objects.filter((one) => files.has(one.file)).flatMap(listRefs)) {
    const declared = ref && find(ref, file);
    if (declared && !isRepositorySource(declared)) continue;
    const known = getOrMake(counts, `${ref.kind}/${ref.name}`, () => ({ ref, count: 0 }));
    known.count += declared ? 1 : MUCH;
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return most?.ref ?? { kind: "GitRepository", name: "flux-system" };
}

/**
 * Whether a folder that is only told of holds or builds FluxKustomizations, and has nothing that a recognised cluster delivers.
 * @param isDeclared whether what builds the folder is told itself: then it may hold anything
 */
function startsFlux({ tree, byFile }: Surroundings, folder: string, { clusters }: Known, isDeclared = false): boolean {
  const files = tree.paths.filter((path) => isWithin(path, folder));
  const isOthers = (file: string) => clusters.some((cluster) => cluster.files.has(file));
  const isFlux = (file: string) => byFile.get(file)?.some(isFluxKustomization) === true;
  // An overlay has them from its base.
  const holdsFlux = isDeclared || files.some(isFlux) || filesOf(tree, { path: folder }, "").some(isFlux);
  return holdsFlux && !files.some(isOthers);
}
