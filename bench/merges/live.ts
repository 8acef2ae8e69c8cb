import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { makeBuildable, unreadable } from "../corpus/gate/buildable.ts";
import { buildNode, configMaps, mapLimited, ownSources, readsOwn, sourceKey } from "../corpus/gate/deliver.ts";
import { groupOf, identityOf, isFluxKustomization, isSource, normaliseUrl } from "../corpus/gate/flux-objects.ts";
import { reach } from "../corpus/gate/reach.ts";
import { type Data, joinPath, type Snapshot } from "../corpus/gate/snapshot.ts";
import { makeArtifact } from "./artifacts.ts";
import { type Bench, type Root, urlOf } from "./roots.ts";
import type { Held, Live } from "./types.ts";

/** One tree as the judge reads it: as it is, and with what nobody here can read left out. */
export interface Sight {
  tree: Snapshot;
  buildable: Snapshot;
}

/** @param known what could not be read in the tree before the change; what the change breaks stays broken */
export function openSight(tree: Snapshot, known: Set<string>, copy: string): Sight {
  return { tree, buildable: makeBuildable(tree, known, copy) };
}

export { unreadable };

/** What a cluster holds, by FluxKustomization. */
export type Cluster = Map<string, Live>;

interface Waiting {
  data: Data;
  parent?: string;
  target: string;
}

const targetOf = (data: Data, above: string): string => {
  const config = data.spec?.kubeConfig;
  const name = config?.secretRef?.name ?? config?.configMapRef?.name;
  return name ? `${above}${data.metadata?.namespace ?? ""}/${name}:` : above;
};

export const liveKey = (data: Data, target: string): string =>
  `${target}${data.metadata?.namespace ?? ""}/${data.metadata?.name}`;

export function heldOf(data: Data, target: string): Held {
  const { group, kind, namespace, name } = identityOf(data);
  return {
    resource: `${kind} ${namespace ? `${namespace}/` : ""}${name}`,
    id: `${target}${group}/${kind} ${namespace}/${name}`,
    data,
  };
}

const NAMESPACED =
  /^(?:(?:apps|batch|autoscaling|policy)\/.*|[a-z]+\.toolkit\.fluxcd\.io\/.*|\/(?:ConfigMap|Secret|Service|ServiceAccount|PersistentVolumeClaim|Pod)|rbac\.authorization\.k8s\.io\/(?:Role|RoleBinding)|networking\.k8s\.io\/(?:Ingress|NetworkPolicy))$/;

/** What kustomize builds and the API server cannot place: kustomize-controller then applies and prunes nothing of the build. */
function lacksNamespace(data: Data): boolean {
  const { group, kind, namespace } = identityOf(data);
  return namespace === "" && NAMESPACED.test(`${group}/${kind}`);
}

/** Builds what FluxKustomizations of one root apply on one tree. */
export class Reader {
  private readonly bench: Bench;
  private readonly sight: Sight;
  private readonly root: Root;
  private readonly own: Set<string>;
  private readonly maps: Map<string, Data>;
  private readonly artifacts = new Map<string, Snapshot | undefined>();

  /** @param trusting takes sources that no document describes for this repository, to find out which ones are generated */
  constructor(bench: Bench, sight: Sight, root: Root, trusting = false) {
    this.bench = bench;
    this.sight = sight;
    this.root = root;
    const { tree } = sight;
    this.own = ownSources(
      tree.objects("source.toolkit.fluxcd.io").map((doc) => doc.data),
      new Set([urlOf(root)]),
    );
    const { kind, metadata } = root.source;
    this.own.add(`${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`);
    if (trusting) for (const key of undescribed(tree)) this.own.add(key);
    this.maps = configMaps(tree, joinPath(root.prefix, String(root.data.spec?.path ?? "")));
  }

