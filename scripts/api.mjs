// Writes what others may rely on out of src/public: the types of the package (types/) and a report of the API for review
// (docs/api/). Use: node scripts/api.mjs [--check]; with --check nothing is written, exit 1 when either has changed.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const cache = join(root, ".cache/api");
const NAMES = ["transform", "testing"];

/** Declarations of every module that the public ones reach. */
function declare() {
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(join(cache, "report"), { recursive: true });
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: {
      ...{
        noEmit: false,
        noCheck: true,
        declaration: true,
        emitDeclarationOnly: true,
        allowImportingTsExtensions: false,
      },
      ...{ rewriteRelativeImportExtensions: true, rootDir: root, outDir: join(cache, "types") },
    },
    files: NAMES.map((name) => join(root, `src/public/${name}.ts`)),
    include: [],
  };
  writeFileSync(join(cache, "tsconfig.json"), JSON.stringify(config));
  const done = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", cache], {
    encoding: "utf8",
  });
  // Declarations of inner modules that name what they do not export: none of it is reached from outside.
  const errors = done.stdout.split("\n").filter((line) => line.includes("error TS") && !line.includes("TS4023"));
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** @returns {{ report: string, types: string }} of one public module */
function extract(name) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(cache, `types/src/public/${name}.d.ts`),
      compiler: { tsconfigFilePath: join(cache, "tsconfig.json"), skipLibCheck: true },
      apiReport: {
        ...{ enabled: true, reportFileName: `${name}.api.md` },
        ...{ reportFolder: join(cache, "report"), reportTempFolder: cache },
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(cache, `${name}.d.ts`) },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: "none" } },
        tsdocMessageReporting: { default: { logLevel: "none" } },
        compilerMessageReporting: { default: { logLevel: "none" } },
      },
    },
    configObjectFullPath: join(root, "api-extractor.json"),
    packageJsonFullPath: join(root, "package.json"),
  });
  Extractor.invoke(config, { localBuild: true, messageCallback: (message) => (message.handled = true) });
  const read = (path) => readFileSync(join(cache, path), "utf8").replaceAll("\r\n", "\n");
  return { report: read(`report/${name}.api.md`), types: read(`${name}.d.ts`) };
}

const check = process.argv.includes("--check");
declare();
for (const name of NAMES) {
  const { report, types } = extract(name);
  for (const [path, text] of [
    [`docs/api/${name}.api.md`, report],
    [`types/${name}.d.ts`, types],
  ]) {
    const file = join(root, path);
    if (!check) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    } else {
      let old = "";
      try {
        old = readFileSync(file, "utf8");
      } catch {}
      if (old === text) console.log(`✔ ${path}`);
      else {
        console.error(`✗ ${path} differs from the code: run npm run api, and read the change as one of the public API`);
        process.exitCode = 1;
      }
    }
  }
}
