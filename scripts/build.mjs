// Bundles the CLI with every runtime dependency into eight files of dist/, and collects the licences. The TypeScript parser
// is read only for repositories with Flux objects in TypeScript, the layout library only for HTML reports,
// the clients of the forges only where something is published, the prompts only by the guide, the library of
// schemas only for saved plans, the parser of CEL only where a changed object of Flux has such an expression.
// Use: node scripts/build.mjs [outfile]
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const ERRORS = join(root, "src/contract/errors.ts");
const CORE = join(root, "src/cli/core.ts");

/** @type {import("esbuild").BuildOptions} */
const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // Names stay, so that stacks in bug reports can be read.
  minifyWhitespace: true,
  legalComments: "none",
  // What is imported when it is needed is required then.
  supported: { "dynamic-import": false },
  metafile: true,
  write: false,
  logLevel: "warning",
  external: ["ts-morph"],
};

/**
 * Builds the bundle: `fluxlift.js` has what every start needs, `core.cjs` beside it what commands load with `import()`,
 * `typescript.cjs` the parser of TypeScript, `layout.cjs` what lays out pictures, `forges.cjs` the clients of forges and
 * `prompts.cjs` what the guide asks with, `schema.cjs` what checks saved plans and settings, `cel.cjs` what reads CEL expressions, `mcp.cjs` the protocol of agents;
 * and the libraries that others import.
 * @param {string} outfile absolute path of the bundle
 * @returns {Promise<void>}
 */
export async function buildBundle(outfile) {
  const entry = await buildEntry();
  const core = await buildCore(entry.ids);
  const folder = dirname(outfile);
  mkdirSync(folder, { recursive: true });
  // A function that src/cli/core.ts calls, as node makes one of every CommonJS module.
  const text = toAscii(`(function(module,exports,require){"use strict";${core.text}})`);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const typescript = await buildTypescript(join(folder, TYPESCRIPT));
  const layout = await buildLibrary(join(folder, LAYOUT), 'export { default as dagre } from "@dagrejs/dagre";');
  const forges = await buildForges(join(folder, FORGES));
  const prompts = await buildLibrary(
    join(folder, PROMPTS),
    'export { isCancel, multiselect, select, text, updateSettings } from "@clack/prompts";',
    [STYLE_TEXT],
  );
  const schema = await buildLibrary(join(folder, SCHEMA), 'export { Ajv } from "ajv";');
  const cel = await buildLibrary(join(folder, CEL), 'export { Environment } from "@marcbachmann/cel-js";');
  const mcp = await buildLibrary(join(folder, MCP), MCP_PARTS);
  const libraries = await buildPublic(folder);
  // In the file itself: what V8 keeps of a build can then never be taken for another's of the same length.
  put(join(folder, "core.cjs"), `/*${hash}*/${text}`);
  put(outfile, `#!/usr/bin/env node\n${entry.text}`, 0o755);
  // Without the loader of ECMAScript modules node starts in less time.
  put(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  put(
    join(folder, "THIRD-PARTY-LICENSES.txt"),
    collectLicences([
      ...entry.inputs,
      ...core.inputs,
      ...typescript,
      ...layout,
      ...forges,
      ...prompts,
      ...schema,
      ...cel,
      ...mcp,
      ...libraries,
    ]),
  );
}

/** Whole or not at all, and only what is new: a program that starts meanwhile must not read half of it. */
function put(path, contents, mode = 0o644) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(contents))) return;
  const temp = `${path}.${process.pid}`;
  writeFileSync(temp, contents, { mode });
  renameSync(temp, path);
}

const TYPESCRIPT = "typescript.cjs";
const LAYOUT = "layout.cjs";
const FORGES = "forges.cjs";
const PROMPTS = "prompts.cjs";
const SCHEMA = "schema.cjs";
const CEL = "cel.cjs";
const MCP = "mcp.cjs";

/** A module whose functions hand out a file beside the bundle, or what its function of the same name returns. */
function loaderOf(names, file, { code, message, hint }) {
  const [only] = names.length === 1 ? names : [];
  const functions = names.map((name) => `export function ${name}() { return load()${only ? "" : `.${name}()`}; }`);
  return `
import { RepoError } from ${JSON.stringify(ERRORS)};
${functions.join("\n")}
function load() {
  try {
    return require("./${file}");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    throw new RepoError(${[code, message, hint].map((text) => JSON.stringify(text)).join(", ")});
  }
}
`;
}

/** In place of `transforms/shared/programs/load.ts`. */
const TYPESCRIPT_LOADER = loaderOf(["loadTsMorph"], TYPESCRIPT, {
  code: "no-typescript-parser",
  message: `This repository declares Flux objects in TypeScript, and ${TYPESCRIPT} is not beside fluxlift.js.`,
  hint: "Install the whole package, or leave programs out with --skip typescript-to-oci,typescript-references.",
});

/** In place of `src/report/html/libraries.ts`. */
const LAYOUT_LOADER = loaderOf(["loadLibraries"], LAYOUT, {
  code: "no-layout",
  message: `An HTML report needs ${LAYOUT}, which is not beside fluxlift.js.`,
  hint: "Install the whole package.",
});

