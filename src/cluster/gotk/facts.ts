import { compareFluxVersions, type FluxVersion, parseFluxVersion } from "../../release/releases.ts";
import { GOTK_FACTS_JSON } from "../data/gotk-facts.ts";

interface FactsFile {
  /** `name textDigest dataDigest`. */
  digests: string[];
  /** Version -> indexes into `digests`. */
  crds: Record<string, number[]>;
  /** Version -> `component:tag` words. */
  images: Record<string, string>;
}

let facts: FactsFile | undefined;

function readFacts(): FactsFile {
  facts ??= JSON.parse(GOTK_FACTS_JSON) as FactsFile;
  return facts;
}

/** CRD name -> digests in a release; undefined for releases whose manifests are not known (2.2.0 to 2.2.2, 2.8.4). */
export function crdDigests(version: FluxVersion): ReadonlyMap<string, { text: string; data: string }> | undefined {
  const { digests, crds } = readFacts();
  const indexes = crds[textOf(version)];
  if (!indexes) return undefined;
  return new Map(
    indexes.map((index) => {
      const [name, text, data] = digests[index]!.split(" ");
      return [name!, { text: text!, data: data! }];
    }),
  );
}

/** Component -> image tag in a release; undefined for releases that are not known. */
export function imageTags(version: FluxVersion): ReadonlyMap<string, string> | undefined {
  const words = readFacts().images[textOf(version)];
  return words === undefined ? undefined : new Map(words.split(" ").map((word) => word.split(":") as [string, string]));
}

/** The newest release whose image tags are exactly these; several share the tags of an unchanged controller. */
export function releaseWithTags(tags: ReadonlyMap<string, string>): string | undefined {
  if (tags.size === 0) return undefined;
  return Object.keys(readFacts().images)
    .sort((a, b) => compareFluxVersions(parseFluxVersion(b)!, parseFluxVersion(a)!))
    .find((release) => {
      const known = imageTags(parseFluxVersion(release)!)!;
      return [...tags].every(([component, tag]) => known.get(component) === tag);
    });
}

function textOf({ major, minor, patch }: FluxVersion): string {
  return `${major}.${minor}.${patch}`;
}
