import { buildNode, configMaps, type DeliverOptions, type Node } from "../corpus/gate/deliver.ts";
import {
  identityOf,
  isFluxInstance,
  isFluxKustomization,
  isHelmRelease,
  isSource,
  keyOf,
  normaliseUrl,
} from "../corpus/gate/flux-objects.ts";
import { type EffectiveInstance, findInstances } from "../corpus/gate/instance.ts";
import type { Builder } from "../corpus/gate/kustomize.ts";
import { findPlaceholders } from "../corpus/gate/placeholders.ts";
import { dirOf, reach } from "../corpus/gate/reach.ts";
import type { Reference } from "../corpus/gate/reference.ts";
import { resolveVersion } from "../corpus/gate/reference.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { type Data, joinPath, type Snapshot } from "../corpus/gate/snapshot.ts";
import { buildSync, generatedSync } from "../corpus/gate/sync.ts";

export interface Bench {
  builder: Builder;
  reference: Reference;
  scratch: string;
}

/** Where a cluster begins: a root that stands in the tree, or one that a FluxInstance makes. */
export interface Root {
  data: Data;
  source: Data;
  prefix: string;
  /** File of the root, or of the instance. */
  file: string;
  /** The instance behind it, which has adopted Flux itself. */
  instance?: EffectiveInstance;
  /** Whether its path has variables in the manifest, so that it is one of several. */
  shared?: true;
}

/** Name of a cluster that a change keeps: where its root stands and what it is called. */
export const rootName = ({ data, file, shared }: Root): string =>
  `${data.metadata?.namespace ?? ""}/${data.metadata?.name} (${file}${shared ? `, ${data.spec?.path}` : ""})`;

/** Every place where reconciliation begins. A generated root takes the place of one of the same name for the same path. */
export async function rootsOf(bench: Bench, tree: Snapshot, url: string): Promise<Root[]> {
  const generated = await generatedRoots(bench, tree);
  const same = (a: Root, b: Root): boolean =>
    keyOf(identityOf(a.data)) === keyOf(identityOf(b.data)) &&
    joinPath(a.prefix, String(a.data.spec?.path ?? "")) === joinPath(b.prefix, String(b.data.spec?.path ?? ""));
  const written: Root[] = [...findRoots(tree), ...findPlaceholders(tree, url).roots];
  const seen: Root[] = [];
  for (const root of [...generated, ...written]) if (!seen.some((other) => same(other, root))) seen.push(root);
  return seen;
}

/** Builds the folders that hold instances by themselves, since values of the chart may come from a generator. */
async function generatedRoots(bench: Bench, tree: Snapshot): Promise<Root[]> {
  const docs = tree.objects("toolkit.fluxcd.io");
  const homes = [
    ...tree.objects("fluxcd.controlplane.io").filter(({ data }) => isFluxInstance(data)),
    ...docs.filter(
      ({ data }) =>
        isHelmRelease(data) &&
        /flux-instance/.test(JSON.stringify([data.metadata?.name, data.spec?.chart, data.spec?.chartRef])),
    ),
  ];
  const kustomizations = docs.filter(({ data }) => isFluxKustomization(data) && typeof data.spec?.path === "string");
  const out: Root[] = [];
  for (const home of homes) {
    const deliverer = kustomizations
      .filter(({ data }) =>
        reach(tree, joinPath(String(data.spec.path)), data.spec.components ?? []).includes(home.file),
      )
      .sort((a, b) => String(b.data.spec.path).length - String(a.data.spec.path).length)[0];
    const instance = await readInstance(bench, tree, home.file, deliverer?.data);
    for (const one of instance) {
      const root = await generate(bench, one);
      if (!root) continue;
      const shared = String(root.data.spec?.path).includes("${") ? { shared: true as const } : {};
      for (const data of fillIn(tree, root.data)) {
        const prefix = prefixOf(tree, data, root.source);
        if (prefix !== undefined) out.push({ ...root, ...shared, data, prefix, file: home.file, instance: one });
      }
    }
  }
  return out;
}

