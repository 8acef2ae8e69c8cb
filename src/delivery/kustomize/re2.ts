import { createRequire } from "node:module";

let known: typeof import("re2js") | undefined;

/**
 * Go's regular expressions, in time that grows with the text alone, read when the first one needs it. The bundle has another
 * loader in place of this file (`scripts/build.mjs`).
 */
export function loadRe2(): typeof import("re2js") {
  known ??= createRequire(import.meta.url)("re2js") as typeof import("re2js");
  return known;
}
