import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scaffoldTransform } from "../../scripts/new-transform.mjs";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { makeTempDir } from "../support/repo.ts";

/** What the fixture tests and the compiler read of the project. */
const COPIED = [
  "__fixtures__",
  "bench",
  "schemas",
  "scripts",
  "src",
  "transforms",
  "biome.json",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
].concat(
  [
    ...["support", "fixtures", "yaml", "cluster/fleet.ts", "verify/judge.ts", "verify/home-tree.ts"],
    ...["hostile/faults.ts", "hostile/path-cases.ts", "hostile/yaml-cases.ts"],
  ].map((name) => `test/${name}`),
);
/** The project's own, less what only other tests need: the built command and the judge. */
const CONFIG = `import base from "./vitest.config.ts";
const { plugins, test } = await base({ mode: "test" });
const [all] = test.projects;
export default { plugins, test: { ...test, maxWorkers: 1, projects: [{ ...all, test: { ...all.test, globalSetup: [] } }] } };
`;
const LISTS = ["transforms/index.ts", "transforms/oci-index.ts"];

function copyIndex(): string {
  const root = makeTempDir();
  mkdirSync(join(root, "transforms"));
  for (const list of LISTS) cpSync(join(PROJECT_ROOT, list), join(root, list));
  return root;
}

test("lays out code, docs and three cases, and registers the transform last", () => {
  const root = copyIndex();
  const written = scaffoldTransform(root, "zz-new-thing");
  for (const path of written) expect(existsSync(join(root, path)), path).toBe(true);
  expect(written).toContain("docs/transforms/zz-new-thing.md");
  const cases = written.filter((path) => /^__fixtures__\/zz-new-thing\/[^/]+\/case\.json$/.test(path));
  expect(cases).toHaveLength(3);
  const index = readFileSync(join(root, "transforms/index.ts"), "utf8");
  expect(index).toContain('import zzNewThing from "./zz-new-thing/index.ts";\n');
  expect(index).toMatch(/,\n {2}zzNewThing,\n\]/);
});

test.each(LISTS)("registers in %s, and there only", (list) => {
  const root = copyIndex();
  expect(scaffoldTransform(root, "my-thing", list === LISTS[1])).toContain(list);
  const registered = LISTS.filter((path) => readFileSync(join(root, path), "utf8").includes("  myThing,\n"));
  expect(registered).toEqual([list]);
});

test("both kinds pass the fixture tests as they are, compile and are in style", () => {
  const root = makeTempDir();
  for (const name of COPIED) cpSync(join(PROJECT_ROOT, name), join(root, name), { recursive: true });
  for (const name of ["node_modules", ".cache"]) symlinkSync(join(PROJECT_ROOT, name), join(root, name));
  const ids = ["my-migration", "my-artifact"];
  for (const id of ids) scaffoldTransform(root, id, id === "my-artifact");
  const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  writeFileSync(join(root, "tsconfig.new.json"), '{"extends": "./tsconfig.json", "include": ["transforms"]}');
  const types = run(join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.new.json");
  expect(types.stdout).toBe("");
  const biome = join("node_modules", "@biomejs", "biome", "bin", "biome");
  const lint = run(biome, "check", "--vcs-enabled=false", "transforms");
  expect(lint.status, lint.stderr).toBe(0);
  const name = `^${ids.join("|^")}|^every base|^no two`;
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  writeFileSync(join(root, "vitest.new.config.ts"), CONFIG);
  const flags = ["--config", "vitest.new.config.ts", "-t", name, "--reporter=json"];
  const report = run(vitest, "run", "test/fixtures", ...flags).stdout;
  const { numPassedTests, numFailedTests, success } = JSON.parse(report.slice(report.indexOf("{")));
  // A transform has three cases and the check that it has them; two tests are about the folder as a whole.
  expect({ numPassedTests, numFailedTests, success }).toEqual({
    numPassedTests: ids.length * 4 + 2,
    numFailedTests: 0,
    success: true,
  });
}, 120_000);

test("keeps the imports sorted", () => {
  const root = copyIndex();
  scaffoldTransform(root, "aa-first");
  const index = readFileSync(join(root, "transforms/index.ts"), "utf8");
  const imports = [...index.matchAll(/^import \w+ from "(.+)";$/gm)].map((match) => match[1]);
  expect(imports).toContain("./aa-first/index.ts");
  expect(imports).toEqual([...imports].sort());
});

test.each(["Bad_Name", "", "../up", "trailing-"])("refuses the id %j and writes nothing", (id) => {
  const root = copyIndex();
  const before = readFileSync(join(root, "transforms/index.ts"), "utf8");
  expect(() => scaffoldTransform(root, id)).toThrow("kebab-case");
  expect(readFileSync(join(root, "transforms/index.ts"), "utf8")).toBe(before);
});

test("refuses an id that is taken", () => {
  const root = copyIndex();
  scaffoldTransform(root, "my-thing");
  expect(() => scaffoldTransform(root, "my-thing")).toThrow("exists already");
});
