import { createRequire } from "node:module";

/**
 * What checks JSON against a schema, read where there is something to check: a saved plan, or a configuration. The bundle
 * has another loader in place of this file (`scripts/build.mjs`).
 */
export function loadSchemaLibrary(): typeof import("ajv") {
  return createRequire(import.meta.url)("ajv") as typeof import("ajv");
}
