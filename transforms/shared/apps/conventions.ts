import type { Cluster } from "../../../src/cluster/types.ts";
import type { DeliveredFluxObject, YamlData } from "../../../src/contract/objects.ts";
import { basename, dirname, isWithin, sharedSegments } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor, type FluxVersion } from "../../../src/release/releases.ts";
import { detectStyle } from "../../../src/yaml/style.ts";
import type { YamlStyle } from "../../../src/yaml/types.ts";

/** How the owner writes an app, learnt from the apps that are already there. */
export interface Conventions {
  style: YamlStyle;
  /** `ks.yaml`, `kustomization-flux.yml`, … */
  fluxKustomizationFile: string;
  /** Folder below an app that its FluxKustomization builds; `''` when it builds the app's folder itself. */
  appFolder: string;
  extension: ".yaml" | ".yml";
  /** `./` where the owner writes `- ./namespace.yaml`, else `''`. */
  listPrefix: string;
  /** `name: &app x` and `*app` in labels. */
  appAnchor: boolean;
  /** Order in which the owner writes the fields of a FluxKustomization's spec. */
  fieldOrder: string[];
  interval: string;
  timeout?: string;
  retryInterval?: string;
  releaseInterval: string;
  targetNamespace: boolean;
  nameLabel: boolean;
  sourceNamespace: boolean;
  /** `# yaml-language-server: $schema=…` lines by kind. */
  schemas: Partial<Record<SchemaKind, string>>;
}

export type SchemaKind = "FluxKustomization" | "HelmRelease" | "OCIRepository" | "HelmRepository" | "Kustomization";

const SAMPLE = 24;

/** Learns from the nearest apps first; falls back to what most published repositories do. */
export function learnConventions(tree: Tree, cluster: Cluster, version: FluxVersion): Conventions {
  const api = apiVersionsFor(version);
  const siblings = findSiblings(cluster);
  const texts = siblings.map(({ object }) => tree.read(object.file) ?? "");
  const specs = siblings.map(({ object }) => object.data?.spec ?? {});
  const releases = sampleFiles(tree, cluster, "HelmRelease");
  const files = sampleKustomizations(tree, siblings);
  const most = <T>(test: (spec: YamlData) => T | undefined) => majority(specs.map(test));
  const timeout = most((spec) => text(spec.timeout) ?? "");
  const retryInterval = most((spec) => text(spec.retryInterval) ?? "");
  return {
    style: detectStyle([...texts, ...releases]),
    fluxKustomizationFile:
      majority(siblings.map(({ object }) => genericFileName(object.file, object.name))) ?? "ks.yaml",
    appFolder: majority(siblings.map(appFolderOf)) ?? "app",
    extension: majority(siblings.map(({ object }) => (object.file.endsWith(".yml") ? ".yml" : ".yaml"))) ?? ".yaml",
    listPrefix: majority(files.flatMap(listPrefixes)) ?? "./",
    appAnchor: isMost(texts, (item) => /name: &app /.test(item)),
    fieldOrder: Object.keys(specs[0] ?? {}),
    interval: most((spec) => text(spec.interval)) ?? "1h",
    ...(timeout ? { timeout } : {}),
    ...(retryInterval ? { retryInterval } : {}),
    releaseInterval: majority(releases.map((item) => /\n {2}interval: (\S+)/.exec(item)?.[1])) ?? "1h",
    targetNamespace: isMost(specs, (spec) => spec.targetNamespace !== undefined),
    nameLabel: isMost(specs, (spec) => spec.commonMetadata?.labels?.["app.kubernetes.io/name"] !== undefined),
    sourceNamespace: isMost(specs, (spec) => spec.sourceRef?.namespace !== undefined),
    schemas: {
      ...schemaOf("FluxKustomization", texts, api.kustomization),
      ...schemaOf("HelmRelease", releases, api.helmRelease),
      ...schemaOf("OCIRepository", sampleFiles(tree, cluster, "OCIRepository"), api.ociRepository),
      ...schemaOf("HelmRepository", sampleFiles(tree, cluster, "HelmRepository"), "source.toolkit.fluxcd.io/v1beta2"),
      ...schemaOf("Kustomization", files, "kustomize.config.k8s.io/v1beta1"),
    },
  };
}

