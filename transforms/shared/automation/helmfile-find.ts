import { repositoryPath } from "../../../src/cluster/graph.ts";
import { sourceRefOf } from "../../../src/cluster/sources.ts";
import { ownersOf } from "../../../src/cluster/territory.ts";
import type { Cluster, RepoModel } from "../../../src/cluster/types.ts";
import { compareText } from "../../../src/contract/compare-text.ts";
import { readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { docsIn } from "../read.ts";
import { sourceNamesOf } from "../references/renames.ts";

/** A helmfile that installs what a cluster needs before Flux runs. */
export interface Helmfile {
  path: string;
  text: string;
  /** Undefined when it is a template or no valid YAML. */
  data?: YamlData;
  /** Its sibling that only extracts CRDs (`helmfile.d/00-crds.yaml`). */
  crds?: string;
}

const ARCHIVED = /(^|\/)(\.?archived?|\.?deprecated|templates?|examples?|tests?)\//i;

/** What a helmfile is called. */
export const HELMFILE = /(^|\/)helmfile(\.d\/[^/]+)?\.ya?ml(\.gotmpl)?$/;

/** A scalar in quotes: a template in it (`'{{ requiredEnv "TOP" }}/values.yaml'`) leaves the file YAML that can be read and edited. */
const QUOTED = /'(?:[^'\n]|'')*'|(?<!\\)"(?:[^"\\\n]|\\.)*"/g;

/** A cluster in a tree, among others. */
export interface Place {
  tree: Tree;
  cluster: Cluster;
  model: Pick<RepoModel, "clusters" | "leftOut">;
}

/**
 * The helmfile of one cluster: the nearest to its root among those no other cluster is nearer to.
 * `ambiguous` names the files that several clusters could claim; nothing is edited then.
 */
export function findHelmfile({ tree, model, cluster }: Place): Found {
  return remember(tree, "helmfile of a cluster", cluster, () => lookForHelmfile({ tree, model, cluster }));
}

interface Found {
  helmfile?: Helmfile;
  ambiguous: readonly string[];
}

function lookForHelmfile({ tree, model, cluster }: Place): Found {
  const owned: string[] = [];
  const ambiguous: string[] = [];
  for (const path of listHelmfiles(tree)) {
    const owners = ownersOf(path, model);
    if (owners.length > 1) ambiguous.push(path);
    else if (owners[0] === cluster) owned.push(path);
  }
  const crds = owned.filter((path) => isCrdHelmfile(tree, path));
  const isOfCrds = new Set(crds);
  const apps = owned.filter((path) => !isOfCrds.has(path)).map((path) => ({ path, rank: rank(tree, path) }));
  const path = apps.sort((a, b) => b.rank - a.rank || a.path.length - b.path.length)[0]?.path;
  if (path === undefined) return { ambiguous };
  const beside = crds.find((other) => dirname(other) === dirname(path));
  return { helmfile: { ...readHelmfile(tree, path), ...(beside ? { crds: beside } : {}) }, ambiguous };
}

/** As far as their folder tells, archived copies and templates are not in use. */
function listHelmfiles(tree: Tree): readonly string[] {
  return remember(tree, "helmfiles", "", () =>
    tree.paths.filter((path) => HELMFILE.test(path) && !ARCHIVED.test(path)),
  );
}

function readHelmfile(tree: Tree, path: string): Helmfile {
  const text = tree.read(path) ?? "";
  const isTemplate =
    text
      .replace(/^[ \t]*#.*$/gm, "")
      .replace(QUOTED, "")
      .includes("{{") || path.endsWith(".gotmpl");
  const docs = isTemplate ? [] : docsIn(text).filter(({ data }) => data !== undefined);
  const data = docs.length === 1 ? docs[0]!.data : undefined;
  return { path, text, ...(Array.isArray(data?.releases) ? { data } : {}) };
}

/** One that post-renders to CRDs is piped to kubectl and must not install anything. */
function isCrdHelmfile(tree: Tree, path: string): boolean {
  if (/crds?\b/i.test(basename(path))) return true;
  const text = tree.read(path) ?? "";
  const renderer = text.indexOf("postRenderer");
  return renderer >= 0 && text.includes("CustomResourceDefinition", renderer);
}

/** Flux entries first, then files in a bootstrap folder, then the one that installs the most. */
function rank(tree: Tree, path: string): number {
  const text = tree.read(path) ?? "";
  const flux = /charts\/(flux-operator|flux-instance|flux2)\b/.test(text) ? 10_000 : 0;
  const bootstrap = /(^|\/)bootstrap\//.test(path) ? 1000 : 0;
  return flux + bootstrap + (text.match(/^[ \t]*chart:/gm)?.length ?? 0);
}

/**
 * Where a new helmfile goes: the bootstrap folder of the cluster, else `bootstrap/helmfile.d` for a lone cluster. Undefined when every such folder is built recursively by a FluxKustomization, which would take the
 * helmfile for a manifest.
 */
export function chooseHelmfileDir({ tree, model, cluster }: Place): string | undefined {
  const own = cluster.bootstraps.flatMap(({ dir }) => (dir === undefined ? [] : [bootstrapFolder(dir)]));
  const isLone = model.clusters.length === 1;
  // `kubernetes/bootstrap` is where this owner looks for it, whatever installs Flux from there today.
  const there = isLone ? tree.paths.flatMap((path) => /^(?:.*\/)?bootstrap(?=\/)/.exec(path)?.[0] ?? []) : [];
  const near = [...new Set(there)]
    .filter((dir) => !ARCHIVED.test(`${dir}/`) && ![...cluster.files].some((file) => isWithin(file, dir)))
    .sort((a, b) => a.split("/").length - b.split("/").length || compareText(a, b));
  const choices = [...near, ...(isLone ? ["bootstrap", ...own] : [...own, `bootstrap/${cluster.name}`])];
  const dir = choices.find((dir) => !model.clusters.some((other) => isBuiltRecursively(tree, other, dir)));
  return dir === undefined ? undefined : `${dir}/helmfile.d`;
}

/** `kubernetes/main/bootstrap/flux` -> `kubernetes/main/bootstrap`; a folder of another name keeps its own place. */
function bootstrapFolder(dir: string): string {
  const segments = dir.split("/");
  const index = segments.lastIndexOf("bootstrap");
  return index < 0 ? dirname(dir) || dir : segments.slice(0, index + 1).join("/");
}

function isBuiltRecursively(tree: Tree, cluster: Cluster, dir: string): boolean {
  const root = sourceRefOf(cluster.root.data.spec, cluster.namespace);
  const names = [root?.name, cluster.source?.name, sourceNamesOf(cluster)?.source.to];
  return cluster.kustomizations.some((item) => {
    const spec = readableSpec(item);
    if (!names.includes(sourceRefOf(spec, item.namespace)?.name)) return false;
    const path = repositoryPath(spec, cluster.artifactRoot);
    return path !== undefined && isWithin(dir, path) && findKustomization(tree, path) === undefined;
  });
}
