import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findStalePages } from "../scripts/docs.ts";
import { TRANSFORMS } from "../transforms/index.ts";
import { FIXTURES_ROOT, listFixtureFolders, PROJECT_ROOT } from "./support/fixtures.ts";

const ids = TRANSFORMS.map((transform) => transform.id);
const namesIn = (folder: string, extension: string) =>
  readdirSync(join(PROJECT_ROOT, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length));

describe("a transform is one file, one fixture folder, one docs page, one line in the list", () => {
  test("ids are unique", () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every file is listed, under its own name", () => {
    const files = namesIn("transforms", ".ts").filter((name) => name !== "index");
    expect([...ids].sort()).toEqual(files.sort());
  });

  test("every docs page belongs to a transform and is the one it names", () => {
    expect(namesIn("docs/transforms", ".md").sort()).toEqual([...ids].sort());
    expect(TRANSFORMS.map((transform) => transform.docs)).toEqual(ids.map((id) => `docs/transforms/${id}.md`));
  });

  test("every transform has a fixture folder and the other way round", () => {
    expect(existsSync(FIXTURES_ROOT)).toBe(true);
    expect(listFixtureFolders().sort()).toEqual([...ids].sort());
  });
});

test("the generated parts of the docs are what the code says", async () => {
  expect(await findStalePages()).toEqual([]);
});
