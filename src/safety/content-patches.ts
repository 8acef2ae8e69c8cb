import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";

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
export function decidingPatches(entries: readonly YamlData[]): YamlData[] {
  return entries.filter((entry) => !isContent(entry));
}

function isContent(entry: YamlData): boolean {
  if (!isMap(entry) || typeof entry.patch !== "string" || entry.options !== undefined) return false;
  // Without a target it fails where it finds nothing.
  if (!isMap(entry.target) || entry.target.kind !== "HelmRelease") return false;
  const parsed = readYamlCached(entry.patch);
  const data: YamlData = parsed.ok && parsed.docs.length === 1 ? parsed.docs[0]!.data : undefined;
  if (!isMap(data) || !isMap(data.spec) || removes(data)) return false;
  const { apiVersion: _, kind: __, metadata, spec, ...rest } = data as YamlData;
  const names = isMap(metadata) ? Object.keys(metadata) : [];
  if (Object.keys(rest).length > 0 || names.some((field) => field !== "name" && field !== "namespace")) return false;
  return Object.keys(spec).every((field) => !DECIDES.has(field));
}

/** Whether a merge patch holds a directive or takes a field away. */
function removes(data: YamlData): boolean {
  const text = JSON.stringify(data);
  return text.includes('"$') || text.includes("null");
}
