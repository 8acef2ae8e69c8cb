import { bodyOf, itemsOf, type KubeObject } from "../contract/objects.ts";
import { pushAll } from "../contract/push-all.ts";
import { isFluxKustomization, SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { fieldSource, kindPattern } from "../yaml/kind-pattern.ts";
import { isYamlPath, type ObjectScan, objectsIn, readObjects } from "./objects.ts";
import { findPatchFiles } from "./patch-bodies.ts";

/** Occurs in every manifest of an object of the toolkit. */
export const FLUX = "toolkit.fluxcd.io";

/** Occurs in every manifest of a Flux object; an ArtifactGenerator is of `source.extensions.fluxcd.io`. */
export const ANY_FLUX = ".fluxcd.io";

/** `flux2` as a chart, not the `flux2-schemas` that editor hints name in every other file. */
const FLUX2_CHART = /\bflux2\b(?!-)/;
const CHARTS = /charts\/flux(?:2\b(?!-)|-operator|-instance)/;
/** The same charts as a HelmChart names them, which has them from a HelmRepository. */
const OF_FLUX = /\b(?:flux2\b(?!-)|flux-operator|flux-instance)/;
const HELM_CHART = kindPattern("HelmChart");
/** What the manifests of Flux, and the charts of the community, are read from. */
const MAKERS = ["flux-manifests", "fluxcd-community/helm-charts"];
const SOURCE_KIND = kindPattern(...SYNC_SOURCE_KINDS);

/** A name in what follows `sourceRef` in the body of a patch, and a value beside its path in a JSON patch, however they are written. */
const NAMES = new RegExp(String.raw`${fieldSource("(?:name|value)")}([\w.-]+)`, "g");
/** Characters around `sourceRef` in which its name is looked for. */
const NEAR = 400;

/**
 * Reads the objects that the graph is made of: FluxKustomizations, the sources they name or read by way of an artifact, and the
 * releases that install Flux or its operator. A plain text test comes before parsing and errs towards parsing too much; the hundreds of
 * other HelmReleases are never parsed.
 */
export function scanFluxObjects(tree: Tree): ObjectScan {
  const scan: ObjectScan = { objects: [], broken: [] };
  const seen = new Set<string>();
  const readWhere = (needle: string, matters: (text: string) => boolean) => {
    for (const file of tree.grep(needle)) {
      if (seen.has(file) || !isYamlPath(file)) continue;
      const text = tree.read(file);
      if (text === undefined || !matters(text)) continue;
      seen.add(file);
      const { objects, broken } = readObjects(tree, file);
      pushAll(scan.objects, objects);
      pushAll(scan.broken, broken);
    }
  };
  readWhere(FLUX, mattersForGraph);
  const named = [
    ...scan.objects.filter(isFluxKustomization).map(({ data }) => data.spec?.sourceRef),
    ...listArtifactGenerators(tree).flatMap((one) => itemsOf(bodyOf(one).spec?.sources)),
  ];
  const sources = namesOf([...named.map((one) => one?.name), ...namedByPatches(tree)]);
  readWhere(FLUX, (text) => SOURCE_KIND.test(text) && sources.some((name) => text.includes(name)));
  const charts = namesOf(scan.objects.filter(isInstallChart).map(({ name }) => name));
  readWhere(FLUX, (text) => text.includes("chartRef") && charts.some((name) => text.includes(name)));
  readWhere("fluxcd.controlplane.io", (text) => text.includes("FluxInstance"));
  return scan;
}

function mattersForGraph(text: string): boolean {
  if (text.includes("kustomize.toolkit.fluxcd.io/v") && text.includes("Kustomization")) return true;
  const isSource = text.includes("source.toolkit.fluxcd.io/v");
  if (isSource && (MAKERS.some((word) => text.includes(word)) || CHARTS.test(text))) return true;
  if (isSource && HELM_CHART.test(text) && OF_FLUX.test(text)) return true;
  if (!text.includes("helm.toolkit.fluxcd.io/v")) return false;
  return text.includes("flux-instance") || text.includes("flux-operator") || FLUX2_CHART.test(text);
}

/**
 * Sources of a tree under names that some of its files come to give in a `sourceRef`, or that an ArtifactGenerator copies from: one
 * that only releases read before is in no graph.
 * @param isOther whether a file is neither one of those, nor read already
 */
export function findNewlyNamed(tree: Tree, files: readonly string[], isOther: (file: string) => boolean): KubeObject[] {
  const makers = objectsIn(tree, files).filter(({ kind }) => kind === "ArtifactGenerator");
  const copied = namesOf(makers.flatMap((one) => itemsOf(bodyOf(one).spec?.sources).map((source) => source?.name)));
  const names = new Set([...namedIn(tree, files), ...copied]);
  if (names.size === 0) return [];
  const declares = (file: string) => isYamlPath(file) && isOther(file) && SOURCE_KIND.test(tree.read(file) ?? "");
  const isNamed = ({ kind, name }: KubeObject) => SYNC_SOURCE_KINDS.includes(kind) && names.has(name);
  return objectsIn(tree, tree.grep(FLUX).filter(declares)).filter(isNamed);
}

/** Names of sources that kustomizations write into FluxKustomizations, which then name none themselves. It errs towards too many. */
function namedByPatches(tree: Tree): string[] {
  const bodies = findPatchFiles(tree);
  return namedIn(
    tree,
    tree.grep("sourceRef").filter((file) => isKustomizationFile(file) || bodies.has(file)),
  );
}

function namedIn(tree: Tree, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    // A patch within double quotes.
    const text = (tree.read(file) ?? "").replaceAll('\\"', '"');
    const found: string[] = [];
    for (let at = text.indexOf("sourceRef"); at >= 0; at = text.indexOf("sourceRef", at + NEAR)) {
      const near = text.slice(Math.max(0, at - NEAR), at + 2 * NEAR);
      for (const [, name] of near.matchAll(NAMES)) found.push(name!);
    }
    return found;
  });
}

/** Every ArtifactGenerator of a tree, delivered or not. */
export function listArtifactGenerators(tree: Tree): KubeObject[] {
  return objectsIn(tree, tree.grep("ArtifactGenerator")).filter(({ kind }) => kind === "ArtifactGenerator");
}

function isInstallChart({ kind, data }: KubeObject): boolean {
  if (kind === "HelmChart") return OF_FLUX.test(String(data.spec?.chart ?? ""));
  return kind === "OCIRepository" && CHARTS.test(String(data.spec?.url ?? ""));
}

function namesOf(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value) => typeof value === "string"))];
}
