// Bundles the CLI into one file, dist/fluxlift.js, with every runtime dependency inside, and collects their licences.
// Use: node scripts/build.mjs [outfile]
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Node's own modules are loaded when the module that imports them is: static imports of an ESM bundle would load
 * crypto, child_process and worker_threads for `--help` too (20 ms of 35).
 * @type {import("esbuild").Plugin}
 */
const lazyBuiltins = {
  name: "lazy-builtins",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === "builtin" ? { path, external: true } : { path, namespace: "builtin" },
    );
    esbuild.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

/**
 * Builds the bundle.
 * @param {string} outfile absolute path of the bundle
 * @returns {Promise<void>}
 */
export async function buildBundle(outfile) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/bin.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Names stay, so that stacks in bug reports can be read.
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    // Bundled CommonJS packages call require() for node's own modules, which ESM lacks.
    banner: {
      js: `#!/usr/bin/env node\nimport{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`,
    },
    charset: "utf8",
    external: ["ts-morph"],
    plugins: [lazyBuiltins],
  });
  chmodSync(outfile, 0o755);
  writeFileSync(join(dirname(outfile), "THIRD-PARTY-LICENSES.txt"), collectLicences(result.metafile));
}

function collectLicences(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file: it may not be bundled`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
  });
  return `Packages inside fluxlift.js, and their licences.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const outfile = resolve(process.argv[2] ?? join(root, "dist/fluxlift.js"));
  if (!existsSync(dirname(outfile))) mkdirSync(dirname(outfile), { recursive: true });
  await buildBundle(outfile);
}
