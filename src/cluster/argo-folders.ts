import { repositoryIdentity } from "../contract/address.ts";
import { cutEnd } from "../contract/cut.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, isWithin, normalizePath } from "../delivery/paths.ts";
import { foldersOf } from "../files/disk-tree.ts";
import { compileSegment } from "../files/glob.ts";
import type { Tree } from "../files/tree.ts";
import { allInstalls } from "./all-installs.ts";
import { readArgoApplications } from "./argo-applications.ts";
import { isArchived } from "./automation-files.ts";
import type { Cluster } from "./types.ts";

/**
 * Applications of Argo CD that apply what Flux is made of: what the operator adopts goes on being theirs, so Argo CD puts it
 * back, and deletes it with its file where it prunes by itself. A path with a placeholder
 * counts where it is the folder that a Git generator finds, and is left out otherwise.
 * @param leaving the files that go in this phase; without them all that install Flux and start the cluster
 */
export function reportArgoFolders(tree: Tree, cluster: Cluster, leaving?: readonly string[]): DraftFinding[] {
  const files = leaving ?? listStarting(cluster);
  const url: unknown = cluster.source?.data.spec?.url;
  return tree
    .grep("argoproj.io/")
    .filter((path) => !isArchived(path))
    .flatMap((path) => readArgoApplications(tree, path))
    .flatMap(({ object, spec, sources }) =>
      sources.flatMap(({ source: written, path }): DraftFinding[] => {
        if (typeof written?.path !== "string" || !readsRepository(written.repoURL, url)) return [];
        const made = listFolders(object, written.path, files).map((folder) => ({ ...written, path: folder }));
        const source = made.find((each) => files.some((file) => applies(tree, each, file)));
        const file = source && files.find((each) => applies(tree, source, each));
        if (file === undefined) return [];
        const isSure = spec?.syncPolicy?.automated?.prune === true && !isOthers(source.repoURL, url);
        const level = leaving && isSure ? "blocker" : "caution";
        const name = `${object.kind} ${object.name}`;
        const facts = { name, path: source.path, file };
        return [
          { rule: "argo-applies-flux", level, resource: name, at: locateField(tree, object, [...path, "path"]), facts },
        ];
      }),
    );
}

const PLACE = /\{\{\s*\.?path(?:\.path)?\s*\}\}/;

/** What a path stands for: one of an ApplicationSet for each folder with one of the files that its Git generators find. */
function listFolders({ kind, data }: KubeObject, path: string, files: readonly string[]): string[] {
  if (!path.includes("{{")) return [path];
  if (kind !== "ApplicationSet" || path.replace(PLACE, "").includes("{{")) return [];
  const { spec }: YamlData = data;
  const own = itemsOf(spec?.generators);
  const inner = own.flatMap(({ matrix, merge }) => itemsOf((matrix ?? merge)?.generators));
  const lists = [...own, ...inner].map(({ git }) => itemsOf(git?.directories));
  return [...new Set(files.flatMap((file) => foldersOf(file).reverse()))]
    .filter((folder) =>
      lists.some((list) => {
        const taken = list.filter((one) => typeof one.path === "string" && takes(one.path, folder));
        return taken.length > 0 && taken.every(({ exclude }) => exclude !== true);
      }),
    )
    .map((folder) => path.replace(PLACE, () => folder));
}

/** A `*` of a generator stays within its segment. */
function takes(pattern: string, folder: string): boolean {
  const wanted = pattern.replace(/^\.?\//, "").split("/");
  const parts = folder.split("/");
  return wanted.length === parts.length && wanted.every((each, at) => compileSegment(each)(parts[at]!));
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
  if (findKustomization(tree, dir) !== undefined) return reach(tree, dir).resources.includes(file);
  return dirname(file) === dir || (source.directory?.recurse === true && isWithin(file, dir));
}
