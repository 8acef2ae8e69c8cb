import { isFluxKustomization } from "../corpus/gate/flux-objects.ts";
import type { Data } from "../corpus/gate/snapshot.ts";
import type { Cluster } from "../merges/live.ts";
import type { Held, Live } from "../merges/types.ts";
import { needsOf } from "./needs.ts";

/** What a change does besides taking objects away; `perhaps` where only the cluster knows. */
export interface Effect {
  sort: string;
  what: string;
  perhaps: boolean;
  /** What a reference lost, as `Kind namespace/name`. */
  lost?: string;
}

export const sayEffect = ({ sort, what }: Effect): string => `${sort} ${what}`;

type Add = (sort: string, what: string, perhaps?: boolean, lost?: string) => void;
type Complain = (data: Data) => string[];

interface Holding {
  held: Held;
  live: Live;
}

/** By object; of several FluxKustomizations that hold one, the last. */
const heldIn = (cluster: Cluster): Map<string, Holding> =>
  new Map([...cluster.values()].flatMap((live) => [...live.held].map(([id, held]) => [id, { held, live }])));

/** Compares what is applied before and after: what builds no more, lacks what it needs, is refused, or says something else. */
export function effectsOf(before: Cluster, after: Cluster, complain: Complain): Effect[] {
  const out = new Map<string, Effect>();
  const add: Add = (sort, what, perhaps = false, lost) => {
    const effect = { sort, what, perhaps, ...(lost ? { lost } : {}) };
    out.set(sayEffect(effect), effect);
  };
  compareDelivery(before, after, add);
  const [was, is] = [heldIn(before), heldIn(after)];
  compareNeeds(was, is, add);
  for (const [id, { held, live }] of is) {
    const old = was.get(id);
    if (old?.held.data === held.data) continue;
    compareObject(old?.held.data, held, complain, add);
    compareSettings(old, { held, live }, add);
  }
  compareWorld(
    [...was.values()].map(({ held }) => held),
    [...is.values()].map(({ held }) => held),
    add,
  );
  return [...out.values()];
}

/** Objects that are applied with other content, or come. */
export function changedObjects(before: Cluster, after: Cluster): string[] {
  const [was, is] = [heldIn(before), heldIn(after)];
  const sorted = (value: Data): Data => {
    if (Array.isArray(value)) return value.map(sorted);
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sorted(value[key])]),
    );
  };
  const text = (held: Held | undefined): string => JSON.stringify(sorted(held?.data));
  return [...is]
    .filter(([id, { held }]) => text(was.get(id)?.held) !== text(held))
    .map(([, { held }]) => held.resource);
}

function compareDelivery(before: Cluster, after: Cluster, add: Add): void {
  for (const [key, live] of after) {
    const was = before.get(key);
    if (live.reading === "broken" && was?.reading !== "broken")
      add(was ? "breaks" : "never builds", `${key}: ${live.error}`);
    if (live.reading === "suspended" && was?.data.spec?.suspend !== true) {
      const holds = [...live.held.values()].some(({ data }) => isFluxKustomization(data));
      add("suspended", key, !holds && live.parent !== undefined);
    }
    if (live.reading === "foreign" && was && was.reading !== "foreign") add("reads another source", key);
    if (was?.reading === "built" && live.reading === "partial") add("breaks", `${key}: ${live.error}`);
  }
}

type Index = ReturnType<typeof heldIn>;

function compareNeeds(was: Index, is: Index, add: Add): void {
  const names = (index: Index): Set<string> => new Set([...index.values()].map(({ held }) => nameOf(held.data)));
  const [old, now] = [names(was), names(is)];
  const needed = (index: Index): Set<string> =>
    new Set([...index.values()].flatMap(({ held }) => needsOf(held.data).map(({ wanted }) => wanted)));
  const relied = needed(was);
  for (const { held } of is.values()) {
    for (const { field, wanted, sure } of needsOf(held.data)) {
      if (now.has(wanted)) continue;
      if (old.has(wanted)) add("reference lost", `${held.resource} ${field} ${wanted}`, !sure, wanted);
      else if (!relied.has(wanted)) add("reference open", `${held.resource} ${field} ${wanted}`, !sure);
    }
  }
}

