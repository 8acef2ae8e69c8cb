import { isGotkObject } from "../corpus/gate/old-install.ts";
import type { Data } from "../corpus/gate/snapshot.ts";
import { type Cluster, heldOf, isPrunable, takesInventory } from "./live.ts";
import type { Root } from "./roots.ts";
import type { ClusterVerdict, Fate, Held, Live } from "./types.ts";

/** Letters and digits that kustomize takes for the hash of a generated ConfigMap or Secret. */
const HASH = /-[bcdfghkmt2456789]{10}$/;

interface Loss {
  held: Held;
  from: Live;
  why: string;
}

/** Compares what a cluster holds before and after, and follows what hangs on the things that go. */
export function judgeCluster(
  root: Root,
  name: string,
  before: Cluster,
  after: Cluster,
  between: ReadonlyMap<string, string[]> = new Map(),
): ClusterVerdict {
  const holders = new Map<string, string[]>();
  for (const live of after.values()) {
    for (const id of live.held.keys()) holders.set(id, [...(holders.get(id) ?? []), live.key]);
  }
  const fates = new Map<string, Fate>();
  const handovers: string[] = [];
  const add = (resource: string, how: Fate["how"], why: string): void => {
    const known = fates.get(resource);
    if (!known || (known.how === "maybe" && how === "gone")) fates.set(resource, { resource, how, why });
  };
  const unsure = (live: Live): boolean => [live, after.get(live.key)].some((one) => one && isUnread(one));
  const stems = new Set([...holders.keys()].filter((id) => HASH.test(id)).map((id) => id.replace(HASH, "")));
  const gone = new Map<string, Held>();
  const adopted = new Set(root.instance ? [root.data, root.source].map((data) => heldOf(data, "").id) : []);
  for (const { held, from, why } of losses(before, after)) {
    if (adopted.has(held.id) || (root.instance && isGotkObject(held.data))) continue;
    if (holders.has(held.id)) {
      handovers.push(held.resource);
      continue;
    }
    const renewed = HASH.test(held.id) && stems.has(held.id.replace(HASH, ""));
    const open = held.resource.includes("${");
    add(held.resource, unsure(from) || renewed || open ? "maybe" : "gone", renewed ? `${why} (its hash changed)` : why);
    gone.set(held.id, held);
  }
  for (const [key, resources] of between) {
    for (const one of resources) add(one, "maybe", `Kustomization ${key} may meet one tree with the spec of the other`);
  }
  for (const { resource, why } of releasesReplaced(before, after)) add(resource, "gone", why);
  const all = new Map([...before.values(), ...after.values()].flatMap((live) => [...live.held]));
  for (const held of gone.values()) {
    for (const hanging of hangingOn(held, all)) {
      if (!gone.has(hanging.id)) add(hanging.resource, "gone", `goes with ${held.resource}`);
    }
  }
  const lives = [...before.values()];
  const touches = (live: Live): boolean => after.get(live.key)?.inputs !== live.inputs;
  return {
    root: name,
    fates: [...fates.values()],
    handovers: [...new Set(handovers)],
    before: resourcesOf(before),
    after: resourcesOf(after),
    breaks: [...after.values()].filter((live) => breaks(before.get(live.key), live)).map(({ key }) => key),
    unread: lives.filter(unsure).map(sayUnread),
    touched: lives.filter((live) => unsure(live) && touches(live)).map(sayUnread),
  };
}

const isUnread = ({ reading }: Live): boolean => reading === "partial" || reading === "broken" || reading === "foreign";
const sayUnread = ({ key, reading, error }: Live): string => `${key} (${reading}${error ? `: ${error}` : ""})`;

/**
 * One that comes with the change and never builds breaks as well. An empty kustomization at its path is none of that: the
 * controller builds nothing from it, where kustomize by itself refuses.
 */
function breaks(was: Live | undefined, is: Live): boolean {
  const isRefused = is.reading === "broken" && !is.error?.endsWith("kustomization.yaml is empty");
  return isRefused && (was === undefined || was.reading === "built");
}

function resourcesOf(cluster: Cluster): string[] {
  return [...new Set([...cluster.values()].flatMap(({ held }) => [...held.values()].map(({ resource }) => resource)))];
}

/** What each FluxKustomization deletes: what it no longer applies, or everything it held where it goes itself. */
function losses(before: Cluster, after: Cluster): Loss[] {
  const out: Loss[] = [];
  for (const from of before.values()) {
    const is = after.get(from.key);
    if (!is && !takesInventory(from)) continue;
    for (const held of from.held.values()) {
      if (is ? is.held.has(held.id) : !isPrunable(held)) continue;
      const why = is
        ? `Kustomization ${from.key} no longer applies it and prunes it`
        : `Kustomization ${from.key} goes, and takes what it holds along`;
      out.push({ held, from, why });
    }
  }
  return out;
}

/** What is deleted with a Namespace or with a CustomResourceDefinition. */
function hangingOn({ data, id }: Held, all: Map<string, Held>): Held[] {
  const target = id.slice(0, id.length - id.replace(/^.*:/, "").length);
  const here = [...all.values()].filter((held) => held.id.startsWith(target));
  if (data.kind === "Namespace") return here.filter((held) => held.data.metadata?.namespace === data.metadata?.name);
  if (data.kind !== "CustomResourceDefinition") return [];
  const { group, names } = data.spec ?? {};
  return here.filter((held) => held.data.kind === names?.kind && String(held.data.apiVersion).startsWith(`${group}/`));
}

/** Where Helm stores a release and under which name, and the chart it is of: another one is uninstalled (helm-controller). */
function releaseOf(data: Data): { target: string; chart: string | undefined } {
  const { name, namespace } = data.metadata ?? {};
  const { releaseName, targetNamespace, storageNamespace, kubeConfig, chart } = data.spec ?? {};
  const target = [
    releaseName ?? (targetNamespace ? `${targetNamespace}-${name}` : name),
    targetNamespace ?? namespace,
    storageNamespace ?? namespace,
    JSON.stringify(kubeConfig ?? null),
  ].join(" ");
  const named = chart?.spec?.chart;
  return { target, chart: typeof named === "string" && !named.includes("/") ? named : undefined };
}

/** HelmReleases that stay while the release they made is uninstalled. */
function releasesReplaced(before: Cluster, after: Cluster): { resource: string; why: string }[] {
  const now = new Map(
    [...after.values()].flatMap(({ held }) => [...held.values()].map((one) => [one.id, one] as const)),
  );
  const out: { resource: string; why: string }[] = [];
  for (const { held } of before.values()) {
    for (const was of held.values()) {
      const is = now.get(was.id);
      if (!is || was.data.kind !== "HelmRelease" || is.data === was.data || is.data.spec?.suspend === true) continue;
      const [old, next] = [releaseOf(was.data), releaseOf(is.data)];
      const renamed = old.chart !== undefined && next.chart !== undefined && old.chart !== next.chart;
      if (old.target === next.target && !renamed) continue;
      const what = renamed
        ? `chart ${old.chart} becomes ${next.chart}`
        : `release ${old.target} becomes ${next.target}`;
      out.push({ resource: was.resource, why: `the old release is uninstalled: ${what}` });
    }
  }
  return out;
}
