import { fluxUrlOf, repositoryIdentity } from "../contract/address.ts";
import type { KubeObject } from "../contract/objects.ts";
import { operand, sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { basename, dirname, isWithin } from "../delivery/paths.ts";
import { isMap } from "../yaml/is-map.ts";
import { assemble, type Surroundings } from "./assemble.ts";
import { isArchived } from "./automation-files.ts";
import { GOTK_NEEDLE } from "./gotk/detect.ts";
import { actsForTenant, computedPath, keyOf, ownOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { findContinuousInstalls } from "./install.ts";
import { sayInJson } from "./json-objects.ts";
import { type SourceRef, sourceRefOf } from "./sources.ts";
import { areReadAlike, isShown } from "./starts.ts";
import type { Cluster, LeftOut } from "./types.ts";

export const ELSEWHERE = {
  why: "applies its folder to another cluster through a kubeconfig",
  isCopy: false,
  next: "Run fluxlift where that cluster's own source and root are declared, if it has any.",
};

/** A FluxKustomization outside of the recognised clusters. */
export interface Stray {
  object: KubeObject;
  source: KubeObject | undefined;
  files: ReadonlySet<string>;
  /** Whether it looks like the start of a cluster, and not like an app. */
  starts: boolean;
  /** Its source has another URL than this repository, as far as its name is known. */
  isForeign?: true;
  /** The cluster beside whose folder it lies, in one of its own: `clusters/prod` and `clusters/staging`. */
  beside?: Cluster;
}

type Reason = Pick<LeftOut, "why" | "isCopy" | "copyOf" | "next" | "installs">;

interface Case extends Stray {
  around: Surroundings;
  clusters: readonly Cluster[];
  /** What it builds, as it is said: computed by what writes the file, or as written. */
  path: string;
  isComputed: boolean;
  /** In this repository. */
  folder: string | undefined;
  because(why: string, next: string): Reason;
}

/** Why no cluster is read from it, and what to do; the first that holds is said. */
const REASONS: readonly ((one: Case) => Reason | undefined)[] = [
  ({ object }) => (object.data.spec?.kubeConfig ? ELSEWHERE : undefined),
  sayFilledIn,
  sayNameless,
  sayBeside,
  sayForeign,
  (one) =>
    one.source && one.source.kind !== "GitRepository" && one.folder === "" && isSync(one.object, one.source)
      ? sayPublished(one, one.source)
      : undefined,
  sayTwin,
  sayBuilt,
  sayOpenUrl,
  sayTenant,
  sayMade,
  sayNoSource,
  sayNoFolder,
  ({ source, clusters, ...one }) =>
    clusters.length === 0 && source && source.kind !== "GitRepository" ? sayPublished(one, source) : undefined,
  sayUndelivered,
];

/** What no other reason fits lies far from its source. */
export function explain(around: Surroundings, stray: Stray, clusters: readonly Cluster[]): Reason {
  const { object, source } = stray;
  const computed = computedPath(around.tree, object);
  const path = computed ?? String(object.data.spec?.path ?? "./");
  const isCopy = isArchived(object.file);
  const because = (why: string, next: string): Reason => ({ why: `builds ${path}${why}`, isCopy, next });
  const folder = repositoryPath(object.data.spec, "");
  const one: Case = { ...stray, around, clusters, path, isComputed: computed !== undefined, folder, because };
  for (const say of REASONS) {
    const reason = say(one);
    if (reason) return reason;
  }
  return because(
    `, but its source ${source ? describe(source) : ""} lies far from it, or is another repository`,
    "If it is this repository, give the git remote the URL of that source, and run fluxlift again.",
  );
}

/** `${CLUSTER}` is mostly filled in by what applies the file, as envsubst does, so that no tree ever holds it. */
function sayFilling(path: string): string {
  if (!/\$\{?\w/.test(path)) return `Have ${path} filled in first, and run fluxlift on the tree that comes of it.`;
  return `If a script fills in ${path} while it applies this file, commit source and root as each cluster has them (flux export source git --all, flux export kustomization …), and run fluxlift again. Else have it filled in first, and run fluxlift on the tree that comes of it.`;
}

function sayFilledIn({ isComputed, path, because }: Case): Reason | undefined {
  if (!isComputed && !PLACEHOLDER.test(path)) return undefined;
  return because(", which something fills in before Flux reads it", sayFilling(path));
}

function sayNameless({ object, because }: Case): Reason | undefined {
  if (!isNameless(object, sourceRefOf(object.data.spec, object.namespace))) return undefined;
  const lacks = object.data.spec?.sourceRef?.name === undefined ? "name" : "kind";
  return because(
    `, and names no source: spec.sourceRef has no ${lacks}, so the API server refuses it`,
    `Write the ${lacks} of the source that it reads into spec.sourceRef, and run fluxlift again.`,
  );
}

function sayBeside({ object, beside, because }: Case): Reason | undefined {
  if (!beside) return undefined;
  const folder = dirname(object.file);
  return because(
    ` and lies in ${folder}, beside the folder of cluster ${beside.name}, but no root builds ${folder}`,
    "If a cluster starts from there, commit its root as the cluster has it (flux export kustomization …).",
  );
}

function sayForeign({ isForeign, source, because }: Case): Reason | undefined {
  if (!isForeign || !source) return undefined;
  const url = String(source.data.spec?.url);
  const add = sh`git remote add mirror ${operand(fluxUrlOf(url) ?? "URL")}`.line;
  return because(
    ` of ${repositoryIdentity(url)}, and no git remote here is called so`,
    `If that is a mirror of this repository, make it known with ${add}, and run fluxlift again. If it is this repository by an older name, write its URL of today into the source, merge that, and run fluxlift again. If it is a fork, run fluxlift there.`,
  );
}

function sayPublished({ because }: Pick<Case, "because">, of: KubeObject): Reason {
  return because(
    ` of ${describe(of)}, and no job or task says which folder is published there`,
    `If a folder of this repository is published to ${describe(of)}, give that folder with ${sayFlag(of)}. Else commit the source and the root that read this repository, and run fluxlift again.`,
  );
}

function sayTwin({ clusters, source, folder, because }: Case): Reason | undefined {
  const twin = clusters.find((cluster) => isTwin(cluster, source, folder));
  if (!twin) return undefined;
  return because(
    ` from a source of its own, as the root of cluster ${twin.name} does (${twin.root.file}), so what is merged for that one reaches whatever starts from here in the same moment`,
    "If a second cluster starts from it, merge no phase before every check of the runbook holds in both, and take its own root and source out as well at cleanup. If nothing uses it, delete it.",
  );
}

function sayBuilt(one: Case): Reason | undefined {
  const { clusters, files, folder, because } = one;
  const own = ownOf(files, folder);
  const builder = clusters.find((cluster) => own.some((file) => cluster.files.has(file)));
  if (!builder) return undefined;
  const what = `, which cluster ${builder.name} delivers already, and nothing delivers this`;
  return { ...because(what, ""), isCopy: true, ...(isAgain(one, builder) ? { copyOf: builder.name } : {}) };
}

/**
 * Whether it is the root of a cluster once more, as in a file that somebody starts the cluster from. With an install of its own
 * it is the copied folder of another cluster; so it is under the name that `flux bootstrap` gives, outside what the root builds:
 * a folder that somebody has begun, and that still says the old path.
 */
function isAgain({ object, source, folder, around }: Case, cluster: Cluster): boolean {
  const { root, source: read, artifactRoot, files } = cluster;
  if (!source || !read || isShown(object.file) || describe(object) !== describe(root)) return false;
  if (basename(object.file) === "gotk-sync.yaml" && !isWithin(object.file, folder ?? "")) return false;
  const isBeside = (file: string) => dirname(file) === dirname(object.file);
  // Until the cutover the cluster's own install lies beside a file in the folder of its root.
  if (around.tree.grep(GOTK_NEEDLE).some((file) => isBeside(file) && !files.has(file))) return false;
  return (
    object.namespace === root.namespace &&
    folder === repositoryPath(root.data.spec, artifactRoot) &&
    areReadAlike(source, read)
  );
}

function sayOpenUrl({ source, because }: Case): Reason | undefined {
  if (!source || !PLACEHOLDER.test(String(source.data.spec?.url ?? ""))) return undefined;
  return { ...because(` of ${describe(source)}, whose URL something fills in before Flux reads it`, ""), isCopy: true };
}

function sayTenant({ object, because }: Case): Reason | undefined {
  if (!actsForTenant(object.data.spec)) return undefined;
  return because(
    ` as ServiceAccount ${object.data.spec?.serviceAccountName}, as that of a tenant does`,
    "Nothing, if it is a tenant's, whose Flux is the fleet's. If a cluster starts with it, that account is to apply the operator as well: have kustomize-controller do so (spec.serviceAccountName: kustomize-controller), or give the account these rights and list the install of Flux in what it builds; merge that, and run fluxlift again.",
  );
}

/** No root: a FluxInstance can sync none (flux-facts 6.2). */
function sayMade({ object, because }: Case): Reason | undefined {
  const { kind, name } = object.data.spec?.sourceRef ?? {};
  if (kind !== "ExternalArtifact") return undefined;
  return because(
    ` of ExternalArtifact ${name}, which something in the cluster makes, and which no FluxInstance can sync`,
    `Have a GitRepository and a FluxKustomization that reads it deliver ${object.file}, merge that and wait until it is reconciled, then run fluxlift again.`,
  );
}

const IN_TEMPLATE =
  "This file lies in a template, whose folders get their names when a repository is made of it: run fluxlift in what was made of it, and change the template by hand.";

function sayNoSource(one: Case): Reason | undefined {
  const { object, source, around, because } = one;
  if (source) return undefined;
  const { kind, name } = object.data.spec?.sourceRef ?? {};
  const json = sayInJson(around.tree, kind, name);
  if (json) return because(json.why, json.next);
  const what = `, but its source ${kind} ${name} is not in this repository`;
  if (/\{[{%]/.test(object.file)) return because(what, IN_TEMPLATE);
  const parent = `the FluxKustomization that builds ${dirname(object.file) || "this folder"}, if the cluster has one (flux export kustomization …), `;
  return because(
    what,
    `Commit the ${kind} ${name} as the cluster has it (flux export source …)${buildsItself(one) ? " " : `, and ${parent}`}beside this file, and run fluxlift again.`,
  );
}

function sayNoFolder({ source, folder, around, because }: Case): Reason | undefined {
  if (!source || !folder || around.tree.isDir(folder)) return undefined;
  const of = ` of ${describe(source)}`;
  if (source.kind === "GitRepository")
    return because(
      `${of}, and there is no such folder`,
      "Correct its path, or run fluxlift at the top of the repository that has that folder. If it is a template, change that by hand: what is made of it starts with the old install.",
    );
  return because(
    `${of}; there is no such folder at the top, and no job or task says which folder is published there`,
    `Give the published folder with ${sayFlag(source)}.`,
  );
}

/** It reads the source of a cluster. What it installs may come from a source that the root delivers, and the other way round. */
function sayUndelivered({ around, clusters, source, object, because }: Case): Reason | undefined {
  const same = source && clusters.find((cluster) => cluster.source && keyOf(cluster.source) === keyOf(source));
  if (!same) return undefined;
  const { artifactRoot } = same;
  const start = { source, root: object, rootFrom: "manifest" as const, artifactRoot, rivals: [], peers: [] };
  const other = assemble(around, start);
  const installs = findContinuousInstalls({
    ...{ tree: around.tree, objects: around.objects, root: object, artifactRoot },
    kustomizations: [...other.kustomizations, ...same.kustomizations],
    local: [...other.local, ...same.local],
    files: new Set([...other.manifests, ...same.manifests]),
  });
  const what = ` of ${describe(source)}, as cluster ${same.name} does, and nothing in this repository delivers it`;
  const next = "If it is in the cluster, list it in what the root builds: then fluxlift follows it too.";
  return { ...because(what, next), ...(installs.length > 0 ? { installs: true } : {}) };
}

/** One whose `sourceRef` is written, and names nothing: no cluster takes it, so no root can be it. */
export function isNameless({ data }: KubeObject, ref: SourceRef | undefined): boolean {
  const said = data.spec?.sourceRef;
  return ref === undefined && isMap(said) && (said.name === undefined || said.kind === undefined);
}

/** Whether both are called as their namespace is, as bootstrap and the operator call the sync of a cluster. */
export function isSync({ name, namespace }: KubeObject, source: KubeObject): boolean {
  return name === namespace && name === source.name;
}

/** Whether the folder that it builds is here, with itself in it: the sync of a cluster, and not of what somebody else keeps. */
export function buildsItself({ object, files }: Pick<Stray, "object" | "files">): boolean {
  return repositoryPath(object.data.spec, "") !== "" && files.has(object.file);
}

/** Whether it builds the very folder of a root that somebody applied by hand, as somebody may have applied this one. */
function isTwin(cluster: Cluster, source: KubeObject | undefined, folder: string | undefined): boolean {
  const { root, artifactRoot, files } = cluster;
  const isApart = source && cluster.source && keyOf(cluster.source) !== keyOf(source);
  return Boolean(isApart) && !files.has(root.file) && folder === repositoryPath(root.data.spec, artifactRoot);
}

function sayFlag({ name }: KubeObject): string {
  return sh`--artifact-path ${`${name}=FOLDER`}`.line;
}
