import type { YamlData } from "../../../src/contract/objects.ts";
import type { YamlPath } from "../../../src/yaml/types.ts";
import { COMPUTED } from "./read.ts";

/** What a reference says, as far as it is written out. */
export interface ProgramRef {
  kind?: string;
  name?: string;
  namespace?: string;
}

export function refOf(read: (field: string) => unknown): ProgramRef {
  const fields = ["kind", "name", "namespace"].map((field) => [field, read(field)] as const);
  return Object.fromEntries(fields.filter(([, value]) => typeof value === "string"));
}

/** Every `sourceRef` of an object, with the parts of it that are written out. */
export function references(data: YamlData, path: YamlPath = []): { path: YamlPath; ref: ProgramRef }[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]: [string, YamlData]) => {
    const at = [...path, Array.isArray(data) ? Number(key) : key];
    if (key !== "sourceRef") return references(value, at);
    if (value === COMPUTED) return [{ path: at, ref: {} }];
    return [{ path: at, ref: refOf((field) => value?.[field]) }];
  });
}
