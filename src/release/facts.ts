import { getOrMake } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { assetText } from "../files/asset.ts";
import { atLeast, EMBEDDED_FLUX, type FluxVersion, newestEmbedded, parseFluxVersion } from "./releases.ts";

/** One object a line, as JSON that is parsed when it is needed. */
let lines: string[] | undefined;
/**
 * Version -> manifest file without extension -> indexes into `lines`, oldest first; a version that is not there holds what
 * the one before it does.
 */
let versions: [string, Record<string, number[]>][] | undefined;

const known = new Map<string, BaseFacts>();

/** Manifest files of one Flux version: component name, `rbac` or `policies` -> the objects in it, which are frozen. */
export interface BaseFacts {
  version: FluxVersion;
  files: Record<string, YamlData[]>;
}

const chooseRelease = ({ major, minor, patch }: FluxVersion): string | undefined => {
  const own = `${major}.${minor}.${patch}`;
  return EMBEDDED_FLUX.includes(own) ? own : newestEmbedded({ major, minor });
};

/** Whether {@link readBaseFacts} knows a release. */
export const hasBaseFacts = (flux: FluxVersion): boolean => chooseRelease(flux) !== undefined;

/**
 * What the manifests of a Flux version hold: the version itself where the operator embeds it, else the newest embedded
 * one of its minor (2.8.4 -> 2.8.8); undefined for minors never embedded (flux-facts 5.2).
 */
export function readBaseFacts(flux: FluxVersion): BaseFacts | undefined {
  const chosen = chooseRelease(flux);
  if (chosen === undefined) return undefined;
  lines ??= assetText("./data/base-objects.jsonl", import.meta.url).split("\n");
  versions ??= Object.entries(JSON.parse(assetText("./data/base-versions.json", import.meta.url)));
  return getOrMake(known, chosen, () => {
    const version = parseFluxVersion(chosen)!;
    const [, indexes] = versions!.findLast(([since]) => atLeast(version, since))!;
    // By the components of a FluxInstance, which may be called `constructor`.
    const files: Record<string, YamlData[]> = Object.create(null);
    for (const [file, list] of Object.entries(indexes))
      files[file] = list.map((index) => freeze(JSON.parse(lines![index]!)));
    return { version, files };
  });
}

/** What is kept for all who ask must not be changed by one of them. */
function freeze<T extends object>(value: T): T {
  const open: object[] = [value];
  for (let one = open.pop(); one; one = open.pop()) {
    Object.freeze(one);
    open.push(...Object.values(one).filter((item) => typeof item === "object" && item !== null));
  }
  return value;
}
