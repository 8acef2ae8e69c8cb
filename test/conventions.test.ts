import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findStalePages } from "../scripts/docs.ts";
import { TRANSFORMS } from "../transforms/index.ts";
import { OCI_TRANSFORMS } from "../transforms/oci-index.ts";
import { FIXTURES_ROOT, listFixtureFolders, PROJECT_ROOT } from "./support/fixtures.ts";

const ALL = [...TRANSFORMS, ...OCI_TRANSFORMS];
const ids = ALL.map((transform) => transform.id);
const namesIn = (folder: string, extension: string) =>
  readdirSync(join(PROJECT_ROOT, folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length));

describe("a transform is one folder, one fixture folder, one docs page, one line in the list", () => {
  test("ids are unique", () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every file is listed, under its own name", () => {
    const folders = readdirSync(join(PROJECT_ROOT, "transforms"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "shared")
      .map((entry) => entry.name);
    expect([...ids].sort()).toEqual(folders.sort());
  });

  test("every docs page belongs to a transform and is the one it names", () => {
    expect(namesIn("docs/transforms", ".md").sort()).toEqual([...ids].sort());
    expect(ALL.map((transform) => transform.docs)).toEqual(ids.map((id) => `docs/transforms/${id}.md`));
  });

  test("every transform has a fixture folder and the other way round", () => {
    expect(existsSync(FIXTURES_ROOT)).toBe(true);
    expect(listFixtureFolders().sort()).toEqual([...ids].sort());
  });
});

test("the generated parts of the docs are what the code says", async () => {
  expect(await findStalePages()).toEqual([]);
});

test("links between pages lead somewhere", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md"].concat(
    readdirSync(join(PROJECT_ROOT, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  );
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(PROJECT_ROOT, page), "utf8").replace(/^```.*?^```/gms, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!.replace(/#.*/, ""));
    return targets
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(PROJECT_ROOT, dirname(page), target)))
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

test("no words of the house in what a person reads", () => {
  const files = ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  const said = files.flatMap((file) =>
    readFileSync(join(PROJECT_ROOT, file), "utf8")
      .split("\n")
      .filter(
        (line) => /\btraps? \d/.test(line) && !/^\s*(\*|\/\/|\/\*\*?)/.test(line) && !/\/\/ .*\btraps? \d/.test(line),
      )
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(said).toEqual([]);
});

test("no file of the program is over 350 lines", () => {
  const files = ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const long = files.filter((file) => {
    return /\.m?ts$/.test(file) && readFileSync(join(PROJECT_ROOT, file), "utf8").split("\n").length > 351;
  });
  expect(long).toEqual([]);
});
