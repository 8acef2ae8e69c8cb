import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

/** Folders of tests that start the built command or a server, or take whole trees through every phase. */
const OUTSIDE = /^(?:automation|bench|cli|deploy|e2e|fleet|fuzz|gate|hostile|mcp|public|publish|windows|workspace)\//;
/** Thousands of random cases each, where a mutant would take minutes, and tests of the text of the sources. */
const LONG =
  /\.property\.test\.ts$|^(?:conventions|flux-patches\/(?:port-|simulation)|flux-sync\/property|kustomize\/recorded|oci\/|ownership\/orders)/;
/** A test that starts something by itself: a mutant is in memory, and does not reach another process. */
const STARTS = /dist\/|runBuilt|runCli|spawnSync|execFile|BUNDLE/;

/** Tests that ask the code in their own process. @param wanted which of them, by their path below `test` */
function listTests(project: string, wanted: RegExp): string[] {
  return readdirSync(join(project, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts") && !OUTSIDE.test(path) && !LONG.test(path) && wanted.test(path))
    .filter((path) => !STARTS.test(readFileSync(join(project, "test", path), "utf8")))
    .sort();
}

/** Stryker's own copy of the project (`tempDirName`). */
const COPY = /[\\/]\.cache[\\/]stryker[\\/]/;

/**
 * Puts in the place of each test, in Stryker's copy of the project, the test with all it imports: else every mutant waits
 * for five hundred modules. Stryker starts several processes in one copy: only the first makes the bundle.
 * @param wanted which tests, by their path below `test`
 * @returns these paths
 */
export async function prepareTests(project: string, wanted: RegExp): Promise<string[]> {
  const made = join(project, "test/bundled.json");
  if (existsSync(made)) return JSON.parse(readFileSync(made, "utf8"));
  const tests = listTests(project, wanted);
  if (!COPY.test(project)) return tests;
  await build({
    absWorkingDir: project,
    entryPoints: tests.map((path) => ({ in: join("test", path), out: path.replace(/\.ts$/, "") })),
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", target: "node20", packages: "external" },
    ...{ outdir: "test", allowOverwrite: true, outExtension: { ".js": ".ts" }, chunkNames: "bundle/[hash]" },
    ...{ plugins: [KEEP_PLACES], logLevel: "warning" },
  });
  writeFileSync(made, JSON.stringify(tests));
  return tests;
}

/** Where a module lies, as it says itself, is where its source lies. */
const KEEP_PLACES: Plugin = {
  name: "keep-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/, namespace: "file" }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text
        .replaceAll("import.meta.dirname", () => JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", () => JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: "ts" };
    });
  },
};