function findSiblings(cluster: Cluster): DeliveredFluxObject[] {
  const { appsDir, namespaceDir } = cluster.layout;
  const own = cluster.kustomizations
    .slice(1)
    .filter(({ object }) => !/^flux-(operator|instance)$/.test(object.name) && object.file !== cluster.root.file);
  const inApps = own.filter(({ object }) => appsDir === undefined || isWithin(object.file, appsDir));
  const nearest = namespaceDir ?? dirname(cluster.root.file);
  return inApps
    .map((item) => ({ item, near: sharedSegments(dirname(item.object.file), nearest) }))
    .sort((a, b) => b.near - a.near)
    .slice(0, SAMPLE)
    .map(({ item }) => item);
}

function sampleFiles(tree: Tree, cluster: Cluster, kind: string): string[] {
  const near = cluster.layout.namespaceDir ?? dirname(cluster.root.file);
  return tree
    .grep("toolkit.fluxcd.io")
    .filter((file) => cluster.files.has(file))
    .map((file) => ({ file, near: sharedSegments(file, near) }))
    .sort((a, b) => b.near - a.near)
    .map(({ file }) => tree.read(file) ?? "")
    .filter((item) => new RegExp(`^kind: ${kind}\\s*$`, "m").test(item))
    .slice(0, SAMPLE);
}

function sampleKustomizations(tree: Tree, siblings: readonly DeliveredFluxObject[]): string[] {
  const dirs = new Set(siblings.flatMap(({ object }) => [dirname(object.file), dirname(dirname(object.file))]));
  for (const { object } of siblings) dirs.add(`${dirname(object.file)}/app`);
  return [...dirs]
    .flatMap((dir) => ["kustomization.yaml", "kustomization.yml"].map((name) => tree.read(`${dir}/${name}`)))
    .filter((item) => item !== undefined)
    .slice(0, SAMPLE);
}

/** `ks.yaml` is generic, `<app>.yaml` is not: only generic names are copied. */
export function genericFileName(file: string, name: string): string | undefined {
  const base = basename(file);
  return base.includes(name) ? undefined : base;
}

function appFolderOf({ object }: DeliveredFluxObject): string | undefined {
  const path = String(object.data?.spec?.path ?? "").replace(/\/+$/, "");
  const app = basename(dirname(object.file));
  if (path.endsWith(`/${app}`)) return "";
  const match = new RegExp(`/${escapeRegExp(app)}/([^/]+)$`).exec(path);
  // A folder named by a variable belongs to one cluster each; ours is literal.
  return match?.[1]?.includes("$") ? undefined : match?.[1];
}

function listPrefixes(kustomization: string): string[] {
  return [...kustomization.matchAll(/^\s*- (?:["']?)(\.\/)?[\w-]/gm)].map((match) => match[1] ?? "");
}

/** Chart-specific schemas (an app template's own) say nothing about a plain release, so they are passed over. */
const GENERIC_SCHEMA = /fluxcd|toolkit|kustomiz/;

function schemaOf(kind: SchemaKind, texts: readonly string[], apiVersion: string): Partial<Record<SchemaKind, string>> {
  const pattern = new RegExp(
    `^(# yaml-language-server: \\$schema=\\S+)[ \\t]*\\r?\\n(?:#.*\\n)*apiVersion: ["']?${escapeRegExp(apiVersion)}["']?\\s*\\nkind: (\\w+)`,
    "gm",
  );
  const wanted = kind === "FluxKustomization" ? "Kustomization" : kind;
  const found = texts.map((item) => [...item.matchAll(pattern)].find((match) => match[2] === wanted)?.[1]);
  const generic = found.filter((schema) => schema !== undefined && GENERIC_SCHEMA.test(schema));
  const best = generic.length * 4 >= texts.length ? majority(generic) : undefined;
  return best ? { [kind]: best } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isMost<T>(items: readonly T[], test: (item: T) => boolean): boolean {
  return items.filter(test).length * 2 > items.length;
}

/** The most frequent defined value; the first seen wins a tie. */
export function majority<T>(values: readonly (T | undefined)[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | undefined;
  for (const [value, count] of counts) if (best === undefined || count > counts.get(best)!) best = value;
  return best;
}