  /** @param target remote cluster in which the FluxKustomization itself lives, `''` for the one that Flux runs in */
  async read({ data, parent, target }: Waiting): Promise<Live> {
    const inner = targetOf(data, target);
    const live: Live = {
      key: liveKey(data, target),
      data,
      reading: "built",
      held: new Map(),
      inputs: this.inputsOf(data),
      target,
      ...(parent ? { parent } : {}),
    };
    const sight = this.sightOf(data);
    if (!sight) return { ...live, reading: "foreign" };
    const { tree, buildable, prefix } = sight;
    const options = { builder: this.bench.builder, scratch: this.bench.scratch, prefix };
    let node = await buildNode(data, { ...options, tree }, this.maps);
    if (node.error && buildable !== tree) {
      live.error = node.error;
      live.reading = "partial";
      node = await buildNode(data, { ...options, tree: buildable }, this.maps);
    }
    if (node.error) return { ...live, reading: "broken", error: live.error ?? node.error };
    const homeless = node.objects.find(lacksNamespace);
    if (homeless) return { ...live, reading: "broken", error: `${heldOf(homeless, "").resource} has no namespace` };
    for (const object of node.objects) {
      const held = heldOf(object, inner);
      live.held.set(held.id, held);
    }
    return live;
  }

  /** What a FluxKustomization reads: this repository, or an artifact that is copied from it. */
  private sightOf(data: Data): (Sight & { prefix: string }) | undefined {
    if (readsOwn(data, this.own)) return { ...this.sight, prefix: this.root.prefix };
    const { kind, name } = data.spec?.sourceRef ?? {};
    const artifact = kind === "ExternalArtifact" ? this.artifact(String(name)) : undefined;
    return artifact && { tree: artifact, buildable: artifact, prefix: "" };
  }

  private artifact(name: string): Snapshot | undefined {
    const { tree } = this.sight;
    if (!this.artifacts.has(name) && this.root.prefix === "") {
      const dir = join(this.bench.scratch, `artifact-${basename(tree.dir)}-${encodeURIComponent(name)}`);
      this.artifacts.set(name, makeArtifact(tree, name, this.own, dir));
    }
    return this.artifacts.get(name);
  }

  private inputsOf(data: Data): string {
    const sight = this.sightOf(data);
    const hash = createHash("sha256").update(JSON.stringify(data.spec ?? {}));
    // What is copied out of this repository may change with it; another repository does not.
    if (!sight && data.spec?.sourceRef?.kind !== "ExternalArtifact") return hash.digest("hex");
    const { tree, prefix } = sight ?? { tree: this.sight.tree, prefix: this.root.prefix };
    const path = joinPath(prefix, String(data.spec?.path ?? ""));
    for (const file of reach(tree, path, data.spec?.components ?? [])) hash.update(`${file}\0${tree.text(file)}\0`);
    return hash.digest("hex");
  }
}

function undescribed(tree: Snapshot): string[] {
  const docs = tree.objects("toolkit.fluxcd.io").map((doc) => doc.data);
  const sources = docs.filter(isSource);
  const described = ownSources(sources, new Set(sources.map((data) => normaliseUrl(data.spec?.url))));
  return docs
    .filter((data) => isFluxKustomization(data) && data.spec?.sourceRef?.kind !== "ExternalArtifact")
    .filter((data) => !readsOwn(data, described))
    .map(sourceKey);
}

const isNested = ({ data }: Held): boolean =>
  isFluxKustomization(data) && groupOf(data.apiVersion).endsWith("fluxcd.io");

/** Everything below a root, wave by wave. */
export async function liveBefore(reader: Reader, root: Pick<Root, "data">): Promise<Cluster> {
  const cluster: Cluster = new Map();
  let queue: Waiting[] = [{ data: root.data, target: "" }];
  while (queue.length > 0) {
    const wave = queue.filter(({ data, target }) => !cluster.has(liveKey(data, target)));
    const unique = [...new Map(wave.map((one) => [liveKey(one.data, one.target), one])).values()];
    const built = await mapLimited(unique, 3, (one) => reader.read(one));
    queue = [];
    for (const [index, live] of built.entries()) {
      cluster.set(live.key, live);
      queue.push(...children(live, unique[index]?.target ?? ""));
    }
  }
  return cluster;
}

function children(live: Live, above: string): Waiting[] {
  const target = targetOf(live.data, above);
  return [...live.held.values()].filter(isNested).map(({ data }) => ({ data, parent: live.key, target }));
}

const off = (data: Data, key: string): boolean =>
  [data.metadata?.annotations, data.metadata?.labels].some(
    (map) => String(map?.[`kustomize.toolkit.fluxcd.io/${key}`] ?? "").toLowerCase() === "disabled",
  );

