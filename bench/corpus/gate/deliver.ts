import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { identityOf, isFluxKustomization, isSource, keyOf, normaliseUrl } from "./flux-objects.ts";
import type { Builder } from "./kustomize.ts";
import { dirOf, kustomizationFile, reach, scanFolder } from "./reach.ts";
import { type Data, joinPath, type Snapshot } from "./snapshot.ts";
import { substitute } from "./substitute.ts";

/** What one FluxKustomization applies, built the way kustomize-controller does it. */
export interface Node {
  /** The FluxKustomization as it reaches the cluster. */
  data: Data;
  key: string;
  parent?: string;
  objects: Data[];
  /** Variables that were left in objects, by object key. */
  unknown: Map<string, string[]>;
  substituted: boolean;
  /** Why nothing could be built. */
  error?: string;
  files: string[];
}

export interface ClusterDelivery {
  nodes: Node[];
  /** Every delivered object by key; the first deliverer wins, `by` lists all of them. */
  objects: Map<string, { data: Data; by: string[] }>;
  errors: string[];
}

export interface DeliverOptions {
  tree: Snapshot;
  builder: Builder;
  /** Root FluxKustomizations: those of the tree, and those that a FluxInstance generates. */
  roots: Data[];
  /** URLs of this repository, normalised. */
  urls: Set<string>;
  /** Names `Kind namespace/name` of sources that are this repository although no document says so. */
  generatedSources: Set<string>;
  /** Folder of the repository that is the root of the artifact, `''` for Git. */
  prefix: string;
  /** Folder for throw-away overlays; must lie on the same disk tree as the snapshot. */
  scratch: string;
}

/**
 * Plain-text ConfigMaps of the tree by name, for `postBuild.substituteFrom`. Clusters of one repository use the same
 * names, so the one whose file lies nearest to the root's path wins.
 */
export function configMaps(tree: Snapshot, near: string): Map<string, Data> {
  const shared = (path: string): number => {
    const [a, b] = [path.split("/"), near.split("/")];
    const at = a.findIndex((part, index) => part !== b[index]);
    return at < 0 ? a.length : at;
  };
  const maps = new Map<string, Data>();
  const docs = tree.objects("kind: ConfigMap").filter(({ data }) => data.kind === "ConfigMap" && !data.sops);
  for (const { data } of docs.sort((a, b) => shared(a.file) - shared(b.file))) {
    maps.set(String(data.metadata?.name), data.data ?? {});
  }
  for (const { data, file } of tree.objects("configMapGenerator").filter((doc) => doc.data.configMapGenerator)) {
    for (const entry of Array.isArray(data.configMapGenerator) ? data.configMapGenerator : [])
      if (!maps.has(String(entry?.name))) maps.set(String(entry?.name), generated(tree, dirOf(file), entry));
  }
  return maps;
}

/** What an entry of a generator says, as far as its files are there. */
function generated(tree: Snapshot, dir: string, entry: Data): Data {
  const read = (path: string): string => (tree.has(joinPath(dir, path)) ? tree.text(joinPath(dir, path)) : "");
  const pair = (text: string): [string, string] => [text.split("=", 1)[0] ?? "", text.slice(text.indexOf("=") + 1)];
  const lines = [entry?.envs, entry?.env].flat().flatMap((path) => (path ? read(path).split("\n") : []));
  const files = [entry?.files ?? []].flat().map((one: string): [string, string] => {
    const [key, path] = one.includes("=") ? pair(one) : [one.slice(one.lastIndexOf("/") + 1), one];
    return [key, read(path)];
  });
  const literals = [...lines.filter((line) => /^\w+=/.test(line)), ...(entry?.literals ?? [])].map(pair);
  return Object.fromEntries([...literals, ...files]);
}

function variablesOf(fk: Data, maps: Map<string, Data>): Map<string, string> | undefined {
  const postBuild = fk.spec?.postBuild;
  if (!postBuild) return undefined;
  const out = new Map<string, string>();
  for (const from of postBuild.substituteFrom ?? []) {
    if (from.kind !== "ConfigMap") continue;
    for (const [key, value] of Object.entries(maps.get(from.name) ?? {}))
      out.set(key, String(value).replace(/\n/g, ""));
  }
  for (const [key, value] of Object.entries(postBuild.substitute ?? {})) out.set(key, String(value).replace(/\n/g, ""));
  return out;
}

/** The kustomization that stands for `fk.spec` on top of its folder (flux-facts 2.8 item 8). */
function overlayOf(fk: Data, path: string, tree: Snapshot, rebase: (path: string) => string): Data {
  const spec = fk.spec ?? {};
  const resources = kustomizationFile(tree, path) ? [path] : scanFolder(tree, path);
  const copy = (names: string[]): Data => Object.fromEntries(names.filter((n) => spec[n]).map((n) => [n, spec[n]]));
  return {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: resources.map(rebase),
    ...(spec.components ? { components: spec.components.map((item: string) => rebase(joinPath(path, item))) } : {}),
    ...(spec.targetNamespace ? { namespace: spec.targetNamespace } : {}),
    ...copy(["patches", "patchesStrategicMerge", "patchesJson6902", "images", "namePrefix", "nameSuffix"]),
  };
}

function withCommonMetadata(data: Data, common: Data): Data {
  if (!common) return data;
  const metadata = { ...data.metadata };
  for (const field of ["labels", "annotations"]) {
    if (common[field]) metadata[field] = { ...metadata[field], ...common[field] };
  }
  return { ...data, metadata };
}

