import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { walkFolder } from "../../src/files/walk.ts";
import { git, makeTempDir, writeFiles } from "../support/repo.ts";

const names = ["a", "b", "ab", "a.log", "#a", "!b", "a b", "[a]"];
const parts = ["a", "b", "*", "**", "?", "/", "/", ".log", "!", "#", "\\", "[ab]", "[!a]", " ", "\\*", "\\#"];
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((all) => all.join("/"));
const line = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }).map((all) => all.join(""));
/** Of these older git thinks otherwise than its documentation: see below. */
const isOdd = (text: string) => /[^/*]\*\*/.test(text);
const ignore = fc
  .array(
    line.filter((text) => !isOdd(text)),
    { maxLength: 3 },
  )
  .map((all) => all.join("\n"));

/** Files with these paths, as far as none of them is a folder of another one. */
function choose(paths: readonly string[]): string[] {
  return paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
}

test("lists what git lists", () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 8 }), ignore, ignore, (paths, top, below) => {
      const root = makeTempDir();
      const files = choose(paths);
      writeFiles(root, Object.fromEntries(files.map((file) => [file, "x"])));
      writeFileSync(join(root, ".gitignore"), top);
      if (files.some((file) => file.startsWith("a/"))) writeFileSync(join(root, "a/.gitignore"), below);
      const walked = walkFolder(root).sort();
      git(root, "init", "-q");
      expect(walked).toEqual(
        git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean).sort(),
      );
    }),
    { numRuns: 150 },
  );
}, 120_000);

test.each([
  ["x/a**\n", ["x/a", "x/ab/c", "x/b", "y/x/a"]],
  ["***/b", ["b", "a/b", "a/c/b", "a/d"]],
  ["x/***", ["x/a", "x/b/c", "y"]],
  ["a\\/a\n\\/b\nc\\/\nd\\", ["a/a", "a/b", "b", "c/a", "c\\/a", "d", "d\\"]],
  ["x\\/a**/b\n**\\/c", ["x/ab/b", "x/a/b", "x/a/ab", "y/c"]],
])("%j leaves out of %j what git does", (text, files) => {
  const root = makeTempDir();
  writeFiles(root, { ...Object.fromEntries(files.map((file) => [file, "x"])), ".gitignore": text });
  const walked = walkFolder(root).sort();
  git(root, "init", "-q");
  expect(walked).toEqual(
    git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean).sort(),
  );
});

/** Newer git follows its documentation here, while git 2.39 has `a**` and `b` below it leave out `ab`, too. */
test.each([
  ["a**/[!a]", ["ab/a", "a/b", "a/x/c", "b/a"], ["ab/a", "b/a"]],
  ["a**/b", ["ab", "a/b", "ax/b", "ax/y/b", "x/ab"], ["ab", "ax/y/b", "x/ab"]],
  ["*.log\n!x/a**", ["x/ab/c.log", "x/b.log", "x/a.log"], ["x/a.log"]],
  ["/a**/b/**/c", ["ab/b/c", "a/b/x/c", "ab/c"], ["ab/c"]],
])("%j takes two stars beside a letter for one: of %j it leaves %j", (text, files, left) => {
  const root = makeTempDir();
  writeFiles(root, { ...Object.fromEntries(files.map((file) => [file, "x"])), ".gitignore": text });
  expect(walkFolder(root).sort()).toEqual([".gitignore", ...left].sort());
});

test("takes no longer than its length for any pattern", () => {
  const root = makeTempDir();
  const name = `x${"a".repeat(200)}.yaml`;
  writeFiles(root, { ".gitignore": `${"*a".repeat(60)}*b\n${"**/a*/".repeat(60)}b\n`, [name]: "" });
  mkdirSync(join(root, "a/a/a/a/a/a/a/a/a/a/a/a"), { recursive: true });
  expect(walkFolder(root).sort()).toEqual([".gitignore", name].sort());
});

test("reads no .gitignore through a link, and takes what cannot be listed for empty", () => {
  const root = makeTempDir();
  const other = makeTempDir();
  writeFiles(other, { list: "*.yaml\n" });
  writeFiles(root, { "a.yaml": "" });
  symlinkSync(join(other, "list"), join(root, ".gitignore"));
  symlinkSync(root, join(root, "again"));
  expect(walkFolder(root).sort()).toEqual([".gitignore", "a.yaml", "again"]);
  expect(walkFolder(join(root, "nowhere"))).toEqual([]);
});

test("lists whatever a file or a folder is called", () => {
  const root = makeTempDir();
  const files = ["a\nb/c\nd", "back\\slash/x", ".hidden/.y", "[z]/{q}", "!n/*"];
  writeFiles(root, Object.fromEntries(files.map((file) => [file, "x"])));
  expect(walkFolder(root).sort()).toEqual(files.sort());
});
