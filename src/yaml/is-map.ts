import type { YamlData } from "../contract/objects.ts";

/** Whether parsed YAML is a map, not a list, a scalar or null. */
export function isMap(value: unknown): value is Readonly<Record<string, YamlData>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
