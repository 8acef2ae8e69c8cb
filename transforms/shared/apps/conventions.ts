import { repositoryPath } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname, isWithin, sharedSegments } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor, type FluxVersion } from "../../../src/release/releases.ts";
import { isSopsEncrypted } from "../../../src/yaml/secret.ts";
import { detectStyle } from "../../../src/yaml/style.ts";
import type { YamlStyle } from "../../../src/yaml/types.ts";
import type { Place } from "../automation/helmfile-find.ts";
import { majority } from "./evidence.ts";
import { type AnchorHabit, learnAnchors } from "./learn-anchors.ts";
import { type DigestHabit, learnDigests } from "./learn-digests.ts";
import { type FieldHabits, learnFields } from "./learn-fields.ts";
import { ENOUGH, type FileNames, learnFileNames, nearest, readSample, type Sample, sampleFlux } from "./learn-files.ts";
import { type Header, learnHeader } from "./learn-header.ts";
import { type LabelHabit, learnLabels } from "./learn-labels.ts";
import { learnNames } from "./learn-names.ts";
import { learnPlaces, type PlaceHabits } from "./learn-places.ts";
import { isHintAboveStart, learnSchemas, type SchemaKind } from "./learn-schemas.ts";
import { learnValues, type ValuesHabit } from "./learn-values.ts";
import { learnVerify, type VerifyHabit } from "./learn-verify.ts";

/** How the owner writes an app, learnt from the apps that are already there. */
export interface Conventions extends PlaceHabits, FieldHabits {
  style: YamlStyle;
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
  anchors: AnchorHabit;
  labels: LabelHabit;
  /** `# yaml-language-server: $schema=…` lines by kind. */
  schemas: Partial<Record<SchemaKind, string>>;
  /** Whether the owner writes those lines above the `---`. */
  schemasAboveStart: boolean;
  /** The habits above with the files that show them, for the owner to check. */
  learned: LearnedConvention[];
}

/** Learns from the nearest apps first; falls back to what most published repositories do. */
export function learnConventions(place: Place, version: FluxVersion): Conventions {
  const { tree, cluster } = place;
  const { namespaceDir } = cluster.layout;
  const all = findSiblings(cluster);
  const siblings = all.slice(0, ENOUGH);
  const texts = siblings.map(({ object }) => readSample(tree, object.file) ?? "");
  const samples = sampleFlux(tree, cluster, namespaceDir ?? dirname(cluster.root.file));
  const releaseFiles = nearest(samples, "HelmRelease");
  const kustomizations = sampleKustomizations(tree, siblings, releaseFiles, cluster.artifactRoot);
  const places = learnPlaces(siblings, cluster.layout.kind);
  const fields = learnFields(siblings, samples, releaseFiles);
  const names = learnNames(all, namespaceDir, repositoryPath(cluster.root.data.spec, cluster.artifactRoot));
  const labels = learnLabels(siblings, cluster);
  const files = learnFileNames(samples);
  const values = learnValues(place, samples);
  const verify = learnVerify(samples);
  const digests = learnDigests(samples);
  const heads = [...siblings.map(({ object }, at) => ({ file: object.file, text: texts[at]! })), ...releaseFiles];
  // Many apps in one file have one head, which may tell of them.
  const header = learnHeader([...new Map(heads.map((head) => [head.file, head])).values()]);
  const style = detectStyle(
    sampleStyle(place, [...siblings.map(({ object }) => object.file), ...releaseFiles.map(({ file }) => file)]),
    // Apps without any list say nothing of lists; what lists their files does.
    detectStyle(kustomizations),
  );
  const extension = learnExtension(siblings, cluster);
  return {
    ...places.habits,
    ...fields.habits,
    ...{ style, extension, files, values, verify, digests, labels, header },
    kustomizationFile: majority(listFiles(place).map(basename)) ?? `kustomization${extension}`,
    namePrefix: names.prefix,
    nameSuffix: names.suffix,
    // Lines end as in all other files: the samples have been read, and a reader drops the carriage returns.
    kustomizationStyle: { ...detectStyle(kustomizations, style), eol: style.eol },
    kustomizationHeader: learnHeader(kustomizations.map((item) => ({ file: "", text: item }))),
    listPrefix: listPrefixIn(kustomizations) ?? listPrefixIn(otherKustomizations(place)) ?? "./",
    anchors: learnAnchors(texts),
    schemas: schemasOf({ texts, samples, releaseFiles, kustomizations }, version),
    schemasAboveStart: isHintAboveStart([...texts, ...releaseFiles.map(textOf)]),
    learned: [
      ...places.learned,
      ...[names, files, values, verify, digests, labels, header].flatMap(({ learned }) => learned),
      ...fields.learned,
    ],
  };
}

