import type { Ajv } from "ajv";

/** Read when a plan is loaded. The bundle has another loader in place of this file (`scripts/build.mjs`). */
export async function loadSchemaLibrary(): Promise<{ Ajv: typeof Ajv }> {
  return await import("ajv");
}
