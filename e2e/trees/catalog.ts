import type { KubeObject } from "../world/kube.ts";
import { folderNamespaces, isFluxKustomization, type TreeObject } from "./documents.ts";

/** A repository or artifact of somebody else that the tree reads. */
export interface Foreign {
  kind: "GitRepository" | "OCIRepository";
  /** Host and path, without scheme and `.git`. */
  place: string;
  branches: Set<string>;
  tags: Set<string>;
  /** Folders that something reads, with the namespace its objects belong into. */
  folders: Map<string, string | undefined>;
  /** Folders that a HelmRelease reads as a chart. */
  charts: Set<string>;
  /** What the tree patches of the folders that its kustomizations build from. */
  patched?: Map<string, KubeObject[]>;
}

/** What the stand-ins of a tree have to answer for. */
export interface Catalog {
  /** Every host that a controller will ask over HTTPS. */
  hosts: Set<string>;
  foreign: Map<string, Foreign>;
  /** Versions of the charts that releases ask for, by the chart's name. */
  charts: Map<string, Set<string>>;
}

/** `https://Example.org/a/b.git` -> `example.org/a/b` */
export const placeOf = (url: string): string => {
  const plain = url
    .trim()
    .replace(/^git@([^:/]+):/, "ssh://$1/")
    .replace(/^[a-z+]+:\/\/(?:[^@/]*@)?/i, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  const [host = "", ...rest] = plain.split("/");
  return [host.toLowerCase().replace(/:\d+$/, ""), ...rest].join("/");
};

/** Reads what the objects of a tree ask of the world outside; `own` is the URL of the tree itself. */
export function catalogOf(objects: TreeObject[], own: string): Catalog {
  const catalog: Catalog = { hosts: new Set([placeOf(own).split("/")[0]!]), foreign: new Map(), charts: new Map() };
  const expand = substitutions(objects);
  const spaceOf = folderNamespaces(objects);
  const sources = new Map<string, Foreign[]>();
  for (const { object } of objects) {
    const url = object.spec?.url;
    if (!object.apiVersion.startsWith("source.toolkit.fluxcd.io/") || typeof url !== "string") continue;
    for (const one of expand(url)) addSource(catalog, sources, object, one, own, expand);
  }
  for (const { object, path } of objects) {
    for (const host of hostsIn(object)) catalog.hosts.add(host);
    if (isFluxKustomization(object)) {
      const space = object.spec?.targetNamespace ?? object.metadata.namespace ?? spaceOf(path);
      for (const foreign of sources.get(sourceKey(object.spec?.sourceRef)) ?? [])
        for (const folder of expand(String(object.spec?.path ?? "."))) foreign.folders.set(clean(folder), space);
    }
    if (object.kind === "HelmRelease") addChart(catalog, sources, object.spec?.chart?.spec, expand);
  }
  return catalog;
}

const sourceKey = (ref: { kind?: string; name?: string } | undefined) => `${ref?.kind} ${ref?.name}`;
const clean = (folder: string) => folder.replace(/^\.?\/+/, "").replace(/\/+$/, "") || ".";

function addSource(
  catalog: Catalog,
  sources: Map<string, Foreign[]>,
  object: KubeObject,
  url: string,
  own: string,
  expand: (text: string) => string[],
): void {
  const place = placeOf(url);
  const host = place.split("/")[0]!;
  if (/^[a-z0-9.-]+$/.test(host)) for (const one of hostsOf(host)) catalog.hosts.add(one);
  const { kind } = object;
  if ((kind !== "GitRepository" && kind !== "OCIRepository") || place === placeOf(own)) return;
  const known: Foreign = catalog.foreign.get(place) ?? {
    kind,
    place,
    branches: new Set(),
    tags: new Set(),
    folders: new Map(),
    charts: new Set(),
  };
  for (const branch of expand(String(object.spec.ref?.branch ?? ""))) if (branch) known.branches.add(branch);
  for (const wanted of [object.spec.ref?.tag, object.spec.ref?.semver])
    for (const tag of expand(String(wanted ?? ""))) if (tag) known.tags.add(concrete(tag));
  catalog.foreign.set(place, known);
  const key = `${kind} ${object.metadata.name}`;
  sources.set(key, [...(sources.get(key) ?? []), known]);
}

/** Docker Hub is asked under names that nobody writes. */
const hostsOf = (host: string) => (host === "docker.io" ? ["index.docker.io", "registry-1.docker.io"] : [host]);

/** Place of an OCI repository as it is written, of the one that is asked. */
export const asWritten = (name: string) => name.replace(/^(?:index|registry-1)\.docker\.io\//, "docker.io/");

interface ChartSpec {
  chart?: string;
  version?: string;
  sourceRef?: { kind?: string; name?: string };
}

function addChart(
  catalog: Catalog,
  sources: Map<string, Foreign[]>,
  spec: ChartSpec | undefined,
  expand: (text: string) => string[],
): void {
  if (typeof spec?.chart !== "string") return;
  for (const foreign of sources.get(sourceKey(spec.sourceRef)) ?? []) foreign.charts.add(clean(spec.chart));
  for (const name of expand(spec.chart)) {
    const versions = catalog.charts.get(name) ?? new Set<string>();
    for (const version of expand(String(spec.version ?? "*"))) versions.add(concrete(version));
    catalog.charts.set(name, versions);
  }
}

/** A version that satisfies a range: the first that it names, filled up with zeros. `>=1.2 <3` -> `1.2.0` */
export function concrete(range: string): string {
  if (/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(range)) return range;
  const found = /(?:(?<sign>[<>]=?|=|\^|~)\s*)?(?<numbers>\d+(?:\.(?:\d+|x|\*)){0,2})/i.exec(range);
  if (!found) return /[.*<>=^~|]/.test(range) ? "1.0.0" : range;
  const numbers = found.groups!.numbers!.split(".").map((one) => (/^\d+$/.test(one) ? Number(one) : 0));
  while (numbers.length < 3) numbers.push(0);
  if (found.groups!.sign === ">") numbers[2]!++;
  return numbers.join(".");
}

/** Replaces `${NAME}` by every value that a ConfigMap of the tree has for it; without one, by its default. */
function substitutions(objects: TreeObject[]): (text: string) => string[] {
  const values = new Map<string, Set<string>>();
  for (const { object } of objects) {
    if (object.kind !== "ConfigMap") continue;
    for (const [name, value] of Object.entries(object.data ?? {}))
      if (typeof value === "string" && value.length < 200) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return (text) => {
    let all = [text];
    for (let turn = 0; turn < 8 && all.some((one) => one.includes("${")); turn++) {
      all = all.flatMap((one) => {
        const found = /\$\{(\w+)(?::?[=-]([^}]*))?[^}]*\}/.exec(one);
        if (!found) return [one];
        const known = [...(values.get(found[1]!) ?? [found[2] ?? ""])].slice(0, 6);
        return known.map((value) => one.replace(found[0], () => value));
      });
    }
    return [...new Set(all)].slice(0, 40);
  };
}

/** Hosts in the resources of a kustomization, which kustomize-controller fetches by itself. */
function hostsIn(object: KubeObject): string[] {
  const listed = [...(object.resources ?? []), ...(object.components ?? [])];
  return listed.flatMap((one) => {
    const host =
      typeof one === "string" ? /^(?:https:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)\//i.exec(one)?.[1] : undefined;
    return host && !/\.ya?ml$/.test(host) ? [host.toLowerCase()] : [];
  });
}
