import type { YamlData } from "../contract/objects.ts";
import { youngerFields } from "../release/flux-schemas.ts";
import type { FluxVersion } from "../release/releases.ts";
import { isMap } from "../yaml/is-map.ts";
import type { Refusal } from "./types.ts";

/** Fields of an object of Flux that the Flux which runs does not have yet: the API server refuses them like misspelt ones. */
export function findYounger(body: YamlData, version: FluxVersion | undefined): Refusal[] {
  if (version?.major !== 2 || !isMap(body)) return [];
  const { apiVersion, kind } = body;
  const younger = youngerFields(String(apiVersion), String(kind), version.minor);
  return younger.flatMap(([field, since]) =>
    walk(body, field.split(".")).map((path) => ({
      path,
      what: `is no field of Flux 2.${version.minor}, which runs here; it came with Flux 2.${since}`,
    })),
  );
}

/** Every place of a field, `spec.dependsOn[].readyExpr`. */
function walk(body: YamlData, steps: readonly string[]): (string | number)[][] {
  let found: { value: YamlData; path: (string | number)[] }[] = [{ value: body, path: [] }];
  for (const step of steps) {
    const name = step.replace(/\[\]$/, "");
    found = found.flatMap(({ value, path }) => {
      const next: YamlData = isMap(value) ? value[name] : undefined;
      if (next === undefined || next === null) return [];
      if (name === step) return [{ value: next, path: [...path, name] }];
      return Array.isArray(next) ? next.map((one, index) => ({ value: one, path: [...path, name, index] })) : [];
    });
  }
  return found.map(({ path }) => path);
}