/** In place of `src/publish/libraries.ts`. */
const FORGES_LOADER = loaderOf(["loadOctokit", "loadGitlab", "loadAzure", "loadGitea"], FORGES, {
  code: "no-forges",
  message: `--publish needs ${FORGES}, which is not beside fluxlift.js.`,
  hint: "Install the whole package.",
});

async function buildForges(outfile) {
  const result = await build({
    ...COMMON,
    entryPoints: ["src/publish/libraries.ts"],
    format: "cjs",
    minify: true,
  });
  put(outfile, result.outputFiles[0].contents);
  return Object.keys(result.metafile.inputs);
}

/** In place of `src/cli/guide/library.ts`. */
const PROMPTS_LOADER = loaderOf(["loadLibrary"], PROMPTS, {
  code: "no-prompts",
  message: `The guide needs ${PROMPTS}, which is not beside fluxlift.js.`,
  hint: "Install the whole package, or run fluxlift plan and fluxlift migrate.",
});

/** In place of `src/files/schema-library.ts`. */
const SCHEMA_LOADER = loaderOf(["loadSchemaLibrary"], SCHEMA, {
  code: "no-schema-library",
  message: `To check a saved plan or a configuration takes ${SCHEMA}, which is not beside fluxlift.js.`,
  hint: "Install the whole package.",
});

/** In place of `src/references/flux/cel-library.ts`. */
const CEL_LOADER = loaderOf(["loadCel"], CEL, {
  code: "no-cel-library",
  message: `To read a CEL expression takes ${CEL}, which is not beside fluxlift.js.`,
  hint: "Install the whole package.",
});

/** In place of `src/cli/mcp/sdk.ts`. */
const MCP_LOADER = loaderOf(["loadSdk"], MCP, {
  code: "no-mcp",
  message: `The server for agents needs ${MCP}, which is not beside fluxlift.js.`,
  hint: "Install the whole package.",
});

const MCP_PARTS = [
  'export { Server } from "@modelcontextprotocol/sdk/server/index.js";',
  'export { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";',
  'export { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";',
].join("\n");

/** What others import from the package: `fluxlift/transform` and `fluxlift/testing`. */
async function buildPublic(folder) {
  const inputs = [];
  for (const name of ["transform", "testing"]) {
    const result = await build({
      ...COMMON,
      entryPoints: [join(root, `src/public/${name}.ts`)],
      format: "esm",
      // Libraries inside ask for modules of node as CommonJS does.
      banner: { js: 'import { createRequire } from "node:module";const require=createRequire(import.meta.url);' },
      plugins: [ASSETS],
    });
    put(join(folder, `${name}.mjs`), result.outputFiles[0].contents);
    inputs.push(...Object.keys(result.metafile.inputs));
  }
  return inputs;
}

/** The prompts style text as node does since 20.12; before, with the codes that node knows. */
const STYLE_TEXT = {
  name: "style-text",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^(?:node:)?util$/ }, ({ path, namespace }) =>
      namespace === "style-text" ? { path: "node:util", external: true } : { path, namespace: "style-text" },
    );
    esbuild.onLoad({ filter: /.*/, namespace: "style-text" }, () => ({
      contents: `const util = require("node:util");
const paint = (text, name) => \`\\u001b[\${util.inspect.colors[name][0]}m\${text}\\u001b[\${util.inspect.colors[name][1]}m\`;
module.exports = util.styleText ? util : { ...util, styleText: (names, text) => [names].flat().reduce(paint, text) };`,
    }));
  },
};

async function buildLibrary(outfile, contents, plugins = []) {
  const result = await build({
    ...COMMON,
    stdin: { contents, resolveDir: root },
    format: "cjs",
    minify: true,
    plugins,
  });
  put(outfile, result.outputFiles[0].contents);
  return Object.keys(result.metafile.inputs);
}

/** ts-morph without the types of the standard library, which a parser does not need. */
async function buildTypescript(outfile) {
  if (!existsSync(join(root, "node_modules/ts-morph"))) throw new Error("ts-morph is not installed: run npm ci");
  const result = await build({
    ...COMMON,
    stdin: { contents: 'export { Node, Project, ts } from "ts-morph";', resolveDir: root },
    external: [],
    format: "cjs",
    minify: true,
    plugins: [
      {
        name: "no-lib-files",
        setup(esbuild) {
          esbuild.onLoad({ filter: /ts-morph-common\.js$/ }, ({ path }) => {
            const text = readFileSync(path, "utf8");
            const contents = text.replace(/^const libFiles = \[\{[\s\S]*?^\s*\}\];$/m, "const libFiles = [];");
            if (contents.length * 2 > text.length) throw new Error("ts-morph keeps its library files elsewhere now");
            return { contents };
          });
        },
      },
    ],
  });
  put(outfile, result.outputFiles[0].contents);
  return Object.keys(result.metafile.inputs);
}

