import { isOpenText } from "../admission/open-text.ts";
import { keyOf } from "../cluster/graph.ts";
import { runningSource } from "../cluster/running-source.ts";
import { printRef, resolveSource } from "../cluster/sources.ts";
import type { Cluster, InstanceDescription } from "../cluster/types.ts";
import { parseAddress, publicAddress, repositoryIdentity } from "../contract/address.ts";
import { type Loc, lineOf } from "../contract/errors.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import { itemsOf, type KubeObject, sortKeys, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { isSyncSource } from "../delivery/kinds.ts";
import { normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { hasBaseFacts } from "../release/facts.ts";
import { compareFluxVersions, parseFluxVersion } from "../release/releases.ts";
import type { Side } from "./change.ts";

/** What decides which files an artifact holds. */
export interface SourceFacts {
  /** Identity of the repository, whatever the protocol; undefined when it cannot be known here. */
  repository?: string;
  /** Its URL, where that holds a variable. */
  open?: string;
  /** Protocol and port of its URL, the one that is usual filled in; two ports of a host need not be one server. */
  door?: { scheme: string; port: string };
  /** `branch main`, `tag v1`, …; spellings of one and the same thing are equal. */
  ref: string;
  /** `spec.ignore`. */
  ignore: string;
  /** `spec.layerSelector` of an artifact, or `spec.prefix` of a bucket, as text. */
  layer: string;
  /** Folders of a sparse checkout; empty for all. */
  sparse: readonly string[];
  /** Folders of other sources that it puts into its own artifact. */
  includes: readonly SourceInclude[];
  /** Whether it fetches submodules as well. */
  submodules: boolean;
  /** What the job that publishes it leaves out, one pattern a line; of Git nothing. */
  unpublished: string;
  /** Whether this cluster gets it; another cluster's source of that name stands in where none is known. */
  delivered: boolean;
  at: Loc;
  /** Others of its name, where that is a variable: each becomes a source of its own. */
  others?: readonly SourceFacts[];
}

/** `spec.include[]` of a GitRepository: a folder of another one, and where it lies in the artifact. */
interface SourceInclude {
  name: string;
  from: string;
  to: string;
}

/** Facts of every source of one tree, by `Kind/name`. */
export type SourceTable = ReadonlyMap<string, SourceFacts>;

/** A source that reads something else afterwards. */
export interface SourceSwitch {
  /** `Kind/name`. */
  source: string;
  /** `Kind name`, and what follows it in a sentence. */
  name: string;
  says: string;
  at: Loc;
  /** Whether it holds this repository, so that everything that is compared here rests on it. */
  own: boolean;
}

/**
 * Sources as one tree makes them: what the operator generates counts before what Git says under that name, and among
 * documents of one name those that reach the cluster, the nearest to the root first.
 * @param generated source of the sync, after the patches of the instance
 */
export function readSources(
  { root, namespace }: Cluster,
  objects: readonly KubeObject[],
  isDelivered: (file: string) => boolean,
  generated: { name: string; data: YamlData; at: Loc } | undefined,
): SourceTable {
  const table = new Map<string, SourceFacts>();
  for (const [id, all] of groupBy(objects.filter(isSyncSource), ({ kind, name }) => `${kind}/${name}`)) {
    const { kind, name } = all[0]!;
    const near = (list: readonly KubeObject[]) =>
      resolveSource({ kind, name, namespace }, root.file, list) ??
      resolveSource({ kind, name, namespace: "" }, root.file, list);
    const mine = near(all.filter(({ file }) => isDelivered(file)));
    const found = mine ?? near(all);
    if (!found) continue;
    const read = (one: KubeObject) => factsOf(kind, one.data.spec, lineOf(one.file), mine !== undefined);
    const isMeant = ({ file }: KubeObject) => mine === undefined || isDelivered(file);
    const others = isOpenText(name) ? all.filter((one) => one !== found && isMeant(one)) : [];
    table.set(id, { ...read(found), ...(others.length > 0 ? { others: others.map(read) } : {}) });
  }
  if (generated) {
    const { name, data, at } = generated;
    table.set(`${data.kind}/${name}`, factsOf(data.kind, data.spec, at, true));
  }
  return table;
}

/** A source of another cluster stands in for one of this cluster only where neither tree has that. */
export function dropStandIns({ before, after }: Record<Side, SourceTable>): Record<Side, SourceTable> {
  const without = (table: SourceTable, other: SourceTable) =>
    new Map([...table].filter(([source, { delivered }]) => delivered || !other.get(source)?.delivered));
  return { before: without(before, after), after: without(after, before) };
}

export function factsOf(kind: string, spec: FluxObjectSpec | undefined, at: Loc, delivered: boolean): SourceFacts {
  const url = spec?.url ?? (kind === "Bucket" ? `${spec?.endpoint}/${spec?.bucketName}` : undefined);
  return {
    ...(typeof url === "string" ? readAddress(url) : {}),
    ref: printRef(kind, spec?.ref),
    ignore: typeof spec?.ignore === "string" ? spec.ignore : "",
    layer: spec?.layerSelector ? JSON.stringify(sortKeys(spec.layerSelector)) : String(spec?.prefix ?? ""),
    sparse: Array.isArray(spec?.sparseCheckout) ? spec.sparseCheckout.map(String) : [],
    includes: itemsOf(spec?.include).map(readInclude),
    submodules: spec?.recurseSubmodules === true,
    unpublished: "",
    delivered,
    at,
  };
}

const PORTS: Record<string, string> = { ssh: "22", https: "443", http: "80" };

function readDoor(url: string): Pick<SourceFacts, "door"> {
  const { scheme = "", host } = parseAddress(url);
  const port = /:(\d+)$/.exec(host)?.[1] ?? ofOwn(PORTS, scheme);
  return port === undefined ? {} : { door: { scheme, port } };
}

const readAddress = (url: string): Pick<SourceFacts, "open" | "repository" | "door"> =>
  url.includes("${") ? { open: publicAddress(url) } : { repository: repositoryIdentity(url), ...readDoor(url) };

const addressOf = ({ repository, open }: SourceFacts): string | undefined => repository ?? open;

/** Another port of the same protocol. */
function isOtherDoor({ door: old }: SourceFacts, { door: now }: SourceFacts): boolean {
  return old !== undefined && now !== undefined && old.scheme === now.scheme && old.port !== now.port;
}

/** `toPath` is the name of the included source where it is left out (source-controller, GitRepositoryInclude). */
function readInclude(one: YamlData): SourceInclude {
  const name = String(one?.repository?.name ?? "");
  return {
    name,
    from: normalizePath(String(one?.fromPath ?? "")) ?? "",
    to: normalizePath(String(one?.toPath || name)) ?? "",
  };
}

/** Everything that decides what a source includes: its entries, and what the included sources read. */
export function printIncludes(table: SourceTable, source: string): string {
  const facts = table.get(source);
  const behind = (facts?.includes ?? []).map((one) => {
    const other = table.get(`GitRepository/${one.name}`);
    return [one, other?.repository, other?.ref, other?.ignore];
  });
  return JSON.stringify([behind, facts?.submodules]);
}

/**
 * `Kind/name` of every source that holds this repository as the root reads it: the root's own, others with its URL and its
 * ref, generated ones. One that is pinned to a tag, or reads another branch, does not follow this change.
 */
export function findOwnSources(
  cluster: Cluster,
  tables: readonly SourceTable[],
  instances: readonly InstanceDescription[],
): Set<string> {
  const { root } = cluster;
  const ref = root.data.spec?.sourceRef;
  const own = new Set<string>([`${ref?.kind}/${ref?.name}`]);
  for (const { object, spec } of instances) {
    if (!spec.sync?.url) continue;
    own.add(`${spec.sync.kind}/${spec.sync.name || object.namespace || root.namespace || "flux-system"}`);
  }
  const identities = listIdentities(cluster, instances);
  const facts = (key: string) => tables.flatMap((table) => table.get(key) ?? []);
  const kindOf = (key: string) => key.slice(0, key.indexOf("/"));
  const read = new Map<string, Set<string>>();
  for (const key of own) {
    for (const one of facts(key)) getOrMake(read, kindOf(key), () => new Set()).add(one.ref);
  }
  for (const key of new Set(tables.flatMap((table) => [...table.keys()]))) {
    const refs = read.get(kindOf(key));
    const holds = ({ repository, ref }: SourceFacts) =>
      repository !== undefined && identities.has(repository) && (refs?.has(ref) ?? true);
    if (facts(key).some(holds)) own.add(key);
  }
  return own;
}

/** This repository, by every URL that Flux reads it from. */
function listIdentities({ runningSource }: Cluster, instances: readonly InstanceDescription[]): Set<string> {
  const urls: unknown[] = [runningSource?.data.spec?.url, ...instances.map(({ spec }) => spec.sync?.url || undefined)];
  return new Set(urls.filter((url) => typeof url === "string").map(repositoryIdentity));
}

const withoutHost = (identity: string): string => identity.slice(identity.indexOf("/") + 1);

/**
 * `Kind/namespace/name` of sources of another repository that are called as one of this repository is in its own namespace, as
 * tenants have them.
 * @param own what `findOwnSources` gives
 */
export function findNamesakes(
  cluster: Cluster,
  objects: readonly KubeObject[],
  instances: readonly InstanceDescription[],
  own: ReadonlySet<string>,
): Set<string> {
  // A mirror on another host is this repository too.
  const paths = new Set([...listIdentities(cluster, instances)].map(withoutHost));
  const homes = new Set([cluster.namespace, cluster.root.namespace, cluster.runningSource?.namespace]);
  const isOther = ({ kind, name, namespace, data, file }: KubeObject) => {
    if (namespace === "" || homes.has(namespace) || !own.has(`${kind}/${name}`)) return false;
    const { repository } = factsOf(kind, data.spec, lineOf(file), true);
    return paths.size > 0 && repository !== undefined && !paths.has(withoutHost(repository));
  };
  return new Set(
    objects
      .filter(isSyncSource)
      .filter(isOther)
      .map((one) => `${one.kind}/${one.namespace}/${one.name}`),
  );
}

/** What decides which part of a repository reaches the readers. Of this repository the files themselves are compared. */
export function printSelection({ layer, ignore, sparse, includes, submodules }: SourceFacts, isOwn: boolean): string {
  return isOwn ? layer : JSON.stringify([layer, ignore, sparse, includes, submodules]);
}

/** A later Flux 2, where what both releases hold is known (flux-facts 4.7). */
function isNewerFlux(old: SourceFacts, now: SourceFacts): boolean {
  if (now.repository !== old.repository || !now.repository?.endsWith("/fluxcd/flux-manifests")) return false;
  const [from, to] = [old, now].map(({ ref }) =>
    parseFluxVersion(/^tag (v\d+\.\d+\.\d+)(?:@sha256:[0-9a-f]+)?$/.exec(ref)?.[1] ?? ""),
  );
  if (!from || !to || from.major !== to.major || compareFluxVersions(from, to) > 0) return false;
  return from.minor === to.minor || (hasBaseFacts(from) && hasBaseFacts(to));
}

/** Sources that read another repository, branch or tag after the change: what is in there is not part of it. */
export function findSwitches(before: SourceTable, after: SourceTable, own: ReadonlySet<string>): SourceSwitch[] {
  return [...before].flatMap(([source, old]) => {
    const now = after.get(source);
    if (!now?.delivered || !old.delivered) return [];
    const isOwn = own.has(source);
    if (!old.others && !now.others) return findSwitch(source, old, now, isOwn);
    return findSwitchOfMany(source, [old, ...(old.others ?? [])], [now, ...(now.others ?? [])], isOwn);
  });
}

/** Of sources whose name is one variable, file by file; one whose file goes may have moved to a new one. */
function findSwitchOfMany(source: string, olds: SourceFacts[], nows: SourceFacts[], isOwn: boolean): SourceSwitch[] {
  const print = (one: SourceFacts) => JSON.stringify([addressOf(one), one.ref, one.door, printSelection(one, isOwn)]);
  const fileOf = ({ at }: SourceFacts) => at.file;
  const [were, are] = [groupBy(olds, fileOf), groupBy(nows, fileOf)];
  const isFresh = (one: SourceFacts) => !were.has(fileOf(one));
  const same = new Set(nows.map((one) => `${isFresh(one) ? "" : fileOf(one)} ${print(one)}`));
  const fresh = nows.find(isFresh);
  const found = olds.flatMap((old) => {
    const now = are.get(fileOf(old))?.[0] ?? fresh;
    const place = are.has(fileOf(old)) ? fileOf(old) : "";
    return now && !same.has(`${place} ${print(old)}`) ? findSwitch(source, old, now, isOwn) : [];
  });
  return found.slice(0, 1);
}

/** @param isOwn its files are compared, so that what it leaves out is known */
export function findSwitch(source: string, old: SourceFacts, now: SourceFacts, isOwn: boolean): SourceSwitch | [] {
  const [was, is] = [addressOf(old), addressOf(now)];
  if (was === undefined || is === undefined) return [];
  const turns = isOtherDoor(old, now);
  const moves = was !== is || now.ref !== old.ref || turns;
  const selects = printSelection(now, isOwn) !== printSelection(old, isOwn);
  if (!selects && (!moves || isNewerFlux(old, now))) return [];
  const [from, to] = [old, now].map(({ ref, door }, at) =>
    [ref && `${ref} of`, [was, is][at], ...(turns ? [`(port ${door?.port})`] : [])].filter(Boolean).join(" "),
  );
  const what = moves ? `reads ${to} instead of ${from}` : `passes on other parts of ${to}`;
  const says = `${what} from then on: what is in there cannot be seen here`;
  return { source, name: source.replace("/", " "), says, at: now.at, own: isOwn };
}

/** `Kind/name` of what a FluxKustomization reads. */
export function sourceOf(spec: FluxObjectSpec | undefined): string {
  return `${spec?.sourceRef?.kind}/${spec?.sourceRef?.name}`;
}

/** The objects of a tree, the source of the cluster as Flux reads it. */
export function patchSource(tree: Tree, cluster: Cluster, objects: readonly KubeObject[]): KubeObject[] {
  const { source } = cluster;
  if (!source) return [...objects];
  const isSource = (one: KubeObject) =>
    keyOf(one) === keyOf(source) && one.kind === source.kind && one.name === source.name;
  return objects.map((object) => (isSource(object) && runningSource(tree, cluster, object)) || object);
}
