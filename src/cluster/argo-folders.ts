import { repositoryIdentity } from "../contract/address.ts";
import { cutEnd } from "../contract/cut.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { basename, dirname, isWithin, normalizePath } from "../delivery/paths.ts";
import { foldersHolding, foldersOf } from "../files/disk-tree.ts";
import { compileSegment, matchTokens } from "../files/glob.ts";
import type { Tree } from "../files/tree.ts";
import { allInstalls } from "./all-installs.ts";
import { readArgoApplications } from "./argo-applications.ts";
import { isArchived } from "./automation-files.ts";
import type { Cluster } from "./types.ts";

/**
 * Applications of Argo CD that apply what Flux is made of: what the operator adopts goes on being theirs, so Argo CD puts it
 * back, and deletes it with its file where it prunes by itself. A path with a placeholder
 * counts where a folder that a Git generator finds makes it, and as one that may where something else fills it in.
 * @param leaving the files that go in this phase; without them all that install Flux and start the cluster
 */
export function reportArgoFolders(tree: Tree, cluster: Cluster, leaving?: readonly string[]): DraftFinding[] {
  const files = leaving ?? listStarting(cluster);
  const url: unknown = cluster.source?.data.spec?.url;
  const folders = makeFolders(tree, files);
  // Thousands of them may read one folder.
  const known = new Map<string, string>();
  const fileOf = (source: YamlData) =>
    getOrMake(
      known,
      `${source.directory?.recurse} ${source.path}`,
      () => files.find((file) => applies(tree, source, file)) ?? "",
    );
  return tree
    .grep("argoproj.io/")
    .filter((path) => !isArchived(path))
    .flatMap((path) => readArgoApplications(tree, path))
    .flatMap(({ object, spec, sources }) =>
      sources.flatMap(({ source: written, path }): DraftFinding[] => {
        if (typeof written?.path !== "string" || !readsRepository(written.repoURL, url)) return [];
        const made = folders(object, written.path).map((one) => ({ ...written, ...one }));
        const source = made.find((each) => fileOf(each) !== "");
        if (!source) return [];
        const file = fileOf(source);
        const prunes = spec?.syncPolicy?.automated?.prune === true && !source.isOpen;
        const isSure = prunes && !isOthers(source.repoURL, url);
        const level = leaving && isSure ? "blocker" : "caution";
        const name = `${object.kind} ${object.name}`;
        const facts = { name, path: source.path, file, ...(source.isOpen && { isOpen: true as const }) };
        return [
          { rule: "argo-applies-flux", level, resource: name, at: locateField(tree, object, [...path, "path"]), facts },
        ];
      }),
    );
}

/** The Application that applies an install which Flux does not deliver: one of these files, or what a person is said to apply. */
export function findArgoInstall(tree: Tree, cluster: Cluster, idle: readonly string[]): InstallElsewhere[] {
  const files = allInstalls(cluster).flatMap(({ at, objects }) => [at.file, ...objects.map(({ file }) => file)]);
  return reportArgoFolders(tree, cluster, [...new Set([...files, ...idle])]).flatMap((found): InstallElsewhere[] => {
    if (found.rule !== "argo-applies-flux" || !("facts" in found) || !found.at || found.facts.isOpen) return [];
    const { name, file } = found.facts;
    return [{ by: "argo", file: found.at.file, line: found.at.line, name, applies: file }];
  });
}

/** A folder that an Application reads; open where its generator fills in what is not in Git, and it is one that fits. */
interface Read {
  path: string;
  isOpen: boolean;
}

/** Gives what a path stands for: one of an ApplicationSet for each folder that its Git generators find. */
function makeFolders(tree: Tree, files: readonly string[]) {
  const near = new Set(files.flatMap((file) => foldersOf(file).reverse()));
  const all = once(() => ({ folders: split(foldersHolding(tree.paths)), files: split(tree.paths) }));
  const known = new Map<string, readonly string[]>();
  return ({ kind, data }: KubeObject, path: string): Read[] => {
    if (!path.includes("{{")) return [{ path, isOpen: false }];
    if (kind !== "ApplicationSet") return [];
    const { spec }: YamlData = data;
    const own = itemsOf(spec?.generators);
    const inner = own.flatMap(({ matrix, merge }) => itemsOf((matrix ?? merge)?.generators));
    const gits = [...own, ...inner].flatMap(({ git }) => git ?? []);
    const find = (git: YamlData) =>
      getOrMake(known, JSON.stringify([git.directories, git.files]), () => listFound(git, all()));
    const found = gits.length > 0 ? gits.flatMap(find) : [undefined];
    return [...new Set(found.map((folder) => fill(path, folder)))].flatMap((filled): Read[] => {
      if (!filled.includes("*")) return [{ path: filled, isOpen: false }];
      // What is nothing but open may be any folder.
      const fitting = /\w/.test(filled) ? [...near].filter(makeTakes(filled)) : [];
      return fitting.map((folder) => ({ path: folder, isOpen: true }));
    });
  };
}

