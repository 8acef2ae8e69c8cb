import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packMerges, packState } from "../../bench/corpus/fetch.ts";
import { git } from "../../bench/corpus/repo.ts";

const dir = mkdtempSync(join(tmpdir(), "fetch-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A repository with three commits; answers for any commit, as forges do. */
function makeForge(): { url: string; commits: string[] } {
  const repo = join(dir, "forge");
  mkdirSync(repo);
  git(repo, "init", "-q");
  git(repo, "config", "uploadpack.allowAnySHA1InWant", "true");
  const commits = ["a: 1\n", "a: 2\n", "a: 3\n"].map((text) => {
    writeFileSync(join(repo, "a.yaml"), text);
    writeFileSync(join(repo, "picture.png"), Buffer.from([1, 0, 2]));
    writeFileSync(join(repo, "large.yaml"), "#".repeat(1_500_001));
    git(repo, "add", "-A");
    git(repo, "commit", "-q", "-m", "the owner's own words");
    return git(repo, "rev-parse", "HEAD").trim();
  });
  return { url: repo, commits };
}

const { url, commits } = makeForge();
const staging = (name: string): string => {
  const path = join(dir, name);
  mkdirSync(path);
  return path;
};

test("a tree is packed as it was at its commit, as text", () => {
  const target = join(dir, "tree.tar.gz");
  packState(url, "acme__fleet__before", commits[1]!, staging("tree"), target);
  const list = execFileSync("tar", ["tzf", target], { encoding: "utf8" });
  expect(list.trim().split("\n").sort()).toEqual(["acme__fleet__before/", "acme__fleet__before/a.yaml"]);
  expect(execFileSync("tar", ["xzOf", target, "acme__fleet__before/a.yaml"], { encoding: "utf8" })).toBe("a: 2\n");
});

test("merges are packed as pairs of trees, without what their authors wrote", () => {
  const target = join(dir, "merges.bundle");
  packMerges(url, [{ pair: "pair-01", commit: commits[2]! }], staging("merges"), target);
  git(dir, "clone", "-q", "--no-checkout", target, "clone");
  const clone = join(dir, "clone");
  expect(git(clone, "show", "pair-01-base:a.yaml")).toBe("a: 2\n");
  expect(git(clone, "show", "pair-01-head:a.yaml")).toBe("a: 3\n");
  expect(git(clone, "log", "--all", "--format=%s %an").trim().split("\n")).toEqual([
    "pair-01 corpus",
    "pair-01 corpus",
  ]);
});

test("a commit that is gone is an error", () => {
  expect(() => packState(url, "x", "1".repeat(40), staging("gone"), join(dir, "gone.tar.gz"))).toThrow();
});
