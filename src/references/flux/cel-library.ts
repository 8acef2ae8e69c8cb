import { createRequire } from "node:module";

/** The parser of CEL, read where an expression has changed. The bundle has another loader in place of this file (`scripts/build.mjs`). */
export function loadCel(): Pick<typeof import("@marcbachmann/cel-js"), "Environment"> {
  return createRequire(import.meta.url)("@marcbachmann/cel-js") as typeof import("@marcbachmann/cel-js");
}
