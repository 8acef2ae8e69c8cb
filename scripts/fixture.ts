// Lays out what a fixture case starts from, and writes a changed tree down as the change of its base.
// Use: npm run fixture -- open <transform>/<case> <folder>
//      npm run fixture -- save <transform>/<case> <folder> [base]
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packTree, withTree } from "../test/support/fixture-pack.ts";
import { formatCase } from "../test/support/fixture-update.ts";
import { type CaseSpec, inputOf } from "../test/support/fixtures.ts";
import { FIXTURES_ROOT } from "../test/support/project.ts";
import { readEntries, writeEntries } from "../test/support/tree.ts";

function save(id: string, folder: string, base: string | undefined): void {
  const dir = join(FIXTURES_ROOT, id);
  const path = join(dir, "case.json");
  const fresh: CaseSpec = { shows: "Say in a sentence what the tree is about.", findings: [] };
  const spec = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as CaseSpec) : fresh;
  const from = base ?? spec.base;
  const others = contentsOutside(dir);
  mkdirSync(dir, { recursive: true });
  const gone = packTree(dir, from, readEntries(folder), (entry) => others.has(entry.bytes.toString("latin1")));
  writeFileSync(path, formatCase(withTree(spec, from, gone)));
}

/** What other files of `__fixtures__` hold; no two may hold the same. */
function contentsOutside(dir: string): Set<string> {
  const files = readdirSync(FIXTURES_ROOT, { recursive: true, encoding: "utf8" })
    .map((name) => join(FIXTURES_ROOT, name))
    .filter((file) => !file.startsWith(`${dir}/`) && statSync(file).isFile());
  return new Set(files.map((file) => readFileSync(file, "latin1")));
}

const [verb, id, folder, base] = process.argv.slice(2);
if (!id?.includes("/") || !folder || (verb !== "open" && verb !== "save")) {
  console.error("✗ Use: npm run fixture -- open|save <transform>/<case> <folder> [base]");
  process.exitCode = 2;
} else if (verb === "open") {
  writeEntries(resolve(folder), inputOf(id));
} else {
  save(id, resolve(folder), base);
}
