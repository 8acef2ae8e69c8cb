import { stringify } from "yaml";
import type { Yaml } from "../contract/media.ts";
import { asWritten } from "../yaml/text.ts";

/**
 * Prints the body of a patch: long lines stay whole, a value used twice is written twice, never as an alias, and texts
 * such as `y` and `on` are quoted, because kustomize reads YAML 1.1, where they are booleans.
 */
export function printBody(data: unknown): Yaml {
  return asWritten(stringify(data, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" }));
}
