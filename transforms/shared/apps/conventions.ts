import { repositoryPath } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { cutEnd } from "../../../src/contract/cut.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DeliveredFluxObject, YamlData } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname, isWithin, join, sharedSegments } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor, type FluxVersion } from "../../../src/release/releases.ts";
import { isSopsEncrypted } from "../../../src/yaml/secret.ts";
import { detectStyle } from "../../../src/yaml/style.ts";
import type { YamlStyle } from "../../../src/yaml/types.ts";
import type { Place } from "../automation/helmfile-find.ts";
import { elect, majority, tell, type Vote } from "./evidence.ts";
import { type AnchorHabit, learnAnchors } from "./learn-anchors.ts";
import { type DigestHabit, learnDigests } from "./learn-digests.ts";
import {
  chartSources,
  type FileNames,
  holds,
  learnFileNames,
  readSample,
  type Sample,
  sampleFlux,
} from "./learn-files.ts";
import { type Header, learnHeader } from "./learn-header.ts";
import { type LabelHabit, learnLabels } from "./learn-labels.ts";
import { learnNames } from "./learn-names.ts";
import { isHintAboveStart, learnSchemas, type SchemaKind } from "./learn-schemas.ts";
import { learnValues, type ValuesHabit } from "./learn-values.ts";
import { learnVerify, type VerifyHabit } from "./learn-verify.ts";
import { learnOrder } from "./order.ts";

/** How the owner writes an app, learnt from the apps that are already there. */
export interface Conventions {
  style: YamlStyle;
  /** `ks.yaml`, `kustomization-flux.yml`, … */
  fluxKustomizationFile: string;
  /** What stands behind the app where such files are called by it and lie in one folder: `-ks`, else `''`. */
  fileSuffix: string;
  /** Folder below an app that its FluxKustomization builds; `''` when it builds the app's folder itself. */
  appFolder: string;
  extension: ".yaml" | ".yml";
  /** How the owner names the lists of kustomize, whatever other files end in. */
  kustomizationFile: string;
  files: FileNames;
  values: ValuesHabit;
  /** `spec.verify` of both charts, where the owner verifies others. */
  verify: VerifyHabit;
  /** Whether every chart source of the owner has a digest. */
  digests: DigestHabit;
  /** What stands before the app in the name of its FluxKustomization. */
  namePrefix: string;
  /** What stands behind it there. */
  nameSuffix: string;
  /** Comments that begin a file; kustomizations often have none where the other files do. */
  header: Header;
  kustomizationHeader: Header;
  /** How the owner writes lists of files, often without the `---` of apps. */
  kustomizationStyle: YamlStyle;
  /** `./` where the owner writes `- ./namespace.yaml`, else `''`. */
  listPrefix: string;
  /** The same before `spec.path` of a FluxKustomization. */
  pathPrefix: string;
  anchors: AnchorHabit;
  /** Order in which the owner writes the fields of a spec. */
  fieldOrder: Record<"FluxKustomization" | "HelmRelease" | "OCIRepository" | "HelmRepository", string[]>;
  interval: string;
  timeout?: string;
  retryInterval?: string;
  releaseInterval: string;
  targetNamespace: boolean;
  labels: LabelHabit;
  sourceNamespace: boolean;
  /** `# yaml-language-server: $schema=…` lines by kind. */
  schemas: Partial<Record<SchemaKind, string>>;
  /** Whether the owner writes those lines above the `---`. */
  schemasAboveStart: boolean;
  /** The habits above with the files that show them, for the owner to check. */
  learned: LearnedConvention[];
}

const SAMPLE = 24;

