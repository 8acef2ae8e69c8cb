import { isYamlPath, toObject } from "../cluster/objects.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { isSource } from "../delivery/kinds.ts";
import { kustomizationNames } from "../delivery/kustomize/file.ts";
import { basename, dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { listGenerated } from "./changed-values.ts";
import { KnownSpecs, type ReadContext, readOwnedObject } from "./read-object.ts";
import type { TreeChange } from "./trees.ts";

/** Fields of a kustomization that shape neither which objects there are nor their fate. */
const HARMLESS = ["resources", "bases", "images", "replicas"];

/**
 * Whether a change takes no object away, whoever reads the tree: every document it touches goes on making the same
 * objects, and every list keeps what it lists. For trees in which no cluster is recognised. Errs towards no.
 */
export function keepsAllObjects({ before, after, changed }: TreeChange): boolean {
  const known: ReadContext = {
    version: undefined,
    sources: new Set(),
    viewOf: () => "",
    chartHolds: () => [],
    known: new KnownSpecs(),
  };
  const generators = before.grep("Generator").filter((file) => isKustomization(basename(file)));
  const inputs = new Set(generators.flatMap((file) => listGenerated(before, file)).flatMap(({ reads }) => reads));
  const readers = before.grep("substituteFrom");
  const isRead = (name: string) => readers.some((file) => before.read(file)?.includes(name));
  return [...changed].every((file) => {
    const name = basename(file);
    if (name === ".sourceignore") return false;
    if (name.endsWith(".json")) return !before.grep(name).some((one) => isKustomization(basename(one)));
    if (isKustomization(name)) return keepsLists(before, after, file);
    if (!before.has(file)) return true;
    if (inputs.has(file)) return false;
    return !isYamlPath(file) || keepsDocuments(before, after, file, known, isRead);
  });
}

function isKustomization(name: string): boolean {
  return kustomizationNames.some((one) => one === name);
}

function keepsLists(before: Tree, after: Tree, file: string): boolean {
  if (!before.has(file)) return !before.isDir(dirname(file));
  const [old, now] = [readDocs(before, file)?.[0], readDocs(after, file)?.[0]];
  if (!isMap(old) || !isMap(now)) return false;
  const rest = (data: YamlData) => Object.entries(data).filter(([field]) => !HARMLESS.includes(field));
  const list = (data: YamlData): unknown[] => ["resources", "bases"].flatMap((field) => data[field] ?? []);
  const kept = new Set(list(now));
  return list(old).every((one) => kept.has(one)) && JSON.stringify(rest(old)) === JSON.stringify(rest(now));
}

function keepsDocuments(
  before: Tree,
  after: Tree,
  file: string,
  known: ReadContext,
  isRead: (name: string) => boolean,
): boolean {
  const [old, now] = [readDocs(before, file), readDocs(after, file)];
  // What does not parse today is in no build of today.
  if (!old) return true;
  if (!now && after.has(file)) return false;
  const facts = (docs: readonly YamlData[]) => docs.map((data) => factsOf(file, data, known, isRead));
  const kept = new Set(facts(now ?? []));
  return facts(old).every((one) => one === "" || kept.has(one));
}

/** What has to stay: a list is a patch, a map that is no object is somebody's values. */
function factsOf(file: string, data: YamlData, known: ReadContext, isRead: (name: string) => boolean): string {
  const object = toObject(file, 0, data);
  if (!object) return isMap(data) || data === null ? "" : JSON.stringify(data);
  const { at: _, doc: __, ...facts } = readOwnedObject({ ...object, body: data }, undefined, known, "");
  const isDeleting = JSON.stringify(data).includes('"$patch"');
  return JSON.stringify([facts, isDeleting || isWhole(object, isRead) ? data : ""]);
}

/** What decides by its whole content: what is read from, what generates, what values are taken from. */
function isWhole(object: KubeObject, isRead: (name: string) => boolean): boolean {
  // A chart is read by releases alone.
  if (isSource(object)) return !String(object.data?.spec?.layerSelector?.mediaType).includes("helm.chart");
  if (object.apiVersion.startsWith("fluxcd.controlplane.io/")) return true;
  if (object.kind === "ArtifactGenerator") return true;
  return (object.kind === "ConfigMap" || object.kind === "Secret") && isRead(object.name);
}

function readDocs(tree: Tree, file: string): YamlData[] | undefined {
  const text = tree.read(file);
  if (text === undefined) return undefined;
  const parsed = readYamlCached(text);
  return parsed.ok ? parsed.docs.map(({ data }) => data) : undefined;
}
