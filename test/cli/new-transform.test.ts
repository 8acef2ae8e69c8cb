import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scaffoldTransform } from "../../scripts/new-transform.mjs";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { makeTempDir } from "../support/repo.ts";

function copyIndex(): string {
  const root = makeTempDir();
  mkdirSync(join(root, "transforms"));
  cpSync(join(PROJECT_ROOT, "transforms/index.ts"), join(root, "transforms/index.ts"));
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
  expect(index).toContain('import zzNewThing from "./zz-new-thing.ts";\n');
  expect(index).toMatch(/,\n {2}zzNewThing,\n\]/);
});

test("keeps the imports sorted", () => {
  const root = copyIndex();
  scaffoldTransform(root, "aa-first");
  const index = readFileSync(join(root, "transforms/index.ts"), "utf8");
  const imports = [...index.matchAll(/^import \w+ from "(.+)";$/gm)].map((match) => match[1]);
  expect(imports).toContain("./aa-first.ts");
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
