// Compares the fixture cases with the whole trees that they were before they stood on bases.
// Use: npx tsx scripts/compare-fixtures.ts <commit>
// Per case: every path, mode and byte of the repository before and after, the findings, the options.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  expectedOf,
  type FixtureCase,
  inputOf,
  listCases,
  listFixtureFolders,
  readCase,
} from "../test/support/fixtures.ts";
import { git } from "../test/support/git.ts";
import { PROJECT_ROOT } from "../test/support/project.ts";
import { flatten, readEntries, type Tree, writeEntries } from "../test/support/tree.ts";

const caseFolders = (root: string, transform: string) =>
  readdirSync(join(root, transform)).map((name) => `${transform}/${name}`);

/** The cases of a commit by `<transform>/<case>`. */
function readOldCases(root: string, commit: string): Map<string, FixtureCase> {
  const archive = execFileSync("git", ["archive", commit, "__fixtures__"], { cwd: PROJECT_ROOT, maxBuffer: 1 << 28 });
  execFileSync("tar", ["-x", "-C", root], { input: archive });
  const folder = join(root, "__fixtures__");
  const ids = readdirSync(folder).flatMap((transform) => caseFolders(folder, transform));
  return new Map(ids.map((id) => [id, readCase(id, folder)]));
}

/** What the old case expects, by `git apply`: the runner has its own way, which this shall not trust. */
function applyOldPatch(root: string, { expectation }: FixtureCase, input: Tree): Tree {
  if (expectation === "unchanged") return input;
  if (expectation === "missing") throw new Error("an old case expects nothing");
  const dir = mkdtempSync(join(root, "tree-"));
  writeEntries(dir, input);
  if (statSync(expectation.patch).size > 0) git(dir, "apply", "--whitespace=nowarn", expectation.patch);
  return readEntries(dir);
}

/** What of a case is not as it was. */
function differences(root: string, old: FixtureCase, now: FixtureCase): string[] {
  const [before, input] = [readEntries(join(old.dir, "input")), inputOf(now)];
  const settings = ({ spec }: FixtureCase) => [spec.pipeline, spec.branch, spec.remote, spec.options];
  const parts: [name: string, old: unknown, now: unknown][] = [
    ["input", flatten(before), flatten(input)],
    ["expected", flatten(applyOldPatch(root, old, before)), flatten(expectedOf(now, input))],
    ["findings", old.spec.findings, now.spec.findings],
    ["options", settings(old), settings(now)],
  ];
  return parts.filter(([, was, is]) => !isDeepStrictEqual(was, is)).map(([name]) => name);
}

function compare(root: string, commit: string): void {
  const old = readOldCases(root, commit);
  const now = new Map(
    listFixtureFolders()
      .flatMap(listCases)
      .map((fixture) => [`${fixture.transform}/${fixture.name}`, fixture]),
  );
  const wrong: string[] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(id), now.get(id)];
    const parts = was && is ? differences(root, was, is) : [was ? "gone" : "new"];
    if (parts.length > 0) wrong.push(`${id}: ${parts.join(", ")}`);
  }
  for (const line of wrong) console.error(`✗ ${line}`);
  const onBases = [...now.values()].filter(({ spec }) => spec.base !== undefined).length;
  console.log(`${old.size} cases at ${commit}, ${now.size} now, ${onBases} of them on a base; ${wrong.length} differ`);
  if (wrong.length > 0) process.exitCode = 1;
}

const [commit] = process.argv.slice(2);
if (!commit) {
  console.error("✗ Use: npx tsx scripts/compare-fixtures.ts <commit>");
  process.exitCode = 2;
} else {
  const root = mkdtempSync(join(tmpdir(), "fluxlift-fixtures-"));
  try {
    compare(root, commit);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
