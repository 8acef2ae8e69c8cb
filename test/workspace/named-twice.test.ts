import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openMerge } from "../../src/files/merge.ts";
import { openRevision } from "../../src/files/revision.ts";
import { git, makeRepo } from "../support/repo.ts";

/** A commit on top of HEAD whose tree has these files, which `git hash-object` takes as they come; `git mktree` would not. */
function commitTree(root: string, files: readonly (readonly [name: string, id: string])[]): string {
  const entries = files.flatMap(([name, id]) => [Buffer.from(`100644 ${name}\0`), Buffer.from(id, "hex")]);
  const args = ["-C", root, "hash-object", "-t", "tree", "--literally", "-w", "--stdin"];
  const tree = execFileSync("git", args, { input: Buffer.concat(entries), encoding: "utf8" }).trim();
  return git(root, "commit-tree", tree, "-p", "HEAD", "-m", "change").trim();
}

test("a commit that has a file twice is refused, whether it is the base or the change", () => {
  const root = makeRepo({ "a.yaml": "a: 1\n", "b.yaml": "b: 1\n" });
  const [a = "", b = ""] = ["a.yaml", "b.yaml"].map((name) => git(root, "rev-parse", `HEAD:${name}`).trim());
  const base = git(root, "rev-parse", "HEAD").trim();
  const twice = commitTree(root, [
    ["a.yaml", b],
    ["a.yaml", a],
    ["b.yaml", b],
  ]);
  const once = commitTree(root, [
    ["a.yaml", b],
    ["b.yaml", b],
  ]);
  expect(openRevision(root, once).read("a.yaml")).toBe("b: 1\n");
  const said = /has the file a\.yaml twice/;
  expect(() => openRevision(root, twice)).toThrow(said);
  expect(openMerge(root, { base, head: once }).changed).toEqual(["a.yaml"]);
  expect(() => openMerge(root, { base, head: twice })).toThrow(said);
});
