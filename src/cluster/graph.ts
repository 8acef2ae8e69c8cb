import { type Answer, answerOf, readable } from "../contract/answer.ts";
import { type DeliveredFluxObject, isFilled, type KubeObject, readableSpec } from "../contract/objects.ts";
import { FILLED_FROM, type FluxObjectSpec } from "../contract/specs.ts";
import { type Builder, findDelivered, probeDelivered, reachOf } from "../delivery/flux-build.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { type DeliveredObject, fluxPath, type Reach } from "../delivery/kustomize/index.ts";
import { isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { sourceRefOf } from "./sources.ts";

/** Flux objects by the file they stand in. */
export type ObjectsByFile = ReadonlyMap<string, readonly KubeObject[]>;

/** Folder of the repository that a FluxKustomization builds; undefined when its path is not literal or leaves the root. */
export function repositoryPath(spec: FluxObjectSpec | undefined, artifactRoot: string): string | undefined {
  const path = spec?.path ?? "";
  if (typeof path !== "string" || path.includes("${")) return undefined;
  return join(artifactRootOf(spec, artifactRoot), fluxPath(path));
}

/** The same in the artifact that it reads. */
export function pathInArtifact(spec: FluxObjectSpec | undefined, artifactRoot: string): string | undefined {
  const [path, top] = [repositoryPath(spec, artifactRoot), artifactRootOf(spec, artifactRoot)];
  return top === "" ? path : path?.slice(top.length + 1);
}

/** Folder of the repository that the path of a FluxKustomization counts from: that of the root, or of an artifact of its own. */
export function artifactRootOf(spec: FluxObjectSpec | undefined, artifactRoot: string): string {
  return spec?.[FILLED_FROM] ?? artifactRoot;
}

const YTT_PATH = /^[ \t]*path:[ \t]*#@[ \t]+(\S.*)$/m;

/** The expression by which a template of ytt makes the path: a comment to YAML, for which there is no path at all. */
export function computedPath(tree: Tree, { data, file }: KubeObject): string | undefined {
  return data.spec?.path === null ? YTT_PATH.exec(tree.read(file) ?? "")?.[1]?.trim() : undefined;
}

/**
 * Whether a FluxKustomization, and all above it, reads what the root reads. Nothing new is put where an artifact of its own
 * is filled from: the source of the root may not hold that folder.
 */
export function readsLikeRoot(item: DeliveredFluxObject): boolean {
  for (let at: DeliveredFluxObject | undefined = item; at; at = at.parent)
    if (readableSpec(at)?.[FILLED_FROM] !== undefined) return false;
  return true;
}

/** Folders that FluxKustomizations of clusters build. A file in one of them that no list names was left out on purpose. */
export function builtFolders(
  clusters: readonly { local: readonly DeliveredFluxObject[]; artifactRoot: string }[],
): string[] {
  return clusters.flatMap(({ local, artifactRoot }) =>
    local.flatMap((item) => repositoryPath(readableSpec(item), artifactRoot) ?? []),
  );
}

/** A tenant may create nothing of Flux; what it syncs is its own, also from another branch of this repository. */
export function actsForTenant(spec: FluxObjectSpec | undefined): boolean {
  const account = spec?.serviceAccountName;
  return typeof account === "string" && account !== "kustomize-controller";
}

/** What the build of a FluxKustomization reads: objects, and what only shapes them (patches, generators, kustomizations). Not to be changed. */
type BuildFiles = Pick<Reach, "resources" | "others" | "texts" | "files">;

const NO_FILES: BuildFiles = { resources: [], others: [], texts: [], files: () => new Set() };

/** Files the build of a FluxKustomization reads; empty for a path that does not exist. */
export function buildFilesOf(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): BuildFiles {
  return findReach(tree, spec, artifactRoot) ?? NO_FILES;
}

/** What the build of a FluxKustomization reaches; undefined where its path is not known or not there. */
export function findReach(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): Reach | undefined {
  const path = repositoryPath(spec, artifactRoot);
  return path === undefined || !(path === "" || tree.isDir(path)) ? undefined : reachOf(tree, spec, path);
}

/** Whether it reads one file. */
export function readsFile(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string, file: string): boolean {
  return buildFilesOf(tree, spec, artifactRoot).files().has(file);
}

/** All of them in one list. */
export function filesOf(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): string[] {
  const { resources, others } = buildFilesOf(tree, spec, artifactRoot);
  return [...resources, ...others];
}

/** Those of them that hold objects or shape some: no text that a generator takes. */
export function manifestsOf(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): string[] {
  const { resources, others, texts } = buildFilesOf(tree, spec, artifactRoot);
  const isText = new Set(texts);
  return [...resources, ...others.filter((file) => !isText.has(file))];
}

/** Those of them that lie in the folder it builds; all where none does. What it shares with others is built elsewhere as well. */
export function ownOf(files: Iterable<string>, folder: string | undefined): string[] {
  const all = [...files];
  const own = folder === undefined ? [] : all.filter((file) => isWithin(file, folder));
  return own.length > 0 ? own : all;
}

export interface Delivered {
  kustomizations: DeliveredFluxObject[];
  /** Those of them that read this repository; their paths are folders of the tree. */
  local: DeliveredFluxObject[];
  files: Set<string>;
  /** Those of them that hold objects, or shape some: not what generators only take as text. */
  manifests: Set<string>;
  /** Which FluxKustomization delivers a file first. */
  parentOf: Map<string, DeliveredFluxObject>;
}

export interface Following {
  isLocal: (child: DeliveredFluxObject) => boolean;
  place: (child: DeliveredFluxObject) => DeliveredFluxObject;
}

/** What something fills in before Flux reads it: a template, or `envsubst`, which takes `$NAME` as well. */
export const PLACEHOLDER = /\{\{|\{%|\$\{|#\{|\$[A-Za-z_]/;

/**
 * Everything that a root, and what runs beside it, reaches: children are read as they are after the patches of their parents, because home-ops roots
 * often inject `sourceRef`, `decryption` or whole specs that way.
 * @param isLocal whether a child reads this repository; others are kept but not followed.
 * @param place says of a child from which folder an artifact of its own is filled
 */
export function followRoot(
  tree: Tree,
  starts: readonly DeliveredFluxObject[],
  byFile: ObjectsByFile,
  artifactRoot: string,
  { isLocal, place }: Following,
): Delivered {
  const sets = { files: new Set<string>(), manifests: new Set<string>() };
  const delivered: Delivered = { kustomizations: [...starts], local: [], ...sets, parentOf: new Map() };
  const seen = new Set<string>(starts.map(({ object }) => keyOf(object)));
  for (let next = 0; next < delivered.kustomizations.length; next++) {
    const parent = delivered.kustomizations[next]!;
    if (next >= starts.length && !isLocal(parent)) continue;
    delivered.local.push(parent);
    const { resources, others, texts } = buildFilesOf(tree, readableSpec(parent), artifactRoot);
    const isText = new Set(texts);
    for (const file of others) {
      delivered.files.add(file);
      if (!isText.has(file)) delivered.manifests.add(file);
    }
    // Objects come from resources only: a patch file holds a part of an object, and often its name.
    for (const file of resources) {
      delivered.files.add(file);
      delivered.manifests.add(file);
      if (!delivered.parentOf.has(file)) delivered.parentOf.set(file, parent);
      for (const object of byFile.get(file) ?? []) {
        if (!isFluxKustomization(object) || seen.has(keyOf(object))) continue;
        seen.add(keyOf(object));
        const child = deliverObject(tree, object, parent, artifactRoot);
        if (child) delivered.kustomizations.push(place(child));
      }
    }
  }
  return delivered;
}

export function keyOf(object: Pick<KubeObject, "file" | "doc">): string {
  return `${object.file}#${object.doc}`;
}

/** An object as its parent applies it; undefined when the build leaves it out, as a patch that deletes it does. */
export function deliverObject(
  tree: Tree,
  object: KubeObject,
  parent: DeliveredFluxObject,
  artifactRoot: string,
): DeliveredFluxObject | undefined {
  const { by, dir } = builderOf(parent, artifactRoot);
  const delivered = toDelivered(object, parent, findDelivered(tree, by, dir, object));
  return delivered && isFluxKustomization(object) ? fillPath(tree, delivered, { by, dir }) : delivered;
}

/** With the path that its parent fills in (`./apps/${CLUSTER}`), so that it is followed; all else stays as it is written. */
function fillPath(
  tree: Tree,
  item: DeliveredFluxObject,
  { by, dir }: { by: Builder; dir: string },
): DeliveredFluxObject {
  if (!String(readableSpec(item)?.path ?? "").includes("${") || !isFilled(by.spec?.postBuild)) return item;
  const path = readable(findDelivered(tree, { ...by, substitutes: true }, dir, item.object))?.body.spec?.path;
  if (typeof path !== "string" || path.includes("${")) return item;
  return withSpec(item, { path });
}

/** With some fields of its spec as they are known to be; what is unknown about it stays so. */
export function withSpec(item: DeliveredFluxObject, fields: FluxObjectSpec): DeliveredFluxObject {
  const { effective } = item;
  const data = readable(effective);
  const value = { ...data, spec: { ...data.spec, ...fields } };
  return { ...item, effective: effective.known ? { known: true, value } : { ...effective, partial: value } };
}

/** The same for somebody who applies what a folder builds. */
export function builtBy(tree: Tree, object: KubeObject, dir: string): DeliveredFluxObject | undefined {
  const builder: KubeObject = { ...object, data: { spec: { path: `./${dir}` } } };
  const effective = { known: true as const, value: builder.data };
  return deliverObject(tree, object, { object: builder, namespace: "", effective }, "");
}

/** The same for an object that no file holds yet: what the parent's folder and spec do to whatever is in it. */
export function deliverNew(
  tree: Tree,
  object: KubeObject,
  parent: DeliveredFluxObject,
  artifactRoot: string,
): DeliveredFluxObject | undefined {
  const { by, dir } = builderOf(parent, artifactRoot);
  return toDelivered(object, parent, probeDelivered(tree, by, dir, object));
}

/** The same whether the parent lists it already or not. */
export function deliverAny(tree: Tree, object: KubeObject, parent: DeliveredFluxObject, artifactRoot: string) {
  return deliverObject(tree, object, parent, artifactRoot) ?? deliverNew(tree, object, parent, artifactRoot);
}

/** A FluxKustomization as something that builds a folder of the repository. */
export function builderOf(item: DeliveredFluxObject, artifactRoot: string): { by: Builder; dir: string } {
  const spec = readableSpec(item);
  return { by: { object: item.object, spec }, dir: repositoryPath(spec, artifactRoot) ?? "" };
}

/** What is unknown about a parent is unknown about all that it applies. */
function toDelivered(
  object: KubeObject,
  parent: DeliveredFluxObject,
  answer: Answer<DeliveredObject | undefined>,
): DeliveredFluxObject | undefined {
  const found = readable(answer);
  if (answer.known && !found) return undefined;
  const namespace = found ? found.namespace : object.namespace;
  const value = found ? found.body : object.data;
  const above = parent.effective.known ? [] : parent.effective.unknowns;
  const effective = answerOf(value, [...above, ...(answer.known ? [] : answer.unknowns)]);
  return { object, parent, namespace, effective };
}

/** Whether a child FluxKustomization reads one of the given sources. */
export function readsFrom(child: DeliveredFluxObject, sources: ReadonlySet<string>): boolean {
  const ref = sourceRefOf(readableSpec(child), child.namespace);
  return ref !== undefined && sources.has(`${ref.kind}/${ref.name}`);
}
