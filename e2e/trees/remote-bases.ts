import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../world/kube.ts";
import { type Catalog, type Foreign, placeOf } from "./catalog.ts";
import { isKustomization, type TreeObject } from "./documents.ts";

/** A folder of somebody else's repository that a kustomization builds. */
export interface RemoteBase {
  /** Host and path of the repository, without scheme and `.git`. */
  place: string;
  folder: string;
  ref: string;
}

/** `https://github.com/a/b//deploy?ref=v1` -> repository, folder and ref; undefined for what is no repository. */
export function remoteBase(entry: string): RemoteBase | undefined {
  const [address = "", query = ""] = entry
    .trim()
    .replace(/^git::/, "")
    .split("?");
  if (!/^(https?:\/\/|ssh:\/\/|git@|(github|gitlab)\.com\/|bitbucket\.org\/)/i.test(address)) return undefined;
  if (/\.ya?ml$/.test(address)) return undefined;
  const plain = placeOf(address);
  const found =
    /^(?<place>.+?)(?:\.git)?\/\/(?<folder>.*)$/.exec(plain) ??
    /^(?<place>.+?)\.git\/(?<folder>.*)$/.exec(plain) ??
    /^(?<place>[^/]+\/[^/]+\/[^/]+)(?:\/(?<folder>.*))?$/.exec(plain);
  if (!found) return undefined;
  const asked = new URLSearchParams(query);
  const { place = "", folder = "" } = found.groups!;
  return { place, folder: folder || ".", ref: asked.get("ref") ?? asked.get("version") ?? "" };
}

/**
 * Adds the repositories that kustomizations of a tree build from, which kustomize-controller clones by itself: a stand-in
 * holds what every one does and, since kustomize refuses a patch without its object, what the kustomization patches.
 */
export function addRemoteBases(catalog: Catalog, objects: TreeObject[]): void {
  for (const { path, object } of objects) {
    if (!isKustomization(object)) continue;
    const listed = [object.bases, object.resources, object.components].flatMap((one) =>
      Array.isArray(one) ? one : [],
    );
    const bases = listed.flatMap((one) => (typeof one === "string" ? (remoteBase(one) ?? []) : []));
    // With several bases, which one has an object is not written down.
    for (const [at, base] of bases.entries()) add(catalog, base, at === 0 ? patched(objects, path, object) : []);
  }
}

function add({ hosts, foreign }: Catalog, { place, folder, ref }: RemoteBase, objects: KubeObject[]): void {
  hosts.add(place.split("/")[0]!);
  const known: Foreign = foreign.get(place) ?? {
    ...{ kind: "GitRepository", place, folders: new Map(), charts: new Set<string>() },
    ...{ branches: new Set<string>(), tags: new Set<string>() },
  };
  if (ref) (/^v?\d/.test(ref) ? known.tags : known.branches).add(ref);
  if (!known.folders.has(folder)) known.folders.set(folder, undefined);
  const others = known.patched?.get(folder) ?? [];
  const fresh = objects.filter((one) => !others.some((other) => idOf(other) === idOf(one)));
  known.patched = new Map(known.patched).set(folder, [...others, ...fresh]);
  foreign.set(place, known);
}

const idOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace ?? "default"}/${metadata.name}`;

/** What a kustomization patches and no file beside it or below defines. */
function patched(objects: TreeObject[], path: string, kustomization: KubeObject): KubeObject[] {
  const folder = dirname(path);
  const files: string[] = [];
  const inline: KubeObject[] = [];
  const strategic = (kustomization.patchesStrategicMerge ?? []) as unknown[];
  for (const patch of [...strategic, ...((kustomization.patches ?? []) as unknown[])]) {
    const { path: file, patch: text } = typeof patch === "string" ? { path: patch, patch } : (patch as Patch);
    if (file && !file.includes("\n")) files.push(join(folder, file));
    else for (const document of parseAllDocuments(text ?? "", { logLevel: "silent" })) inline.push(document.toJS());
  }
  const below = objects.filter((one) => folder === "." || one.path.startsWith(`${folder}/`));
  const rest = new Set(below.filter((one) => !files.includes(one.path)).map(({ object }) => idOf(object)));
  const patches = [...below.filter((one) => files.includes(one.path)).map(({ object }) => object), ...inline];
  return patches.filter((one) => one?.metadata?.name && one.apiVersion && !rest.has(idOf(one))).map(standIn);
}

interface Patch {
  path?: string;
  patch?: string;
}

/** An object that a patch can be merged into, and that an API server takes afterwards. */
function standIn({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace = "default" } = metadata;
  const labels = { app: name };
  const containers = ((spec?.template?.spec?.containers ?? []) as { name: string }[]).map((one) => one.name);
  const pod = { containers: (containers.length > 0 ? containers : [name]).map((one) => ({ name: one, image: one })) };
  const workload = /^(Deployment|DaemonSet|StatefulSet)$/.test(kind);
  const template = { metadata: { labels }, spec: pod };
  const body = workload ? { spec: { selector: { matchLabels: labels }, template } } : {};
  return { apiVersion, kind, metadata: { name, namespace }, ...body };
}