interface Samples {
  /** Of the FluxKustomizations. */
  texts: readonly string[];
  samples: readonly Sample[];
  releaseFiles: readonly Sample[];
  kustomizations: readonly string[];
}

function schemasOf({ texts, samples, releaseFiles, kustomizations }: Samples, version: FluxVersion) {
  const api = apiVersionsFor(version);
  const textsOf = (kind: string) => nearest(samples, kind).map(textOf);
  return learnSchemas({
    FluxKustomization: { texts, apiVersion: api.kustomization },
    HelmRelease: { texts: releaseFiles.map(textOf), apiVersion: api.helmRelease },
    OCIRepository: { texts: textsOf("OCIRepository"), apiVersion: api.ociRepository },
    HelmRepository: { texts: textsOf("HelmRepository"), apiVersion: "source.toolkit.fluxcd.io/v1beta2" },
    Kustomization: { texts: kustomizations, apiVersion: "kustomize.config.k8s.io/v1beta1" },
  });
}

function learnExtension(siblings: readonly DeliveredFluxObject[], { files }: Cluster): Conventions["extension"] {
  return (
    majority(siblings.map(({ object }) => extensionOf(object.file))) ??
    majority([...files].filter((path) => !MADE_BY_FLUX.test(path)).map(extensionOf)) ??
    ".yaml"
  );
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
    .slice(0, ENOUGH);
}

/** `flux bootstrap` heads what it writes, but for the kustomization beside it; sops writes in a style of its own. */
const GENERATED = /^(?:---\s+)?# This manifest was generated by flux/;
const LONG = 65_536;

const textOf = ({ text }: Sample): string => text;

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
  for (const item of siblings) dirs.add(repositoryPath(readableSpec(item), artifactRoot) ?? "");
  return [...dirs]
    .flatMap((dir) => ["kustomization.yaml", "kustomization.yml"].map((name) => readSample(tree, `${dir}/${name}`)))
    .filter((item) => item !== undefined)
    .slice(0, ENOUGH);
}

/** Where no app lies near a list: any list that the cluster builds. */
function otherKustomizations(place: Place): string[] {
  return listFiles(place).map((path) => readSample(place.tree, path) ?? "");
}

/** Lists that the cluster builds, but that of `flux bootstrap`, which is nobody's habit. */
function listFiles({ tree, cluster }: Place): string[] {
  const files = [...cluster.files].filter((path) => /^kustomization\.ya?ml$/.test(basename(path))).slice(0, ENOUGH);
  return files.filter((path) => !readSample(tree, path)?.includes("gotk-components"));
}

const listPrefixIn = (texts: readonly string[]) => majority(texts.flatMap(listPrefixes));

/** Of what `resources` lists; other lists hold names (`- name: values`) or files that are written otherwise. */
function listPrefixes(kustomization: string): string[] {
  const list = /^["']?resources["']?:[ \t]*\n((?:[ \t]*(?:[-#].*)?\n|[ \t]*-.*$)+)/m.exec(kustomization)?.[1] ?? "";
  return [...list.matchAll(/^[ \t]*- ["']?(\.\/)?[\w-][^\s"':]*["']?[ \t]*(?:#.*)?$/gm)].map((match) => match[1] ?? "");
}

/** What `flux bootstrap` calls so in every repository. */
const MADE_BY_FLUX = /(?:^|\/)(?:gotk-\w+|kustomization)\.yaml$/;
const extensionOf = (file: string) => /\.ya?ml$/.exec(file)?.[0] as ".yml" | ".yaml" | undefined;