/** Learns from the nearest apps first; falls back to what most published repositories do. */
export function learnConventions(place: Place, version: FluxVersion): Conventions {
  const { tree, cluster } = place;
  const api = apiVersionsFor(version);
  const { namespaceDir } = cluster.layout;
  const all = findSiblings(cluster);
  const siblings = all.slice(0, SAMPLE);
  const texts = siblings.map(({ object }) => readSample(tree, object.file) ?? "");
  const specs = siblings.map(({ object }) => object.data.spec ?? {});
  const samples = sampleFlux(tree, cluster, namespaceDir ?? dirname(cluster.root.file));
  const nearest = (kind: string) => samples.filter(holds(kind)).slice(0, SAMPLE);
  const releaseFiles = nearest("HelmRelease");
  const releases = releaseFiles.map(({ text }) => text);
  // The source of the chart often stands above, in the same file.
  const releaseDocuments = releaseFiles.flatMap((sample) => documentsOf(sample, "HelmRelease"));
  const sources = nearest("OCIRepository");
  const kustomizations = sampleKustomizations(tree, siblings, releaseFiles, cluster.artifactRoot);
  const most = <T>(test: (spec: YamlData) => T | undefined) => majority(specs.map(test));
  const timeout = most((spec) => text(spec.timeout) ?? "");
  const retryInterval = most((spec) => text(spec.retryInterval) ?? "");
  const file = elect(named(siblings, ({ file, name }) => genericFileName(file, name)));
  const suffix = electSuffix(siblings);
  const elected = elect(named(siblings, appFolderOf));
  // One app alone in a folder of another name says what that app is, not how apps are kept: `addons/alerts`.
  const folder = elected && elected.count === 1 && !["app", ""].includes(elected.value) ? undefined : elected;
  const interval = elect(named(siblings, ({ data }) => text(data.spec?.interval)));
  const names = learnNames(all, namespaceDir, repositoryPath(cluster.root.data.spec, cluster.artifactRoot));
  const labels = learnLabels(siblings, cluster);
  const files = learnFileNames(samples);
  const values = learnValues(place, samples);
  const verify = learnVerify(samples);
  const digests = learnDigests(samples);
  const header = learnHeader([
    ...siblings.map(({ object }, at) => ({ file: object.file, text: texts[at]! })),
    ...releaseFiles,
  ]);
  const orders = {
    FluxKustomization: learnOrder(specs.map((spec) => Object.keys(spec))),
    HelmRelease: learnOrder(specKeys(releaseFiles, "HelmRelease")),
    OCIRepository: learnOrder(specKeys(chartSources(samples).slice(0, SAMPLE), "OCIRepository")),
    HelmRepository: learnOrder(specKeys(nearest("HelmRepository"), "HelmRepository")),
  };
  const extension =
    majority(siblings.map(({ object }) => extensionOf(object.file))) ??
    majority([...cluster.files].filter((path) => !MADE_BY_FLUX.test(path)).map(extensionOf)) ??
    ".yaml";
  const style = detectStyle(
    sampleStyle(place, [...siblings.map(({ object }) => object.file), ...releaseFiles.map(({ file }) => file)]),
    // Apps without any list say nothing of lists; what lists their files does.
    detectStyle(kustomizations),
  );
  return {
    style,
    fluxKustomizationFile: file?.value ?? "ks.yaml",
    fileSuffix: suffix?.value ?? "",
    appFolder: folder?.value ?? "app",
    extension,
    kustomizationFile: majority(listFiles(place).map(basename)) ?? `kustomization${extension}`,
    files,
    values,
    verify,
    digests,
    namePrefix: names.prefix,
    nameSuffix: names.suffix,
    header,
    // Lines end as in all other files: the samples have been read, and a reader drops the carriage returns.
    kustomizationStyle: { ...detectStyle(kustomizations, style), eol: style.eol },
    kustomizationHeader: learnHeader(kustomizations.map((item) => ({ file: "", text: item }))),
    listPrefix: listPrefixIn(kustomizations) ?? listPrefixIn(otherKustomizations(place)) ?? "./",
    pathPrefix: majority(specs.map((spec) => pathPrefix(spec.path))) ?? "./",
    anchors: learnAnchors(texts),
    fieldOrder: orders,
    interval: interval?.value ?? "1h",
    ...(timeout ? { timeout } : {}),
    ...(retryInterval ? { retryInterval } : {}),
    releaseInterval:
      majority(releaseDocuments.map((item) => /\n {2}interval:[ \t]+["']?([\w.]+)/.exec(item)?.[1])) ?? "1h",
    targetNamespace: isMost(specs, (spec) => spec.targetNamespace !== undefined),
    labels,
    sourceNamespace: isMost(specs, (spec) => spec.sourceRef?.namespace !== undefined),
    schemas: learnSchemas({
      FluxKustomization: { texts, apiVersion: api.kustomization },
      HelmRelease: { texts: releases, apiVersion: api.helmRelease },
      OCIRepository: { texts: sources.map(textOf), apiVersion: api.ociRepository },
      HelmRepository: { texts: nearest("HelmRepository").map(textOf), apiVersion: "source.toolkit.fluxcd.io/v1beta2" },
      Kustomization: { texts: kustomizations, apiVersion: "kustomize.config.k8s.io/v1beta1" },
    }),
    schemasAboveStart: isHintAboveStart([...texts, ...releases]),
    learned: [
      ...(cluster.layout.kind === "apps"
        ? [
            ...tell("file of a Kustomization", file, `${file?.value}`),
            ...tell("folder of an app", folder, folder?.value ? `<app>/${folder.value}` : "<app>"),
          ]
        : tell("file of a Kustomization", suffix, `<app>${suffix?.value}`)),
      ...names.learned,
      ...files.learned,
      ...values.learned,
      ...verify.learned,
      ...digests.learned,
      ...labels.learned,
      ...header.learned,
      ...tell("interval of a Kustomization", interval, `${interval?.value}`),
      ...tellOrder(orders.FluxKustomization, siblings[0]?.object.file),
    ],
  };
}

/** Texts that show how YAML is written here: of the apps, or of anything that a person wrote where there are none. */
function sampleStyle({ tree, cluster }: Place, apps: readonly string[]): string[] {
  const read = (file: string) => tree.read(file) ?? "";
  if (apps.length > 0) return apps.map(read);
  const files = [...cluster.files].filter((file) => /\.ya?ml$/.test(file));
  const bootstrapped = new Set(files.filter((file) => GENERATED.test(read(file))).map(dirname));
  return files
    .filter((file) => !bootstrapped.has(dirname(file)))
    .map(read)
    .filter((text) => text.length < LONG && !isSopsEncrypted(text))
    .slice(0, SAMPLE);
}

/** `flux bootstrap` heads what it writes, but for the kustomization beside it; sops writes in a style of its own. */
const GENERATED = /^(?:---\s+)?# This manifest was generated by flux/;
const LONG = 65_536;

function tellOrder(order: readonly string[], file: string | undefined): LearnedConvention[] {
  return file === undefined || order.length === 0
    ? []
    : [{ about: "order of a Kustomization", says: order.join(", "), from: lineOf(file) }];
}

const textOf = ({ text }: Sample): string => text;

/** What each sibling that says anything votes for. */
function named<T>(
  siblings: readonly DeliveredFluxObject[],
  read: (object: DeliveredFluxObject["object"]) => T | undefined,
): Vote<T>[] {
  return siblings.flatMap(({ object }) => {
    const value = read(object);
    return value === undefined ? [] : [{ value, file: object.file }];
  });
}

function findSiblings(cluster: Cluster): DeliveredFluxObject[] {
  const { appsDir, namespaceDir } = cluster.layout;
  const own = cluster.kustomizations
    .slice(1)
    .filter(({ object }) => !/(^|-)flux-(operator|instance)$/.test(object.name) && object.file !== cluster.root.file);
  const inApps = own.filter(({ object }) => appsDir === undefined || isWithin(object.file, appsDir));
  const nearest = namespaceDir ?? dirname(cluster.root.file);
  // What delivers other apps, such as a namespace's, is none itself.
  const isApp = (item: DeliveredFluxObject) => !cluster.kustomizations.some(({ parent }) => parent === item);
  return (appsDir === undefined ? inApps : inApps.filter(isApp))
    .map((item) => ({ item, near: sharedSegments(dirname(item.object.file), nearest) }))
    .sort((a, b) => b.near - a.near)
    .map(({ item }) => item);
}

/** The documents of a kind in a file. */
function documentsOf({ file, text }: Sample, kind: string): string[] {
  return text.split(/^---.*$/m).filter((document) => holds(kind)({ file, text: document }));
}

/** Keys of each spec of a kind, as they are written; read from the lines. `chart` and `chartRef` are one place. */
function specKeys(samples: readonly Sample[], kind: string): string[][] {
  return samples.flatMap((sample) =>
    documentsOf(sample, kind).flatMap((document) => {
      const body = /^spec:[ \t]*\n((?:[ \t#-].*\n|\n)+)/m.exec(`${document}\n`)?.[1];
      if (body === undefined) return [];
      const indent = /^ */.exec(body.replace(/^(?:[ \t]*(?:#.*)?\n)+/, ""))![0].length;
      const keys = [...body.matchAll(/^( +)([A-Za-z]+):/gm)].filter(([, lead]) => lead!.length === indent);
      return [[...new Set(keys.map(([, , key]) => (key === "chart" ? "chartRef" : key!)))]];
    }),
  );
}

/** Beside the FluxKustomizations of apps, beside releases (`apps/base/redis`), and in the folders that are built. */
function sampleKustomizations(
  tree: Tree,
  siblings: readonly DeliveredFluxObject[],
  releases: readonly Sample[],
  artifactRoot: string,
): string[] {
  const dirs = new Set(siblings.flatMap(({ object }) => [dirname(object.file), dirname(dirname(object.file))]));
  for (const { object } of siblings) dirs.add(`${dirname(object.file)}/app`);
  for (const { file } of releases) dirs.add(dirname(file));
  for (const { object } of siblings) dirs.add(join(artifactRoot, String(object.data.spec?.path ?? "")));
  return [...dirs]
    .flatMap((dir) => ["kustomization.yaml", "kustomization.yml"].map((name) => readSample(tree, `${dir}/${name}`)))
    .filter((item) => item !== undefined)
    .slice(0, SAMPLE);
}

/** Where no app lies near a list: any list that the cluster builds. */
function otherKustomizations(place: Place): string[] {
  return listFiles(place).map((path) => readSample(place.tree, path) ?? "");
}

/** Lists that the cluster builds, but that of `flux bootstrap`, which is nobody's habit. */
function listFiles({ tree, cluster }: Place): string[] {
  const files = [...cluster.files].filter((path) => /^kustomization\.ya?ml$/.test(basename(path))).slice(0, SAMPLE);
  return files.filter((path) => !readSample(tree, path)?.includes("gotk-components"));
}

/** `ks.yaml` is generic, `<app>.yaml` is not: only generic names are copied. */
function genericFileName(file: string, name: string): string | undefined {
  const base = basename(file);
  return base.includes(name) ? undefined : base;
}

/** Words that say what a file is: `monitoring-ks.yaml`. Errs towards none. */
const SUFFIX = /^[-_.](?:flux[-_.]?)?(?:ks|kustomization|sync)$/i;

/**
 * What most file names have behind the name of the FluxKustomization in them, or of the folder that it builds; undefined
 * where most have nothing there.
 */
function electSuffix(siblings: readonly DeliveredFluxObject[]) {
  const suffixOf = (file: string, name: string) => {
    const stem = basename(file).replace(/\.ya?ml$/, "");
    const rest = name !== "" && stem.startsWith(name) ? stem.slice(name.length) : "";
    return SUFFIX.test(rest) ? rest : "";
  };
  const folderOf = (spec: YamlData) => basename(cutEnd(text(spec?.path) ?? "", "/"));
  const suffix = elect(
    named(siblings, ({ file, name, data }) => suffixOf(file, name) || suffixOf(file, folderOf(data.spec))),
  );
  return suffix && suffix.value !== "" && suffix.count > 1 ? suffix : undefined;
}

function appFolderOf({ data, file }: DeliveredFluxObject["object"]): string | undefined {
  const path = cutEnd(String(data.spec?.path ?? ""), "/");
  const app = basename(dirname(file));
  if (path.endsWith(`/${app}`)) return "";
  const match = new RegExp(`/${escapeRegExp(app)}/([^/]+)$`).exec(path);
  // A folder named by a variable belongs to one cluster each; ours is literal.
  return match?.[1]?.includes("$") ? undefined : match?.[1];
}

const listPrefixIn = (texts: readonly string[]) => majority(texts.flatMap(listPrefixes));

/** Of what `resources` lists; other lists hold names (`- name: values`) or files that are written otherwise. */
function listPrefixes(kustomization: string): string[] {
  const list = /^["']?resources["']?:[ \t]*\n((?:[ \t]*(?:[-#].*)?\n|[ \t]*-.*$)+)/m.exec(kustomization)?.[1] ?? "";
  return [...list.matchAll(/^[ \t]*- ["']?(\.\/)?[\w-][^\s"':]*["']?[ \t]*(?:#.*)?$/gm)].map((match) => match[1] ?? "");
}

/** Undefined where the path begins with a variable or leads nowhere below. */
function pathPrefix(path: unknown): string | undefined {
  return /^(\.\/)?\w/.test(text(path) ?? "") ? (/^\.\//.exec(String(path))?.[0] ?? "") : undefined;
}

/** What `flux bootstrap` calls so in every repository. */
const MADE_BY_FLUX = /(?:^|\/)(?:gotk-\w+|kustomization)\.yaml$/;
const extensionOf = (file: string) => /\.ya?ml$/.exec(file)?.[0] as ".yml" | ".yaml" | undefined;

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isMost<T>(items: readonly T[], test: (item: T) => boolean): boolean {
  return items.filter(test).length * 2 > items.length;
}
