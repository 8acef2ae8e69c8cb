import { sortKeys, type YamlData } from "../../contract/objects.ts";
import { sha256 } from "../../files/hash.ts";
import facts from "../../release/data/gotk-facts.json" with { type: "json" };
import { compareFluxVersions, type FluxVersion, formatFluxVersion, parseFluxVersion } from "../../release/releases.ts";

/** `name textDigest dataDigest`. */
const DIGESTS: readonly string[] = facts.digests;
/** Version -> indexes into the digests. */
const CRDS: Readonly<Record<string, number[]>> = facts.crds;
/** Version -> `component:tag` words. */
const IMAGES: Readonly<Record<string, string>> = facts.images;

/** CRD name -> digests in a release; undefined for releases whose manifests are not known (2.2.0 to 2.2.2, 2.8.4). */
export function crdDigests(version: FluxVersion): ReadonlyMap<string, { text: string; data: string }> | undefined {
  const indexes = CRDS[formatFluxVersion(version)];
  if (!indexes) return undefined;
  const entries = indexes.map((index) => DIGESTS[index]!.split(" ") as [name: string, text: string, data: string]);
  return new Map(entries.map(([name, text, data]) => [name, { text, data }]));
}

/** Component -> image tag in a release; undefined for releases that are not known. */
export function imageTags(version: FluxVersion): ReadonlyMap<string, string> | undefined {
  const words = IMAGES[formatFluxVersion(version)];
  return words === undefined ? undefined : new Map(words.split(" ").map((word) => word.split(":") as [string, string]));
}

/** The newest release whose image tags are exactly these; several share the tags of an unchanged controller. */
export function releaseWithTags(tags: ReadonlyMap<string, string>): string | undefined {
  if (tags.size === 0) return undefined;
  return Object.keys(IMAGES)
    .sort((a, b) => compareFluxVersions(parseFluxVersion(b)!, parseFluxVersion(a)!))
    .find((release) => {
      const known = imageTags(parseFluxVersion(release)!)!;
      return [...tags].every(([component, tag]) => known.get(component) === tag);
    });
}

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
