// Lays out everything a new transform needs: code, registration, three fixture cases, a docs page.
// Use: npm run new:transform <id>
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes the files of a new transform.
 * @param {string} root the project folder
 * @param {string} id kebab-case name
 * @returns {string[]} what was written, relative to the root
 */
export function scaffoldTransform(root, id) {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id ?? "")) {
    throw new Error(`A transform needs a kebab-case id such as port-patches, not ${JSON.stringify(id ?? "")}.`);
  }
  const files = filesOf(id);
  const taken = Object.keys(files).find((path) => existsSync(join(root, path)));
  if (taken) throw new Error(`${taken} exists already.`);
  const index = join(root, "transforms/index.ts");
  const registered = register(readFileSync(index, "utf8"), id);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  writeFileSync(index, registered);
  return [...Object.keys(files), "transforms/index.ts"];
}

/** Adds the import in alphabetical order and the transform at the end of the list. */
function register(source, id) {
  const name = camelCase(id);
  const line = `import ${name} from "./${id}.ts";`;
  const lines = source.split("\n");
  const imports = lines.map((text, at) => ({ text, at })).filter(({ text }) => /^import \w+ from "\.\//.test(text));
  const later = imports.find(({ text }) => pathOf(text) > pathOf(line));
  const last = lines.findLastIndex((text) => text.startsWith("import "));
  lines.splice(later ? later.at : last + 1, 0, line);
  const end = lines.findIndex((text, at) => text.startsWith("]") && at > last);
  if (end < 0) throw new Error("transforms/index.ts holds no list that ends with a line starting with ].");
  lines.splice(end, 0, `  ${name},`);
  return lines.join("\n");
}

function pathOf(importLine) {
  return /from "(.+)"/.exec(importLine)?.[1] ?? "";
}

function camelCase(id) {
  return id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

function filesOf(id) {
  const title = id.replace(/-/g, " ").replace(/^./, (letter) => letter.toUpperCase());
  const source = `import { defineTransform } from "../src/engine/transform.ts";

/** Scope: what it changes. Leaves alone: what it does not. */
export default defineTransform({
  id: "${id}",
  title: "${title}",
  phases: ["install"],
  docs: "docs/transforms/${id}.md",
  applies: () => false,
  run: () => ({ edits: [], findings: [] }),
});
`;
  const docs = `# ${id}

One sentence: what it does and why Flux needs it.

## Before and after

## What it leaves alone

## Findings
`;
  const cases = ["converts-the-plain-case", "must-not-touch-the-rest", "gives-up-when-unsure"];
  const fixtures = cases.flatMap((name) => caseFiles(id, name));
  return { [`transforms/${id}.ts`]: source, [`docs/transforms/${id}.md`]: docs, ...Object.fromEntries(fixtures) };
}

/** A base with one file more; no two files of all fixtures may be the same. */
function caseFiles(id, name) {
  const spec = `{
  "shows": "Say in a sentence what the tree of ${name} is about.",
  "base": "home-ops",
  "findings": []
}
`;
  const input = `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: replace-me
data:
  case: ${id}/${name}
`;
  const folder = `__fixtures__/${id}/${name}`;
  return [
    [`${folder}/case.json`, spec],
    [`${folder}/input/kubernetes/apps/default/echo/app/replace-me.yaml`, input],
  ];
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
    for (const path of scaffoldTransform(root, process.argv[2])) console.log(`✚ ${path}`);
    console.log(
      "► Write the transform, put real trees into the three cases, then: UPDATE_FIXTURES=1 npx vitest run test/fixtures",
    );
  } catch (error) {
    console.error(`✗ ${error.message}`);
    process.exitCode = 2;
  }
}