/** Runs `work` over all items, at most `limit` at a time, answers in order. */
export async function mapLimited<T, R>(items: T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const out = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) out[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return out;
}

let counter = 0;

/** Builds what one FluxKustomization applies; `maps` are the ConfigMaps that it may take variables from. */
export async function buildNode(
  fk: Data,
  options: Pick<DeliverOptions, "tree" | "builder" | "prefix" | "scratch">,
  maps: Map<string, Data>,
): Promise<Node> {
  const { tree, builder } = options;
  const path = joinPath(options.prefix, String(fk.spec?.path ?? ""));
  const files = reach(tree, path, fk.spec?.components ?? []);
  const node: Node = {
    data: fk,
    key: keyOf(identityOf(fk)),
    objects: [],
    unknown: new Map(),
    substituted: false,
    files,
  };
  if (path.includes("${")) return { ...node, error: `path ${path} holds an unknown variable` };
  if (!tree.isDir(path)) return { ...node, error: `path ${path} does not exist` };
  const dir = join(options.scratch, `overlay-${process.pid}-${++counter}`);
  const identity = JSON.stringify([
    overlayOf(fk, path, tree, (target) => target),
    files.map((file) => [file, tree.text(file)]),
    (tree.omitted ?? []).filter((key) => files.includes(key.slice(0, key.indexOf("\0")))),
  ]);
  mkdirSync(dir, { recursive: true });
  try {
    const overlay = overlayOf(fk, path, tree, (target) => relative(dir, join(tree.dir, target)));
    if (overlay.resources.length === 0) return node;
    writeFileSync(join(dir, "kustomization.yaml"), stringify(overlay, { lineWidth: 0 }));
    const build = await builder.build(dir, identity);
    if (!build.ok) return { ...node, error: build.error };
    const variables = variablesOf(fk, maps);
    node.substituted = variables !== undefined;
    for (const built of build.objects) {
      if (groupOfBuilt(built) === "kustomize.config.k8s.io") continue;
      const { data, unknown } = variables ? substitute(built, variables) : { data: built, unknown: [] };
      const object = withCommonMetadata(data, fk.spec?.commonMetadata);
      node.objects.push(object);
      if (unknown.length > 0) node.unknown.set(keyOf(identityOf(object)), unknown);
    }
    return node;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const groupOfBuilt = (data: Data): string => String(data?.apiVersion ?? "").split("/")[0] ?? "";

/** `Kind namespace/name` of the source a FluxKustomization reads. */
export function sourceKey(fk: Data): string {
  const ref = fk?.spec?.sourceRef ?? {};
  return `${ref.kind} ${ref.namespace ?? fk?.metadata?.namespace ?? ""}/${ref.name}`;
}

/**
 * Sources of the tree that are this repository, as `Kind namespace/name`, by URL. A source written without a namespace
 * gets one from a kustomization, so it stands for any (`Kind /name`).
 */
export function ownSources(objects: Iterable<Data>, urls: Set<string>): Set<string> {
  const keys = new Set<string>();
  for (const data of objects) {
    if (isSource(data) && urls.has(normaliseUrl(data.spec?.url))) {
      keys.add(`${data.kind} ${data.metadata?.namespace ?? ""}/${data.metadata?.name}`);
    }
  }
  return keys;
}

/** Whether a FluxKustomization reads this repository. */
export function readsOwn(fk: Data, own: Set<string>): boolean {
  const ref = fk?.spec?.sourceRef ?? {};
  return own.has(sourceKey(fk)) || own.has(`${ref.kind} /${ref.name}`);
}

/** Follows FluxKustomizations from the roots and builds each; a failed build is recorded, never fatal. */
export async function deliver(options: DeliverOptions): Promise<ClusterDelivery> {
  const maps = configMaps(options.tree, joinPath(options.prefix, String(options.roots[0]?.spec?.path ?? "")));
  const delivery: ClusterDelivery = { nodes: [], objects: new Map(), errors: [] };
  const seen = new Set<string>();
  const own = new Set(options.generatedSources);
  const treeSources = options.tree.objects("source.toolkit.fluxcd.io").map((doc) => doc.data);
  for (const key of ownSources(treeSources, options.urls)) own.add(key);
  let queue: { data: Data; parent?: string }[] = options.roots.map((data) => ({ data }));
  while (queue.length > 0) {
    const next: typeof queue = [];
    const wave = queue.filter(({ data }) => {
      const key = keyOf(identityOf(data));
      const fresh = !seen.has(key) && readsOwn(data, own);
      seen.add(key);
      return fresh;
    });
    const built = await mapLimited(wave, 3, (item) => buildNode(item.data, options, maps));
    for (const [index, node] of built.entries()) {
      const parent = wave[index]?.parent;
      const key = node.key;
      if (parent) node.parent = parent;
      delivery.nodes.push(node);
      if (node.error) delivery.errors.push(`${key}: ${node.error}`);
      for (const object of node.objects) {
        const id = keyOf(identityOf(object));
        const known = delivery.objects.get(id);
        if (known) known.by.push(key);
        else delivery.objects.set(id, { data: object, by: [key] });
        if (isFluxKustomization(object)) next.push({ data: object, parent: key });
      }
    }
    queue = next;
  }
  return delivery;
}