const nameOf = ({ kind, metadata }: Data): string => `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;

const IMMUTABLE: Readonly<Record<string, string[][]>> = {
  PersistentVolumeClaim: [["storageClassName"], ["accessModes"], ["volumeName"], ["volumeMode"]],
  Deployment: [["selector"]],
  DaemonSet: [["selector"]],
  StatefulSet: [["selector"], ["volumeClaimTemplates"], ["serviceName"]],
  Job: [["template"]],
};

function compareObject(old: Data, { data, resource }: Held, complain: Complain, add: Add): void {
  const known = new Set(old ? complain(old) : []);
  for (const text of complain(data)) if (!known.has(text)) add("refused or pruned", `${resource}: ${text}`);
  if (!old) return;
  for (const at of IMMUTABLE[data.kind] ?? []) {
    const [a, b] = [old, data].map((one) => JSON.stringify(at.reduce((value, key) => value?.[key], one.spec)));
    if (a !== b) add("immutable", `${resource}: ${at.join(".")}`, a === undefined);
  }
  const size = (one: Data): string => String(one.spec?.resources?.requests?.storage ?? "");
  if (data.kind === "PersistentVolumeClaim" && size(data) === "1Mi" && size(old) !== "1Mi")
    add("immutable", `${resource}: size`);
}

const open = (data: Data): Set<string> => new Set(JSON.stringify(data).match(/\$\{[A-Za-z_]\w*/g) ?? []);

function compareSettings(
  old: { held: Held; live: Live } | undefined,
  { held, live }: { held: Held; live: Live },
  add: Add,
): void {
  const known = old ? open(old.held.data) : new Set<string>();
  const now = [...open(held.data)].filter((name) => !known.has(name));
  const substitutes = ({ data }: Live): boolean => data.spec?.postBuild !== undefined;
  if (old && now.length > 0 && substitutes(live)) add("variable emptied", `${held.resource}: ${now.join(" ")}`);
  if (old && open(held.data).size > 0 && substitutes(old.live) && !substitutes(live))
    add("no longer substituted", held.resource);
  const decrypts = ({ data }: Live): boolean => data.spec?.decryption !== undefined;
  if (held.data.sops && !decrypts(live) && (!old || decrypts(old.live))) add("not decrypted", held.resource);
}

/** Served wherever Flux is, though no document was of that kind before. */
const SERVED =
  /^(v1 (ConfigMap|Secret)|(source|kustomize|helm|notification|image)\.toolkit\.fluxcd\.io\/v[12](beta[1-3])? \w+)$/;

function compareWorld(was: Held[], is: Held[], add: Add): void {
  const spaces = (all: Held[]): Set<string> =>
    new Set(
      all.map(({ data }) => String((data.kind === "Namespace" ? data.metadata?.name : data.metadata?.namespace) ?? "")),
    );
  const [old, made] = [
    spaces(was),
    new Set(is.filter(({ data }) => data.kind === "Namespace").map(({ data }) => String(data.metadata?.name))),
  ];
  const apis = (all: Held[]): Set<string> => new Set(all.map(({ data }) => `${data.apiVersion} ${data.kind}`));
  const known = apis(was);
  const ids = new Set(was.map(({ id }) => id));
  for (const { data, resource, id } of is) {
    const space = String(data.metadata?.namespace ?? "");
    if (!ids.has(id) && space !== "" && !space.includes("${") && !old.has(space) && !made.has(space))
      add("no namespace", resource, true);
    const api = `${data.apiVersion} ${data.kind}`;
    if (!known.has(api) && !SERVED.test(api)) add("unknown API", `${resource} ${api}`, true);
  }
  const served = (all: Held[]): Map<string, Set<string>> =>
    new Map(
      all
        .filter(({ data }) => data.kind === "CustomResourceDefinition")
        .map(({ data }) => [
          `${data.spec?.group}/${data.spec?.names?.kind}`,
          new Set<string>((data.spec?.versions ?? []).map((one: Data) => String(one.name))),
        ]),
    );
  const [before, after] = [served(was), served(is)];
  for (const { data, resource } of is) {
    const [group, version = ""] = String(data.apiVersion).split("/");
    const key = `${group}/${data.kind}`;
    if (before.get(key)?.has(version) && after.has(key) && !after.get(key)?.has(version)) add("version gone", resource);
  }
}
