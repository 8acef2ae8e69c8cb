import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unpackReference } from "../../reference/archive.ts";
import { type Data, parseYaml } from "./snapshot.ts";

/** The Flux manifests and schemas that came with the project, unpacked. */
export interface Reference {
  /** Folder with one `vX.Y.Z` folder a Flux version. */
  manifests: string;
  versions: string[];
  schemas: string;
  /** Default values of the flux-instance chart. */
  instanceDefaults: Data;
  /** Default values of the flux-operator chart. */
  operatorDefaults: Data;
}

/** Unpacks `bench/reference` into `cache` once and reads the chart defaults. */
export function openReference(cache: string): Reference {
  const target = join(cache, "reference-1");
  if (!existsSync(target)) {
    // Two processes may start at once: each unpacks for itself, and the first to rename wins.
    const staging = `${target}.${process.pid}`;
    unpackReference(staging);
    try {
      renameSync(staging, target);
    } catch {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  const manifests = join(target, "config/data/flux");
  const schemas = join(target, "schemas");
  const values = (name: string): Data => parseYaml(name, readFileSync(join(schemas, name), "utf8")).docs[0]?.data ?? {};
  return {
    manifests,
    versions: readdirSync(manifests).map((name) => name.slice(1)),
    schemas,
    instanceDefaults: values("flux-instance.values.yaml"),
    operatorDefaults: values("flux-operator.values.yaml"),
  };
}

const numbers = (version: string): number[] => version.split(".").map(Number);

/** Negative when a is older than b. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  return [0, 1, 2].map((at) => (left[at] ?? 0) - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** Highest known version that a `distribution.version` names: exact, `2.6.x`, `2.x`, `~2.6` or `2.6.*`. */
export function resolveVersion(range: string, versions: string[]): string | undefined {
  const pattern = range
    .trim()
    .replace(/^[v~^=]+/, "")
    .replace(/\.[x*]/g, "");
  const matching = versions.filter((version) => version === pattern || version.startsWith(`${pattern}.`));
  return matching.sort(compareVersions).at(-1);
}

/** The manifests that stand for an installed version: its own, else the newest patch of its minor. */
export function manifestsFor(version: string, versions: string[]): string | undefined {
  if (versions.includes(version)) return version;
  return resolveVersion(version.split(".").slice(0, 2).join("."), versions);
}
