import type { YamlData } from "../contract/objects.ts";
import { BASE_OBJECTS, BASE_VERSIONS_JSON } from "./data/base-facts.ts";
import { compareFluxVersions, type FluxVersion, parseFluxVersion } from "./releases.ts";

let lines: string[] | undefined;
/** Version -> manifest file without extension -> indexes into `lines`. */
let versions: Record<string, Record<string, number[]>> | undefined;

/** Manifest files of one Flux version: component name, `rbac` or `policies` -> fresh copies of the objects in it. */
export interface BaseFacts {
  version: FluxVersion;
  files: Record<string, YamlData[]>;
}

/**
 * What the manifests of a Flux version hold: the version itself where the operator embeds it, else the newest embedded
 * one of its minor (2.8.4 -> 2.8.8); undefined for minors never embedded (flux-facts 5.2).
 */
export function readBaseFacts(version: FluxVersion): BaseFacts | undefined {
  lines ??= BASE_OBJECTS.split("\n");
  versions ??= JSON.parse(BASE_VERSIONS_JSON) as NonNullable<typeof versions>;
  const known = Object.keys(versions)
    .map((text) => parseFluxVersion(text)!)
    .filter((candidate) => candidate.major === version.major && candidate.minor === version.minor)
    .sort(compareFluxVersions);
  const chosen = known.find((candidate) => candidate.patch === version.patch) ?? known.at(-1);
  if (!chosen) return undefined;
  const indexes = versions[`${chosen.major}.${chosen.minor}.${chosen.patch}`]!;
  const files: Record<string, YamlData[]> = {};
  for (const [file, list] of Object.entries(indexes)) files[file] = list.map((index) => JSON.parse(lines![index]!));
  return { version: chosen, files };
}
