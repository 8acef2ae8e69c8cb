import { sortKeys, type YamlData } from "../../contract/objects.ts";
import { sha256 } from "../../files/hash.ts";

/** Labels bootstrap writes on every object; they say nothing about the object itself (flux-facts 4.2). */
export const BOOTSTRAP_LABELS = [
  "app.kubernetes.io/instance",
  "app.kubernetes.io/part-of",
  "app.kubernetes.io/version",
];

/** Digest of a CRD as text: equal for the release manifest and what bootstrap made of it, without parsing either. */
export function digestText(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => !/^ {4}app\.kubernetes\.io\/(instance|part-of|version): /.test(line))
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && line !== "---" && !line.startsWith("#"));
  return hash(lines.join("\n"));
}

/** Digest of a CRD as data, for files that were reformatted. */
export function digestData(object: YamlData): string {
  const labels = { ...object?.metadata?.labels };
  for (const key of BOOTSTRAP_LABELS) delete labels[key];
  const copy = { ...object, metadata: { ...object?.metadata, labels } };
  delete copy.status;
  return hash(JSON.stringify(sortKeys(copy)));
}

function hash(text: string): string {
  return sha256(text).slice(0, 12);
}
