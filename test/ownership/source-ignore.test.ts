import { expect, test } from "vitest";
import { readKeeps } from "../../src/delivery/artifact-files.ts";
import { makeIgnore } from "../../src/delivery/ignore-rules.ts";
import { memoryTree } from "../support/memory.ts";

const kept = (text: string, ...paths: string[]) => {
  const ignores = makeIgnore([{ dir: "", text }]);
  return paths.filter((path) => !ignores(path));
};

test("the last pattern that matches a file decides, not one of its folders", () => {
  const rules = "# all\n/*\n!/kubernetes/main\n!/kubernetes/shared\n";
  const paths = ["README.md", "kubernetes/main/flux/a.yaml", "kubernetes/edge/a.yaml", "kubernetes/shared/b.yaml"];
  expect(kept(rules, ...paths)).toEqual(["kubernetes/main/flux/a.yaml", "kubernetes/shared/b.yaml"]);
});

test.each([
  ["*.yaml", "a/b.yaml", false],
  ["*.yaml", "a/b.yml", true],
  ["docs/", "docs/a.md", false],
  ["docs/", "a/docs/b.md", false],
  ["docs/", "docs", true],
  ["/docs", "a/docs/b.md", true],
  ["a/*/c", "a/b/c/d.yaml", false],
  ["a/*/c", "a/b/x/c", true],
  ["a/**/c", "a/b/x/c", false],
  ["a/**/c", "a/c", false],
  ["a/**", "a/b/c", false],
  ["**/.sops.yaml", "x/.sops.yaml", false],
  ["v[0-9].yaml", "v1.yaml", false],
  ["v[0-9].yaml", "vx.yaml", true],
  ["a+b.yaml", "a+b.yaml", false],
  ["a+b.yaml", "aab.yaml", true],
  // What git reads otherwise; each is what fluxcd/pkg sourceignore 0.15 and 0.18 answered.
  ["/**", "a/b.yaml", true],
  ["**/**", "a/b.yaml", true],
  ["**", "a/b.yaml", false],
  ["a/**", "a", false],
  ["/a**", "ab", true],
  ["a**", "ab", false],
  ["**/a/b", "a/x/a/b", true],
  ["a\\", "a\\", true],
  ["\\*", "*", false],
  ["[", "[", true],
  ["[a-]", "a", true],
  ["[!a]", "a", false],
  ["[!a]", "b", true],
  ["[^a]", "b", false],
  ["[\\]]", "]", false],
  ["?", "\u{1f600}", false],
])("%s on %s", (pattern, path, isKept) => {
  expect(kept(pattern, path)).toEqual(isKept ? [path] : []);
});

test("nothing counts behind a line that Go's scanner finds too long", () => {
  const long = (length: number) => `a\n#${"x".repeat(length - 1)}\nb`;
  expect(kept(long(65_535), "a", "b", "c")).toEqual(["c"]);
  expect(kept(long(65_536), "a", "b", "c")).toEqual(["b", "c"]);
});

test("the defaults hold until somebody writes a pattern; what git needs never gets there", () => {
  const paths = [".github/workflows/a.yaml", "x/.sops.yaml", "a.png", ".gitignore", "a.yaml"];
  expect(kept("", ...paths)).toEqual(["a.yaml"]);
  expect(kept("# nothing\n", ...paths)).toEqual(["a.yaml"]);
  expect(kept("docs/", ...paths)).toEqual([".github/workflows/a.yaml", "x/.sops.yaml", "a.png", "a.yaml"]);
});

test("a file deeper down counts from its folder, and comes later", () => {
  const ignores = makeIgnore([
    { dir: "", text: "*.md" },
    { dir: "apps", text: "/old\n!keep.md" },
  ]);
  const paths = ["apps/old/a.yaml", "old/a.yaml", "apps/keep.md", "keep.md"];
  expect(paths.filter((path) => !ignores(path))).toEqual(["old/a.yaml", "apps/keep.md"]);
});

test("a folder comes before those in it, whatever they are called", () => {
  const tree = memoryTree({ "apps/.sourceignore": "*.md\n", "apps/+x/.sourceignore": "!a.md\n", "apps/+x/a.md": "" });
  expect(readKeeps(tree, { ignore: "" }, "")("apps/+x/a.md")).toBe(true);
});

test.each([
  [["apps"], ["apps-old/c.yaml", "apps.yaml", "apps/a.yaml"]],
  [["apps/"], ["apps/a.yaml"]],
  [
    ["./apps/", "top"],
    ["apps/a.yaml", "top.yaml"],
  ],
  [["/apps"], []],
  [["other/apps"], ["other/apps/d.yaml"]],
])("a sparse checkout of %j holds what begins so, and no other file of the top", (sparse, expected) => {
  const paths = ["apps-old/c.yaml", "apps.yaml", "apps/a.yaml", "other/apps/d.yaml", "top.yaml"];
  const keeps = readKeeps(memoryTree(Object.fromEntries(paths.map((path) => [path, ""]))), { ignore: "", sparse }, "");
  expect(paths.filter(keeps)).toEqual(expected);
});

test("a .sourceignore that a sparse checkout does not fetch leaves out nothing", () => {
  const tree = memoryTree({ ".sourceignore": "a.yaml\n", "apps/.sourceignore": "b.yaml\n" });
  const keeps = readKeeps(tree, { ignore: "", sparse: ["apps"] }, "");
  expect(["apps/a.yaml", "apps/b.yaml"].filter(keeps)).toEqual(["apps/a.yaml"]);
});

test.each([
  ["a/b/*", "a/b", true],
  ["a/b/*.yaml", "a/b", true],
  ["*.yaml", "a/b", true],
  ["a/b/", "a/b", false],
  ["b/", "a/b", false],
  ["a/b", "a/b", false],
  ["a/b/**", "a/b", false],
  ["/*\n!/a/b\n/a/b/*", "a/b", true],
  ["/*\n!/a/b/\n/a/b/*", "a/b", true],
  ["/*", "a/b", false],
  ["/", "a/b", true],
])("of a folder %j says whether the artifact has %s: %s", (ignore, path, isThere) => {
  const tree = memoryTree({ "a/b/c.yaml": "a: b\n" });
  expect(readKeeps(tree, { ignore }, "").folder?.(path)).toBe(isThere);
});

test("a sparse checkout says nothing of folders that are empty", () => {
  const tree = memoryTree({ "a/b/c.yaml": "a: b\n" });
  expect(readKeeps(tree, { ignore: "a/b/*", sparse: ["a"] }, "").folder).toBeUndefined();
});
