import type { ClusterDelivery } from "./gate/deliver.ts";
import { identityOf, keyOf } from "./gate/flux-objects.ts";
import { checkFolders, installKeys, type RecordedFolder } from "./gate/identities.ts";
import { checkIdle } from "./gate/idle.ts";
import type { Finding } from "./gate/plan-json.ts";
import type { Snapshot } from "./gate/snapshot.ts";
import type { Ground } from "./gate/territory.ts";
import type { GateResult } from "./gate/types.ts";
import { type Bench, type ClusterAfter, type ClusterBefore, goneNames } from "./judge-cluster.ts";

/** What the gate knows of one cluster while the phases run. */
export interface Tracked {
  name: string;
  before: ClusterBefore;
  after?: ClusterAfter;
  reached: string;
  results: GateResult[];
  blockers: Finding[];
}

/** Versions of charts that clusters get from OCIRepositories, by chart name. */
export function chartVersions(active: Tracked[]): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  for (const { data } of active.flatMap((cluster) => [...(cluster.after?.delivery.objects.values() ?? [])])) {
    if (data.kind !== "OCIRepository" || !data.spec?.ref?.tag) continue;
    const chart = String(data.spec.url).split("/").at(-1) ?? "";
    out.set(chart, (out.get(chart) ?? new Set<string>()).add(String(data.spec.ref.tag)));
  }
  return out;
}

/** Names that no cluster has any more, so that a command naming them fails everywhere. */
export function namesGone(active: Tracked[]): { kind: string; name: string }[] {
  const perCluster = active.map((cluster) => goneNames(cluster.before, cluster.after as ClusterAfter));
  const alive = new Set(
    active.flatMap((cluster) => [
      ...[...(cluster.after?.delivery.objects.values() ?? [])].map(({ data }) => `${data.kind} ${data.metadata?.name}`),
      ...(cluster.after?.generated ?? []).map((data) => `${data.kind} ${data.metadata?.name}`),
    ]),
  );
  return perCluster.flat().filter(({ kind, name }) => !alive.has(`${kind} ${name}`));
}

/** Gate item 3 by folder, against the recorded answers. */
export async function judgeFolders(
  bench: Bench,
  recorded: RecordedFolder[],
  original: Snapshot,
  after: Snapshot,
  active: Tracked[],
): Promise<GateResult> {
  const removable = new Set<string>();
  const deliveredNow = new Set<string>();
  const fluxNamespaces = new Set<string>();
  for (const { before, after: now } of active) {
    // What bootstrap applied by itself lies beside the root, where the root's own kustomization leaves it out.
    const beside = before.install ? [] : original.paths.filter((path) => isBeside(path, before.root.file));
    const objects = [
      ...[...before.delivery.objects.values()].map(({ data }) => data),
      ...beside.flatMap((path) => original.yaml(path).docs.map((doc) => doc.data)),
    ];
    for (const key of installKeys(objects, [before.source, before.rootObject])) removable.add(key);
    for (const key of now?.delivery.objects.keys() ?? []) deliveredNow.add(key);
    for (const data of now?.generated ?? []) deliveredNow.add(keyOf(identityOf(data)));
    fluxNamespaces.add(String(before.rootObject?.metadata?.namespace ?? "flux-system"));
  }
  return checkFolders({
    original,
    after,
    recorded,
    builder: bench.builder,
    removable,
    deliveredNow,
    fluxNamespaces,
  });
}

function isBeside(path: string, file: string): boolean {
  const dir = file.slice(0, file.lastIndexOf("/") + 1);
  return path.startsWith(dir) && !path.slice(dir.length).includes("/") && /\.ya?ml$/.test(path);
}

/** Everything that a cluster reads, before and after. */
export function groundOf(name: string, before: ClusterBefore, after?: ClusterAfter): Ground {
  const nodes = [...before.delivery.nodes, ...(after?.delivery.nodes ?? [])];
  const reach = new Set([before.root.file, ...nodes.flatMap(({ files }) => files)]);
  return { name, path: `${before.root.prefix}/${before.root.data.spec?.path ?? ""}`, reach };
}

export interface TreeIdle {
  before: Snapshot;
  after: Snapshot;
  tracked: Tracked[];
  /** Clusters that nobody asked for; they read on what they read. */
  neighbours: ClusterBefore[];
  findings: Finding[];
}

/** Gate item 14 over the whole tree. */
export function judgeIdle(
  bench: Bench,
  { before, after, tracked, neighbours, findings }: TreeIdle,
): Promise<GateResult> {
  const filesOf = ({ nodes }: ClusterDelivery): string[] => nodes.flatMap(({ files }) => files);
  const beside = neighbours.flatMap(({ root, delivery }) => [root.file, ...filesOf(delivery)]);
  const roots = tracked.map((one) => one.before.root.file);
  const was = tracked.flatMap((one) => filesOf(one.before.delivery));
  const is = tracked.flatMap((one) => (one.after ? filesOf(one.after.delivery) : []));
  const delivered = { before: [...roots, ...was, ...beside], after: [...is, ...beside] };
  return checkIdle({ before, after, delivered, findings, builder: bench.builder, scratch: bench.scratch });
}