/** One root for each folder of the tree that a path with variables may mean. */
function fillIn(tree: Snapshot, root: Data): Data[] {
  const path = String(root.spec?.path ?? "");
  if (!path.includes("${")) return [root];
  const plain = joinPath(path).replace(/[.*+?^()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${plain.replace(/\$\{[^}]*\}/g, "[^/]+")}(?=/)`);
  const folders = tree.paths.flatMap((file) => pattern.exec(file)?.[0] ?? []);
  return [...new Set(folders)].map((folder) => ({ ...root, spec: { ...root.spec, path: `./${folder}` } }));
}

/** Whether what a root applies holds the instance that made it: only then a folder that fits is a cluster. */
export function makesItself(bench: Bench, root: Root, delivered: Data[]): boolean {
  return instancesIn(bench, delivered).some(({ key }) => key === root.instance?.key);
}

/** The root as the instance makes it in the end, given everything that is delivered to its cluster. */
export async function effectiveRoot(bench: Bench, root: Root, delivered: Data[]): Promise<Root | undefined> {
  const path = joinPath(String(root.data.spec?.path ?? ""));
  const found = instancesIn(bench, delivered).find(({ spec }) => joinPath(String(spec.sync.path)) === path);
  const made = found && (await generate(bench, found));
  return made && { ...root, ...made, instance: found };
}

function instancesIn(bench: Bench, delivered: Data[], nodes: Node[] = []): EffectiveInstance[] {
  const objects = new Map(delivered.map((data) => [keyOf(identityOf(data)), { data, by: [] }]));
  const found = findInstances({ nodes, objects, errors: [] }, bench.reference.instanceDefaults);
  return found.filter(({ spec }) => spec.sync?.path !== undefined);
}

async function readInstance(bench: Bench, tree: Snapshot, file: string, deliverer: Data): Promise<EffectiveInstance[]> {
  const data = deliverer ?? { metadata: { name: "one-folder" }, spec: { path: dirOf(file) } };
  const options: Pick<DeliverOptions, "tree" | "builder" | "prefix" | "scratch"> = { tree, prefix: "", ...bench };
  const node = await buildNode(data, options, configMaps(tree, dirOf(file)));
  const sources = tree
    .objects("OCIRepository")
    .map((doc) => doc.data)
    .filter(isSource);
  const built =
    node.objects.length > 0
      ? node.objects
      : tree
          .yaml(file)
          .docs.map((doc) => doc.data)
          .filter(Boolean);
  return instancesIn(bench, [...sources, ...built], [node]).map((instance) => ({
    ...instance,
    namespace: instance.namespace || String(data.spec?.targetNamespace ?? "flux-system"),
  }));
}

async function generate(bench: Bench, instance: EffectiveInstance): Promise<{ data: Data; source: Data } | undefined> {
  const { builder, reference, scratch } = bench;
  const built = await buildSync(instance, builder, reference, scratch);
  if (built && !("error" in built)) return { data: built.root, source: built.source };
  const version = resolveVersion(String(instance.spec.distribution?.version ?? ""), reference.versions) ?? "2.6.0";
  const pair = generatedSync(instance, version);
  const [source, data] = [pair.find(isSource), pair.find(isFluxKustomization)];
  return source && data ? { data, source } : undefined;
}

/** Folder of the repository that is the root of the artifact: the only one below which the root's path exists. */
function prefixOf(tree: Snapshot, root: Data, source: Data): string | undefined {
  const path = String(root.spec?.path ?? "");
  if (tree.isDir(joinPath(path))) return "";
  if (source.kind === "GitRepository") return undefined;
  const tops = [...new Set(tree.paths.filter((one) => one.includes("/")).map((one) => one.slice(0, one.indexOf("/"))))];
  const found = tops.filter((top) => tree.isDir(joinPath(top, path)));
  return found.length === 1 ? found[0] : undefined;
}

export const urlOf = (root: Root): string => normaliseUrl(root.source.spec?.url);
