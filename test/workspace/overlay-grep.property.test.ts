import fc from "fast-check";
import { expect, test } from "vitest";
import { given } from "../../src/contract/given.ts";
import { overlayTree } from "../../src/files/overlay.ts";
import { rememberFile } from "../../src/files/remember-file.ts";
import type { Tree } from "../../src/files/tree.ts";
import { memoryTree } from "../support/memory.ts";

const path = fc.constantFrom("a.yaml", "b.yaml", "dir/c.yaml", "dir/d.yaml", "e.yaml");
const content = fc.constantFrom("red", "green", "red green", "");
const text = fc.option(content, { nil: undefined });
const step = fc.record({
  /** Which tree made so far is laid over: the one before it, or an older one. */
  back: fc.nat({ max: 3 }),
  path,
  text,
  asked: fc.subarray(["red", "green", "e"]),
});

const hits = (tree: Tree, needle: string) => tree.paths.filter((one) => tree.read(one)?.includes(needle));

test("what an overlay finds is what its files hold, whatever was searched before it", () => {
  fc.assert(
    fc.property(fc.dictionary(path, content), fc.array(step, { maxLength: 40 }), (files, steps) => {
      const trees: Tree[] = [memoryTree(files)];
      for (const one of steps) {
        const below = trees[Math.max(0, trees.length - 1 - one.back)]!;
        const tree = overlayTree(below, [
          { path: one.path, ...given({ before: below.read(one.path), after: one.text }) },
        ]);
        trees.push(tree);
        for (const needle of one.asked) expect([needle, tree.grep(needle)]).toEqual([needle, hits(tree, needle)]);
      }
    }),
    { numRuns: 500 },
  );
});

test("what is asked of one file is worked out once for the overlays that leave it, or change it alike", () => {
  let made = 0;
  const ask = (tree: Tree, file: string) =>
    rememberFile(tree, "test", file, (holder) => {
      made++;
      return [holder.read(file)];
    })[0];
  const base = memoryTree({ "a.yaml": "a\n", "b.yaml": "b\n" });
  const first = overlayTree(base, [{ path: "a.yaml", before: "a\n", after: "other\n" }]);
  const second = overlayTree(first, [{ path: "b.yaml", before: "b\n" }]);
  expect([base, first, second].map((tree) => ask(tree, "a.yaml"))).toEqual(["a\n", "other\n", "other\n"]);
  expect(made).toBe(2);
  expect([base, first, second].map((tree) => ask(tree, "b.yaml"))).toEqual(["b\n", "b\n", undefined]);
  expect(made).toBe(4);
});
