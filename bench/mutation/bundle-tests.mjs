import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Folders of tests that start the built command or a server, or take whole trees through every phase. */
const OUTSIDE = /^(?:automation|bench|cli|deploy|e2e|fleet|fuzz|gate|hostile|mcp|public|publish|windows|workspace)\//;
/** Thousands of cases each, where a mutant would take minutes, and tests of the text of the sources: only by `MUTATION_LONG`. */
const LONG =
  /\.property\.test\.ts$|^(?:conventions|flux-patches\/(?:port-|simulation)|flux-sync\/property|kustomize\/recorded|oci\/|ownership\/orders)/;
/** A test that starts something by itself: a mutant is in memory, and does not reach another process. */
const STARTS = /dist\/|\/built\.ts"|runBuilt|runCli|spawnSync|execFile|BUNDLE/;
/** What `vitest-here.ts` has not, and a library that only a bundler can read. */
const MORE = /\bvi\.|@actions\/workflow-parser/;

/**
 * Tests that ask the code in their own process, in one file with all they import.
 * @param {string} project Stryker's copy of it
 * @param {RegExp} wanted which tests, by their path below `test`
 * @param {string} outfile
 * @param {Map<string, string>} sources what files hold that are not as they lie there, by path
 */
export async function bundleTests(project, wanted, outfile, sources = new Map()) {
  const tests = listTests(project, wanted);
  await build({
    absWorkingDir: project,
    stdin: {
      contents: tests.flatMap((path) => [`import "tests:${path}";`, `import "./test/${path}";`]).join("\n"),
      resolveDir: project,
    },
    ...{ bundle: true, format: "esm", platform: "node", target: "node20", packages: "external", outfile },
    ...{
      alias: { vitest: join(project, "bench/mutation/vitest-here.ts") },
      plugins: [FILES, places(sources)],
      logLevel: "warning",
    },
  });
}

function listTests(project, wanted) {
  return readdirSync(join(project, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".test.ts") && !OUTSIDE.test(path) && wanted.test(path))
    .filter((path) => process.env.MUTATION_LONG || !LONG.test(path))
    .filter((path) => {
      const text = readFileSync(join(project, "test", path), "utf8");
      return !STARTS.test(text) && !MORE.test(text);
    })
    .sort();
}

/** Names each file of tests before it is evaluated. */
const FILES = {
  name: "files",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tests:/ }, ({ path }) => ({ path: path.slice("tests:".length), namespace: "file-of-tests" }));
    onLoad({ filter: /./, namespace: "file-of-tests" }, ({ path }) => ({
      contents: `import { startFile } from "vitest"; startFile(${JSON.stringify(`test/${path}`)});`,
      resolveDir: process.cwd(),
    }));
  },
};

/**
 * What keeps answers for texts and trees, by its file: a mutant would not run where they are those of before. `forget` of the
 * runner empties them.
 */
const KEEPERS = [
  ["src/yaml/of-text.ts", /const kept = new Map<.*$/m, "$& globalThis.keptAnswers.push(() => kept.clear());"],
  [
    "src/files/remember.ts",
    /const (kept = new WeakMap<.*);$/m,
    "let $1; globalThis.keptAnswers.push(() => { kept = new WeakMap(); });",
  ],
];

function withForgetting(path, text) {
  const [, what, by] = KEEPERS.find(([file]) => path.replaceAll("\\", "/").endsWith(`/${file}`)) ?? [];
  if (what === undefined) return text;
  if (!what.test(text)) throw new Error(`${path} keeps its answers in another way than bench/mutation knows`);
  return text.replace(what, by);
}

/** Where a module lies, as it says itself, is where its source lies. */
const places = (sources) => ({
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/, namespace: "file" }, ({ path }) => {
      const contents = withForgetting(path, sources.get(path) ?? readFileSync(path, "utf8"))
        .replaceAll("import.meta.dirname", () => JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", () => JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: "ts" };
    });
  },
});
