// Lays out everything a new transform needs: code, registration, three fixture cases, a docs page.
// Use: npm run new:transform -- <id> [--oci]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { templateFiles } from "./transform-template.mjs";

/**
 * Writes the files of a new transform.
 * @param {string} root the project folder
 * @param {string} id kebab-case name
 * @param {boolean} isOci whether `fluxlift oci` runs it, and not `fluxlift migrate`
 * @returns {string[]} what was written, relative to the root
 */
export function scaffoldTransform(root, id, isOci = false) {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id ?? "")) {
    throw new Error(`A transform needs a kebab-case id such as port-patches, not ${JSON.stringify(id ?? "")}.`);
  }
  const files = templateFiles(id, isOci);
  const taken = Object.keys(files).find((path) => existsSync(join(root, path)));
  if (taken) throw new Error(`${taken} exists already.`);
  const list = isOci ? "transforms/oci-index.ts" : "transforms/index.ts";
  const index = join(root, list);
  const registered = register(readFileSync(index, "utf8"), id);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  writeFileSync(index, registered);
  return [...Object.keys(files), list];
}

/** Adds the import in alphabetical order and the transform at the end of the list. */
function register(source, id) {
  const name = camelCase(id);
  const line = `import ${name} from "./${id}/index.ts";`;
  const lines = source.split("\n");
  const imports = lines.map((text, at) => ({ text, at })).filter(({ text }) => /^import .+ from "\.\//.test(text));
  const later = imports.find(({ text }) => pathOf(text) > pathOf(line));
  const last = lines.findLastIndex((text) => text.startsWith("import "));
  lines.splice(later ? later.at : last + 1, 0, line);
  const end = lines.findIndex((text, at) => text.startsWith("]") && at > last);
  if (end < 0) throw new Error("The list of transforms does not end with a line that starts with ].");
  lines.splice(end, 0, `  ${name},`);
  return lines.join("\n");
}

function pathOf(importLine) {
  return /from "(.+)"/.exec(importLine)?.[1] ?? "";
}

function camelCase(id) {
  return id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
    const args = process.argv.slice(2);
    const [id, ...rest] = args.filter((arg) => arg !== "--oci");
    if (rest.length > 0) throw new Error("Use: npm run new:transform -- <id> [--oci]");
    for (const path of scaffoldTransform(root, id, args.includes("--oci"))) console.log(`✚ ${path}`);
    console.log(
      "► It passes as it is. Now replace the example, and the trees of the three cases: CONTRIBUTING.md, step 2.",
    );
  } catch (error) {
    console.error(`✗ ${error.message}`);
    process.exitCode = 2;
  }
}
