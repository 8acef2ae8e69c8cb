import { createRequire } from "node:module";

let known: typeof import("ts-morph") | undefined;

/**
 * The TypeScript parser, read when the first program is looked at: it takes longer than all else together. The bundle has
 * another loader in place of this file (`scripts/build.mjs`).
 */
export function loadTsMorph(): typeof import("ts-morph") {
  known ??= createRequire(import.meta.url)("ts-morph") as typeof import("ts-morph");
  return known;
}