/** Puts the text of a file of ours in place of the call that reads it (`src/files/asset.ts`). */
const ASSETS = {
  name: "assets",
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/](?:src|transforms)[\\/].*\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, "utf8");
      const call = /\bassetText\("([^"]+)", import\.meta\.url\)/g;
      const read = (_, name) => JSON.stringify(readFileSync(join(dirname(path), name), "utf8"));
      return call.test(code) ? { contents: code.replace(call, read), loader: "ts" } : undefined;
    });
  },
};

/** The half that every start evaluates. `ids`: modules it imports dynamically, relative to the root. */
async function buildEntry() {
  const ids = new Set();
  const result = await build({
    ...COMMON,
    entryPoints: ["src/cli/bin.ts"],
    format: "cjs",
    plugins: [
      ASSETS,
      {
        name: "core",
        setup(esbuild) {
          esbuild.onResolve({ filter: /^\.{1,2}\// }, ({ path, kind, resolveDir }) => {
            if (kind !== "dynamic-import") return undefined;
            const id = relative(root, resolve(resolveDir, path)).replaceAll("\\", "/");
            ids.add(id);
            return { path: id, namespace: "core" };
          });
          esbuild.onLoad({ filter: /.*/, namespace: "core" }, ({ path }) => ({
            contents: `module.exports = require(${JSON.stringify(CORE)}).loadFromCore(${JSON.stringify(path)}, require(${JSON.stringify(ERRORS)}))`,
            resolveDir: root,
          }));
        },
      },
    ],
  });
  // Sorted: they are found in another order each time, and one commit makes one package.
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs), ids: [...ids].sort() };
}

/** The half that commands load: `modules` maps an id to a function that evaluates and returns that module. */
async function buildCore(ids) {
  const lines = ids.map((id) => `${JSON.stringify(id)}: () => require(${JSON.stringify(join(root, id))}),`);
  const result = await build({
    ...COMMON,
    stdin: { contents: `export const modules = {\n${lines.join("\n")}\n};`, resolveDir: root, sourcefile: "core.js" },
    format: "cjs",
    plugins: [
      ASSETS,
      {
        name: "shared-errors",
        setup(esbuild) {
          esbuild.onResolve({ filter: /\/errors\.ts$/ }, ({ path, resolveDir }) =>
            resolve(resolveDir, path) === ERRORS ? { path: "fluxlift:errors", external: true } : undefined,
          );
          // The core is no module with an address of its own; its `require` looks beside the bundle.
          esbuild.onLoad({ filter: /transforms[\\/]shared[\\/]programs[\\/]load\.ts$/ }, ({ path }) => ({
            contents: TYPESCRIPT_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /report[\\/]html[\\/]libraries\.ts$/ }, ({ path }) => ({
            contents: LAYOUT_LOADER,
            resolveDir: dirname(path),
          }));
          // A module that is evaluated when it is first asked for.
          esbuild.onLoad({ filter: /delivery[\\/]kustomize[\\/]re2\.ts$/ }, ({ path }) => ({
            contents: 'export function loadRe2() { return require("re2js"); }',
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /src[\\/]publish[\\/]libraries\.ts$/ }, ({ path }) => ({
            contents: FORGES_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /cli[\\/]guide[\\/]library\.ts$/ }, ({ path }) => ({
            contents: PROMPTS_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /files[\\/]schema-library\.ts$/ }, ({ path }) => ({
            contents: SCHEMA_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /references[\\/]flux[\\/]cel-library\.ts$/ }, ({ path }) => ({
            contents: CEL_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onLoad({ filter: /cli[\\/]mcp[\\/]sdk\.ts$/ }, ({ path }) => ({
            contents: MCP_LOADER,
            resolveDir: dirname(path),
          }));
          esbuild.onResolve(
            { filter: /^\.\/(?:typescript|layout|forges|prompts|schema|cel|mcp)\.cjs$/ },
            ({ path }) => ({
              path,
              external: true,
            }),
          );
        },
      },
    ],
  });
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

/** In ASCII: node keeps a file with any other character at two bytes a character, twice the work. */
function toAscii(code) {
  return code.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function collectLicences(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const text = readLicence(join(root, folder));
    if (!text) throw new Error(`${name} has no licence file: it may not be bundled`);
    // It holds TypeScript itself, which is Microsoft's.
    const inside =
      name === "@ts-morph/common" ? readFileSync(join(root, "node_modules/typescript/LICENSE"), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n${inside && `\nTypeScript inside it (Apache-2.0)\n\n${inside.trim()}\n`}`;
  });
  return `Packages inside fluxlift.js, and their licences.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** The licence of a package: a file of its own, or the last part of its README. */
function readLicence(folder) {
  const names = readdirSync(folder);
  const file = names.find((entry) => /^licen[cs]e/i.test(entry));
  if (file) return readFileSync(join(folder, file), "utf8");
  const readme = names.find((entry) => /^readme/i.test(entry));
  return (
    readme &&
    /^#+ licen[cs]e\s+([\s\S]+Permission is hereby granted[\s\S]+)$/im.exec(
      readFileSync(join(folder, readme), "utf8"),
    )?.[1]
  );
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildBundle(resolve(process.argv[2] ?? join(root, "dist/fluxlift.js")));
}
