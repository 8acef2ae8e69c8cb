import { itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { hideVersion } from "./hide-version.ts";

/** Fields of a HelmRelease that decide what Helm installs, uninstalls and where. */
const DECIDES = new Set([
  ...["chart", "chartRef", "kubeConfig", "releaseName", "suspend", "targetNamespace", "storageNamespace"],
  ...["install", "upgrade", "rollback", "uninstall", "driftDetection", "postRenderers", "values", "valuesFrom"],
]);

/**
 * Patches that may decide which objects there are and what becomes of them, for what they work on cannot be seen. Errs
 * towards deciding: only a merge patch for releases that sets none of the fields that count, such as `serviceAccountName`,
 * is content.
 */
function decidingPatches(entries: readonly YamlData[]): YamlData[] {
  return entries.filter((entry) => !isContent(entry));
}

/**
 * The patches of a kustomization that decide, as they are said: in a file or beside it, in whichever of the two fields, which
 * kustomize applies in this order, and however they are written.
 * @param readFile the text of a file that a patch names; a patch without one stays as it is
 */
export function listPatches(data: YamlData, readFile: (target: string) => string | undefined): unknown[] {
  const merged = itemsOf(data.patchesStrategicMerge).map((one) => {
    const text = typeof one === "string" ? readFile(one) : undefined;
    return text === undefined && !isInline(one) ? { path: one } : { patch: text ?? one };
  });
  const others = itemsOf(data.patches).map((one) => {
    const text = isMap(one) && typeof one.path === "string" ? readFile(one.path) : undefined;
    if (text === undefined) return one;
    const { path: _, ...rest } = one as Record<string, unknown>;
    return { ...rest, patch: text };
  });
  return decidingPatches([...merged, ...others]).map(readText);
}

const isInline = (patch: unknown): boolean => typeof patch === "string" && /\n|:\s/.test(patch);

/** A patch by what its text says, not by how. */
function readText(entry: YamlData): unknown {
  if (!isMap(entry) || typeof entry.patch !== "string") return entry;
  const parsed = readYamlCached(entry.patch);
  return parsed.ok ? sortKeys({ ...entry, patch: parsed.docs.map(({ data }) => withoutVersions(data)) }) : entry;
}

/** Of what runs an image or a chart; the version of a source decides what others read. */
const VERSIONED = new Set(["HelmRelease", "Deployment", "StatefulSet", "DaemonSet", "CronJob"]);

const withoutVersions = (data: YamlData): YamlData =>
  VERSIONED.has(data?.kind) ? JSON.parse(JSON.stringify(data, hideVersion)) : data;

function isContent(entry: YamlData): boolean {
  if (!isMap(entry) || typeof entry.patch !== "string" || entry.options !== undefined) return false;
  // Without a target it fails where it finds nothing.
  if (!isMap(entry.target) || entry.target.kind !== "HelmRelease") return false;
  const parsed = readYamlCached(entry.patch);
  const data: YamlData = parsed.ok && parsed.docs.length === 1 ? parsed.docs[0]!.data : undefined;
  if (!isMap(data) || !isMap(data.spec) || removes(data)) return false;
  const { apiVersion: _, kind: __, metadata, spec, ...rest } = data;
  const names = isMap(metadata) ? Object.keys(metadata) : [];
  if (Object.keys(rest).length > 0 || names.some((field) => field !== "name" && field !== "namespace")) return false;
  return Object.keys(spec).every((field) => !DECIDES.has(field));
}

/** Whether a merge patch holds a directive or takes a field away. */
function removes(data: YamlData): boolean {
  const text = JSON.stringify(data);
  return text.includes('"$') || text.includes("null");
}