interface Segmented {
  path: string;
  parts: readonly string[];
}

const split = (paths: Iterable<string>): Segmented[] => [...paths].map((path) => ({ path, parts: path.split("/") }));

/** The folders of a Git generator: those that it lists, or that hold a file that it lists. */
function listFound(git: YamlData, all: { folders: readonly Segmented[]; files: readonly Segmented[] }): string[] {
  const listed = itemsOf(git.directories).filter(({ path }) => typeof path === "string");
  const directories = listed.map(({ path, exclude }) => ({ segments: compile(path), isOut: exclude === true }));
  const isListed = ({ parts }: Segmented) => {
    const taken = directories.filter(({ segments }) => takes(segments, parts));
    return taken.length > 0 && taken.every(({ isOut }) => !isOut);
  };
  const patterns = itemsOf(git.files).map(({ path }) =>
    splitPath(String(path)).map((part) => (part === "**" ? ("*" as const) : compileSegment(part))),
  );
  const holds = ({ parts }: Segmented) => patterns.some((tokens) => matchTokens(tokens, parts) !== undefined);
  return [
    ...(directories.length > 0 ? all.folders.filter(isListed).map(({ path }) => path) : []),
    ...(patterns.length > 0 ? all.files.filter(holds).map(({ path }) => dirname(path)) : []),
  ];
}

/** A path with what a folder says of it; `*` for what something else does. */
function fill(path: string, folder: string | undefined): string {
  return path.replace(/\{\{([^{}]*)\}\}/g, (_, said: string) => {
    const word = said.trim();
    if (folder === undefined) return "*";
    if (/^\.?path(?:\.path)?$/.test(word)) return folder;
    if (/^\.?path\.basename(?:Normalized)?$/.test(word)) return basename(folder);
    const at = /^(?:path\[|index \.path\.segments )(\d+)\]?$/.exec(word)?.[1];
    return at === undefined ? "*" : (folder.split("/")[Number(at)] ?? "*");
  });
}

const splitPath = (path: string): string[] => path.replace(/^\.?\//, "").split("/");

type Segment = (part: string) => boolean;

const compile = (pattern: string): Segment[] => splitPath(pattern).map(compileSegment);

/** A `*` of a generator stays within its segment. */
function takes(segments: readonly Segment[], parts: readonly string[]): boolean {
  return segments.length === parts.length && segments.every((isOne, at) => isOne(parts[at]!));
}

function makeTakes(pattern: string): (folder: string) => boolean {
  const segments = compile(pattern);
  return (folder) => takes(segments, folder.split("/"));
}

/** Files that install Flux, and start the cluster. */
export function listStarting(cluster: Cluster): string[] {
  const { source, root, rootFrom } = cluster;
  const starts = rootFrom === "manifest" ? [source, root] : [];
  const objects = [...allInstalls(cluster).flatMap((install) => install.objects), ...starts];
  return [...new Set(objects.flatMap((object) => object?.file ?? []))];
}

/** One repository has many addresses; its own name is in all of them. */
export function readsRepository(repoURL: unknown, url: unknown): boolean {
  const nameOf = (address: string) => {
    const bare = cutEnd(address, "/");
    const last = bare.slice(Math.max(bare.lastIndexOf("/"), bare.lastIndexOf(":")) + 1);
    return last.replace(/\.git$/, "").toLowerCase();
  };
  return typeof repoURL !== "string" || typeof url !== "string" || nameOf(repoURL) === nameOf(url);
}

/** Whether both are on one host and belong to different owners there: forks of each other, or one that was renamed. */
export function isOthers(repoURL: unknown, url: unknown): boolean {
  if (typeof repoURL !== "string" || typeof url !== "string") return false;
  const [one, two] = [repoURL, url].map(repositoryIdentity) as [string, string];
  const hostOf = (identity: string) => identity.slice(0, identity.indexOf("/"));
  return one !== two && hostOf(one) === hostOf(two);
}

/** Argo CD builds a folder with a kustomization, and takes the files of any other, those of folders below if it is told to. */
function applies(tree: Tree, source: YamlData, file: string): boolean {
  const dir = normalizePath(source.path) ?? "";
  if (findKustomization(tree, dir) !== undefined) {
    const { resources, lists } = reach(tree, dir);
    return resources.includes(file) || lists.includes(file);
  }
  return dirname(file) === dir || (source.directory?.recurse === true && isWithin(file, dir));
}