/** Whether Flux deletes an object that is no longer applied (flux-facts 2.4). */
export const isPrunable = ({ data }: Held): boolean => !off(data, "prune") && !off(data, "reconcile");

/**
 * The cluster once everything has settled on the new tree. What the change does not reach stays as it was: a suspended or
 * broken FluxKustomization keeps what it holds, its children keep their spec, and read the new tree all the same.
 */
export async function liveAfter(reader: Reader, root: Root, before: Cluster): Promise<Cluster> {
  const cluster: Cluster = new Map();
  const left = new Set<string>();
  let queue: Waiting[] = [{ data: root.data, target: "" }];
  while (queue.length > 0) {
    const unique = [...new Map(queue.map((one) => [liveKey(one.data, one.target), one])).values()];
    const wave = unique.filter(({ data, target }) => !cluster.has(liveKey(data, target)));
    const read = await mapLimited(wave, 3, (one) => settle(reader, one, before));
    queue = [];
    for (const [index, live] of read.entries()) {
      cluster.set(live.key, live);
      queue.push(...children(live, wave[index]?.target ?? ""));
    }
    if (queue.length > 0) continue;
    // One that went without its inventory leaves nested ones behind, which go on.
    for (const was of before.values()) {
      if (cluster.has(was.key) || left.has(was.key) || takesInventory(was)) continue;
      left.add(was.key);
      queue.push(...children(was, was.target));
    }
  }
  return cluster;
}

/** Whether deleting a FluxKustomization deletes what it holds (flux-facts 2.4 item 3). */
export function takesInventory({ data, reading }: Live): boolean {
  const { prune, suspend, deletionPolicy = "MirrorPrune" } = data.spec ?? {};
  if (suspend === true || reading === "foreign") return false;
  return deletionPolicy === "MirrorPrune" ? prune === true : deletionPolicy !== "Orphan";
}

async function settle(reader: Reader, waiting: Waiting, before: Cluster): Promise<Live> {
  const was = before.get(liveKey(waiting.data, waiting.target));
  let live = await reader.read(waiting);
  // A root that applies itself comes to its own new spec in a second round.
  const self = [...live.held.values()].find(
    (held) => isNested(held) && liveKey(held.data, waiting.target) === live.key,
  );
  if (self && JSON.stringify(self.data.spec) !== JSON.stringify(waiting.data.spec)) {
    live = await reader.read({ ...waiting, data: self.data });
  }
  if (live.data.spec?.suspend === true) live.reading = "suspended";
  if (!was) return live;
  if (live.reading === "broken" || live.reading === "suspended" || live.reading === "foreign") {
    return { ...live, held: live.reading === "foreign" ? live.held : new Map(was.held) };
  }
  // What is not pruned stays in the cluster, and nested FluxKustomizations go on reconciling.
  const prunes = live.data.spec?.prune === true;
  for (const [id, held] of was.held) {
    if (!live.held.has(id) && (!prunes || !isPrunable(held))) live.held.set(id, held);
  }
  return live;
}

/**
 * Objects that a FluxKustomization prunes in some order: it may meet the new tree while it still has its old spec, and the
 * old tree when it already has its new one.
 */
export async function betweenLosses(
  old: Reader,
  next: Reader,
  before: Cluster,
  after: Cluster,
): Promise<Map<string, string[]>> {
  const changed = [...before.values()].flatMap((was) => {
    const is = after.get(was.key);
    const same = !is || JSON.stringify(is.data.spec) === JSON.stringify(was.data.spec);
    return same || was.reading !== "built" ? [] : [{ was, is }];
  });
  const out = new Map<string, string[]>();
  await mapLimited(changed, 3, async ({ was, is }) => {
    const { target } = was;
    const readings = await Promise.all([next.read({ data: was.data, target }), old.read({ data: is.data, target })]);
    const lost = readings.flatMap(({ reading, data, held }) => {
      const prunes = reading === "built" && data.spec?.prune === true && data.spec?.suspend !== true;
      return prunes ? [...was.held.values()].filter((one) => !held.has(one.id) && isPrunable(one)) : [];
    });
    out.set(was.key, [...new Set(lost.map(({ resource }) => resource))]);
  });
  return out;
}
