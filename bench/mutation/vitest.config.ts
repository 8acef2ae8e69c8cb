import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig } from "vitest/config";

const project = resolve(import.meta.dirname, "../..");

/** Folders of tests that start the built command or a server, or take whole trees through every phase. */
const OUTSIDE = /^(?:automation|bench|cli|deploy|e2e|fleet|fuzz|gate|hostile|mcp|public|publish|windows|workspace)\//;
/** Thousands of random cases each: a mutant would take minutes. */
const LONG =
  /\.property\.test\.ts$|^(?:flux-patches\/(?:port-|simulation)|flux-sync\/property|kustomize\/recorded|oci\/|ownership\/orders)/;
/** A test that starts something by itself: a mutant is in memory, and does not reach another process. */
const STARTS = /dist\/|runBuilt|runCli|spawnSync|execFile|BUNDLE/;

/** Tests that ask the code in their own process. */
function inProcess(): string[] {
  return readdirSync(join(project, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts") && !OUTSIDE.test(path) && !LONG.test(path))
    .filter((path) => !STARTS.test(readFileSync(join(project, "test", path), "utf8")))
    .map((path) => `test/${path}`);
}

export default defineConfig({ root: project, test: { include: inProcess(), testTimeout: 60_000, pool: "threads" } });
