import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openMerge } from "../../src/files/merge.ts";
import { git, makeRepo } from "../support/repo.ts";

test("a commit that names one folder over and over is refused", () => {
  const root = makeRepo({ "a.yaml": "a: 1\n" });
  const base = git(root, "rev-parse", "HEAD").trim();
  const treeOf = (count: number, mode: string, id: string) => {
    const lines = Array.from({ length: count }, (_, n) => `${mode} ${id}\t${1000 + n}\n`);
    return execFileSync("git", ["-C", root, "mktree"], { input: lines.join(""), encoding: "utf8" }).trim();
  };
  const files = treeOf(800, "100644 blob", git(root, "rev-parse", "HEAD:a.yaml").trim());
  const commitOf = (tree: string) => git(root, "commit-tree", tree, "-p", "HEAD", "-m", "change").trim();
  const crowd = commitOf(treeOf(700, "040000 tree", files));
  expect(() => openMerge(root, { base, head: crowd })).toThrow(/has more than 500000 files/);
  expect(openMerge(root, { base, head: commitOf(files) }).changed).toHaveLength(801);
});
