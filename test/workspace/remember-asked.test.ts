import { expect, test } from "vitest";
import { given } from "../../src/contract/given.ts";
import { reach } from "../../src/delivery/kustomize/index.ts";
import { overlayTree } from "../../src/files/overlay.ts";
import { rememberAsked } from "../../src/files/remember-asked.ts";
import type { Tree } from "../../src/files/tree.ts";
import { memoryTree } from "../support/memory.ts";

const base = memoryTree({ "a/x.yaml": "x\n", "a/y.yaml": "y\n", "b/z.yaml": "z\n" });
const laid = (path: string, after: string | undefined) =>
  overlayTree(base, [{ path, ...given({ before: base.read(path), after }) }]);

/** What the folder `a` holds, as a list that is made anew each time. */
const listA = (tree: Tree) =>
  rememberAsked(tree, "test", "a", (seen) => seen.entries("a").map((name) => seen.read(`a/${name}`)));

test("overlays that say the same of all that was asked share one answer", () => {
  const first = listA(laid("b/z.yaml", "1\n"));
  expect(first).toEqual(["x\n", "y\n"]);
  expect(listA(laid("b/z.yaml", "2\n"))).toBe(first);
  expect(listA(laid("b/new.yaml", "3\n"))).toBe(first);
});

test.each([
  ["a file that was read", "a/x.yaml", "other\n", ["other\n", "y\n"]],
  ["a file that goes", "a/x.yaml", undefined, ["y\n"]],
  ["a file that comes into a folder that was listed", "a/w.yaml", "w\n", ["w\n", "x\n", "y\n"]],
])("%s makes another answer", (_, path, after, expected) => {
  listA(laid("b/z.yaml", "1\n"));
  expect(listA(laid(path, after))).toEqual(expected);
  expect(listA(base)).toEqual(["x\n", "y\n"]);
});

test("a folder is walked once for all overlays that leave it as it is", () => {
  const found = reach(laid("b/z.yaml", "1\n"), "a");
  expect(reach(laid("b/z.yaml", "2\n"), "a")).toBe(found);
  expect([...found.files()]).toEqual(["a/x.yaml", "a/y.yaml"]);
  const other = reach(laid("a/kustomization.yaml", "resources: [x.yaml]\n"), "a");
  expect([other.resources, other.lists]).toEqual([["a/x.yaml"], ["a/kustomization.yaml"]]);
});

test("what an overlay leaves as it is costs no look at what was asked, and what it changes does", () => {
  const asked: string[] = [];
  const noted: Tree = { ...base, paths: base.paths, has: (path) => asked.push(path) > 0 && base.has(path) };
  const over = (path: string, after: string) =>
    overlayTree(noted, [{ path, ...given({ before: base.read(path), after }) }]);
  const look = (tree: Tree) => rememberAsked(tree, "has", "", (seen) => [seen.has("a/x.yaml"), seen.read("a/y.yaml")]);
  const [far, near] = [over("b/z.yaml", "1\n"), over("a/y.yaml", "2\n")];
  const first = look(far);
  expect(look(near)).toEqual([true, "2\n"]);
  asked.length = 0;
  expect(look(over("b/z.yaml", "3\n"))).toBe(first);
  expect(asked).not.toContain("a/x.yaml");
});

test("what was asked of the whole tree is looked at again in each overlay", () => {
  const count = (tree: Tree) => rememberAsked(tree, "count", "", (seen) => seen.paths.length);
  expect([count(laid("b/z.yaml", "1\n")), count(laid("b/new.yaml", "1\n")), count(laid("b/z.yaml", "2\n"))]).toEqual([
    3, 4, 3,
  ]);
});

test.each([
  ["a folder that a new file makes", "c/d/new.yaml", "1\n", true],
  ["a folder that loses its only file", "b/z.yaml", undefined, false],
])("%s is told from what was there", (_, path, after, isThere) => {
  const dir = path.slice(0, 1);
  const isDir = (tree: Tree) => rememberAsked(tree, "isDir", dir, (seen) => seen.isDir(dir));
  expect(isDir(laid("a/x.yaml", "1\n"))).toBe(!isThere);
  expect(isDir(laid(path, after))).toBe(isThere);
});
