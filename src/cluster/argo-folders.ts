import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, isWithin, normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { allInstalls } from "./all-installs.ts";
import { isArchived } from "./automation-files.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import type { Cluster } from "./types.ts";

/**
 * Applications of Argo CD that apply what Flux is made of: what the operator adopts goes on being theirs, so Argo CD puts it
 * back, and deletes it with its file where it prunes by itself. A path with a placeholder is left out.
 * @param leaving the files that go in this phase; without them all that install Flux and start the cluster
 */
export function reportArgoFolders(tree: Tree, cluster: Cluster, leaving?: readonly string[]): DraftFinding[] {
  const files = leaving ?? filesOf(cluster);
  const url: unknown = cluster.source?.data?.spec?.url;
  return tree
    .grep("argoproj.io/")
    .filter((path) => isYamlPath(path) && !isArchived(path))
    .flatMap((path) => readObjects(tree, path).objects.filter(isApplication))
    .flatMap((object) =>
      sourcesOf(object).flatMap(({ source, at }): DraftFinding[] => {
        const file = readsRepository(source, url) ? files.find((each) => applies(tree, source, each)) : undefined;
        if (file === undefined) return [];
        const level = leaving && prunes(object) ? "blocker" : "caution";
        const name = `${object.kind} ${object.name}`;
        const facts = { name, path: String(source.path), file };
        return [{ rule: "argo-applies-flux", level, resource: name, at: locateField(tree, object, at), facts }];
      }),
    );
}

function filesOf(cluster: Cluster): string[] {
  const { source, root, rootFrom } = cluster;
  const starts = rootFrom === "manifest" ? [source, root] : [];
  const objects = [...allInstalls(cluster).flatMap((install) => install.objects), ...starts];
  return [...new Set(objects.flatMap((object) => object?.file ?? []))];
}

const isApplication = ({ apiVersion, kind }: KubeObject) =>
  apiVersion.startsWith("argoproj.io/") && /^Application(?:Set)?$/.test(kind);

function specOf({ kind, data }: KubeObject): { spec: YamlData; path: string[] } {
  const body: YamlData = data;
  return kind === "Application"
    ? { spec: body?.spec, path: ["spec"] }
    : { spec: body?.spec?.template?.spec, path: ["spec", "template", "spec"] };
}

/** Those with a folder, and where it is said. */
function sourcesOf(object: KubeObject): { source: YamlData; at: (string | number)[] }[] {
  const { spec, path } = specOf(object);
  const several = itemsOf(spec?.sources).map((source, index) => ({ source, at: [...path, "sources", index, "path"] }));
  return [{ source: spec?.source, at: [...path, "source", "path"] }, ...several].filter(
    ({ source }) => typeof source?.path === "string" && !source.path.includes("{{"),
  );
}

function prunes(object: KubeObject): boolean {
  return specOf(object).spec?.syncPolicy?.automated?.prune === true;
}

/** One repository has many addresses; its own name is in all of them. */
function readsRepository({ repoURL }: YamlData, url: unknown): boolean {
  const nameOf = (address: string) => /([^/:]+?)(?:\.git)?\/*$/.exec(address)?.[1]?.toLowerCase();
  return typeof repoURL !== "string" || typeof url !== "string" || nameOf(repoURL) === nameOf(url);
}

/** Argo CD builds a folder with a kustomization, and takes the files of any other, those of folders below if it is told to. */
function applies(tree: Tree, source: YamlData, file: string): boolean {
  const dir = normalizePath(source.path) ?? "";
  if (findKustomization(tree, dir) !== undefined) return reach(tree, dir).resources.includes(file);
  return dirname(file) === dir || (source.directory?.recurse === true && isWithin(file, dir));
}
