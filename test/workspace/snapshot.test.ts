import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { RepoError } from "../../src/contract/errors.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import type { Tree } from "../../src/files/tree.ts";
import { git, makeFolder, makeRepo, put, setMode } from "./helpers.ts";

const PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = PATH;
});

/** What grep must answer, found the slow way. */
function grepSlowly(tree: Tree, needle: string): string[] {
  return tree.paths.filter((path) => tree.read(path)?.includes(needle));
}

/** So many files that git is asked to search them. */
const MANY = Object.fromEntries(Array.from({ length: 2501 }, (_, index) => [`many/${index}`, ""]));
const SIZES = [
  ["a few files", {}],
  ["many files", MANY],
] as const;

describe("openWorkspace in a git tree", () => {
  it("lists what is tracked or could be, and nothing else", async () => {
    const root = makeRepo({
      "a.yaml": "a",
      "apps/b.yaml": "b",
      "gone.yaml": "gone",
      ".gitignore": "*.log\nbuild/\n",
      "kept.log": "tracked before it was ignored",
    });
    git(root, "add", "-f", "kept.log");
    git(root, "commit", "-q", "-m", "log");
    put(root, {
      "new.yaml": "n",
      "x.log": "ignored",
      "build/y": "ignored",
      "nested/inner.yaml": "i",
      "with\nline": "l",
    });
    git(join(root, "nested"), "init", "-q");
    rmSync(join(root, "gone.yaml"));
    const { tree } = await openWorkspace(root);
    expect(tree.paths).toEqual([".gitignore", "a.yaml", "apps/b.yaml", "kept.log", "new.yaml", "with\nline"]);
    expect(tree.has("gone.yaml")).toBe(false);
    expect(tree.read("gone.yaml")).toBeUndefined();
    expect(tree.read("x.log")).toBeUndefined();
    expect(tree.entries("")).toEqual([".gitignore", "a.yaml", "apps", "kept.log", "new.yaml", "with\nline"]);
  });

  it("says what a file is and keeps BOM, line endings and the string instance", async () => {
    const root = makeRepo({
      "bom.yaml": "\uFEFFkind: A\r\n",
      "latin.yaml": Buffer.from([0x61, 0xe9, 0x0a]),
      "nul.bin": "a\0b",
      "crypt.yaml": "\0GITCRYPT\0secret",
      "big.yaml": "x".repeat(2 * 1024 * 1024 + 1),
      "fits.yaml": "x".repeat(2 * 1024 * 1024),
      "empty.yaml": "",
      "run.sh": "#!/bin/sh\n",
    });
    setMode(root, "run.sh", 0o755);
    const { tree } = await openWorkspace(root);
    const statuses = Object.fromEntries(tree.paths.map((path) => [path, tree.status(path)]));
    expect(statuses).toEqual({
      "big.yaml": "huge",
      "bom.yaml": "text",
      "crypt.yaml": "encrypted",
      "empty.yaml": "text",
      "fits.yaml": "text",
      "latin.yaml": "binary",
      "nul.bin": "binary",
      "run.sh": "text",
    });
    expect(tree.read("bom.yaml")).toBe("\uFEFFkind: A\r\n");
    expect(tree.read("latin.yaml")).toBeUndefined();
    expect(tree.executable("run.sh")).toBe(true);
    expect(tree.executable("bom.yaml")).toBe(false);
    expect(tree.status("nowhere")).toBeUndefined();
  });

  it("never follows symlinks, in tracked, untracked or swapped places", async () => {
    const outside = makeFolder();
    put(outside, { "secret.yaml": "needle outside", "d/inner.yaml": "needle outside" });
    const root = makeRepo({ "real.yaml": "needle", "d/inner.yaml": "needle" });
    symlinkSync(join(outside, "secret.yaml"), join(root, "out.yaml"));
    git(root, "add", "-A");
    git(root, "commit", "-q", "-m", "link");
    symlinkSync("real.yaml", join(root, "untracked.yaml"));
    symlinkSync(outside, join(root, "folder"));
    rmSync(join(root, "d"), { recursive: true });
    symlinkSync(join(outside, "d"), join(root, "d"));
    const { tree } = await openWorkspace(root);
    for (const path of ["out.yaml", "untracked.yaml", "folder", "d"]) expect(tree.status(path)).toBe("symlink");
    expect(tree.read("out.yaml")).toBeUndefined();
    expect(tree.read("d/inner.yaml")).toBeUndefined();
    expect(tree.has("folder/secret.yaml")).toBe(false);
    expect(tree.grep("needle")).toEqual(["real.yaml"]);
  });

  it("reads a file that vanished after listing as unreadable", async () => {
    const root = makeRepo({ "a.yaml": "a" });
    const { tree } = await openWorkspace(root);
    rmSync(join(root, "a.yaml"));
    put(root, { "a.yaml/now/a/folder": "" });
    expect(tree.status("a.yaml")).toBe("unreadable");
  });

  it("opens a subfolder as a root of its own", async () => {
    const root = makeRepo({ "top.yaml": "needle", "sub/in.yaml": "needle", "sub/deep/x.yaml": "needle" });
    put(root, { "sub/new.yaml": "needle", "other.yaml": "needle" });
    const { tree, git: facts } = await openWorkspace(join(root, "sub"));
    expect(tree.paths).toEqual(["deep/x.yaml", "in.yaml", "new.yaml"]);
    expect(tree.grep("needle")).toEqual(["deep/x.yaml", "in.yaml", "new.yaml"]);
    expect(facts).toMatchObject({ topLevel: root, prefix: "sub/" });
    expect(facts?.dirty()).toEqual(["?? new.yaml"]);
  });

  it("works in worktrees and submodules, where there is no .git folder", async () => {
    const library = makeRepo({ "lib.yaml": "needle" });
    const root = makeRepo({ "a.yaml": "needle" });
    git(root, "submodule", "--quiet", "add", library, "lib");
    git(root, "commit", "-q", "-m", "submodule");
    const worktree = join(makeFolder(), "tree");
    git(root, "worktree", "add", "-q", "-b", "side", worktree);
    expect((await openWorkspace(root)).tree.paths).toEqual([".gitmodules", "a.yaml"]);
    const inModule = await openWorkspace(join(root, "lib"));
    expect(inModule.tree.grep("needle")).toEqual(["lib.yaml"]);
    expect(inModule.git?.stateDir).toBe(join(root, ".git/modules/lib/fluxlift"));
    const inWorktree = await openWorkspace(worktree);
    expect(inWorktree.tree.grep("needle")).toEqual(["a.yaml"]);
    expect(inWorktree.git).toMatchObject({ branch: "side", detached: false, topLevel: worktree });
    expect(inWorktree.git?.stateDir).toBe(join(root, ".git/worktrees/tree/fluxlift"));
  });

  it.each(SIZES)("copes with sparse checkouts, flagged files and merge conflicts: %s", async (_, more) => {
    const files = { "in/a.yaml": "needle", "out/b.yaml": "needle", "flagged.yaml": "old", "c.yaml": "one\n" };
    const root = makeRepo({ ...files, ...more });
    git(root, "checkout", "-q", "-b", "side");
    put(root, { "c.yaml": "side\n" });
    git(root, "commit", "-qam", "side");
    git(root, "checkout", "-q", "main");
    put(root, { "c.yaml": "needle\n" });
    git(root, "commit", "-qam", "main");
    expect(() => git(root, "merge", "side")).toThrow();
    git(root, "update-index", "--assume-unchanged", "flagged.yaml");
    put(root, { "flagged.yaml": "needle" });
    git(root, "update-index", "--skip-worktree", "out/b.yaml");
    rmSync(join(root, "out"), { recursive: true });
    const { tree } = await openWorkspace(root);
    expect(tree.paths.filter((path) => !(path in more))).toEqual(["c.yaml", "flagged.yaml", "in/a.yaml"]);
    expect(tree.grep("needle")).toEqual(["c.yaml", "flagged.yaml", "in/a.yaml"]);
  });

  it.each(SIZES)("answers grep like a full read does: %s", async (_, more) => {
    const root = makeRepo({
      ...more,
      "a.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\n",
      "b.yaml": "x: -e $(y) é\n",
      "c.bin": "toolkit.fluxcd.io\0",
      "deep/d.yaml": "two\nlines",
      "e.yaml": "toolkit.fluxcd.io",
      "f.yaml": "cron: 0 [12]x \\d",
    });
    put(root, { "untracked.yaml": "toolkit.fluxcd.io", "e.yaml": "edited", "a b.yaml": "toolkit.fluxcd.io -e" });
    const prefetch = ["toolkit.fluxcd.io", "-e", ""];
    const { tree } = await openWorkspace(root, prefetch);
    for (const needle of [
      "toolkit.fluxcd.io",
      "kustomize.toolkit.fluxcd.io/v1",
      "-e",
      "-e $(",
      "é",
      "o\nl",
      "[12]x",
      "\\d",
      "zz",
      "",
    ]) {
      expect([needle, tree.grep(needle)]).toEqual([needle, grepSlowly((await openWorkspace(root)).tree, needle)]);
    }
  });

  it("needs no process for what was prefetched", async () => {
    const root = makeRepo({ "a.yaml": "toolkit.fluxcd.io/v1", "b.yaml": "other" });
    const { tree } = await openWorkspace(root, ["toolkit.fluxcd.io", "other"]);
    process.env.PATH = "/nowhere";
    put(root, { "b.yaml": "toolkit.fluxcd.io/v1" });
    expect(tree.grep("toolkit.fluxcd.io/v1")).toEqual(["a.yaml"]);
    expect(tree.grep("other")).toEqual(["b.yaml"]);
    expect(tree.read("a.yaml")).toBe("toolkit.fluxcd.io/v1");
  });

  it("opens a repository without commits, and one with a detached HEAD", async () => {
    const empty = makeFolder();
    git(empty, "init", "-q", "-b", "trunk");
    put(empty, { "a.yaml": "needle" });
    const unborn = await openWorkspace(empty);
    expect(unborn.tree.grep("needle")).toEqual(["a.yaml"]);
    expect(unborn.git).toMatchObject({ head: undefined, branch: "trunk", detached: false });
    const root = makeRepo({ "a.yaml": "a" });
    git(root, "checkout", "-q", "--detach");
    const detached = (await openWorkspace(root)).git;
    expect(detached).toMatchObject({ branch: undefined, detached: true, head: git(root, "rev-parse", "HEAD").trim() });
  });

  it("ignores a GIT_DIR that points elsewhere", async () => {
    const other = makeRepo({ "other.yaml": "" });
    const root = makeRepo({ "a.yaml": "a" });
    process.env.GIT_DIR = join(other, ".git");
    try {
      const workspace = await openWorkspace(root);
      expect(workspace.tree.paths).toEqual(["a.yaml"]);
      expect(workspace.git?.stateDir).toBe(join(root, ".git/fluxlift"));
      expect(workspace.git?.dirty()).toEqual([]);
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

describe("openWorkspace outside git", () => {
  it("walks, minding .gitignore and nested repositories", async () => {
    const root = makeFolder();
    put(root, {
      ".gitignore": "*.log\n/build\n!keep.log\nfolder/\n",
      "a.yaml": "needle",
      "x.log": "needle",
      "keep.log": "needle",
      "build/y": "needle",
      "sub/build/z.yaml": "needle",
      "sub/.gitignore": "!x.log\nz2.yaml\n",
      "sub/x.log": "needle",
      "sub/z2.yaml": "needle",
      "folder/f.yaml": "needle",
      "clone/.git/HEAD": "ref: refs/heads/main\n",
      "clone/c.yaml": "needle",
    });
    symlinkSync("a.yaml", join(root, "link.yaml"));
    const { tree, git: facts } = await openWorkspace(root, ["needle"]);
    expect(facts).toBeNull();
    const listed = [".gitignore", "a.yaml", "keep.log", "link.yaml", "sub/.gitignore", "sub/build/z.yaml", "sub/x.log"];
    expect(tree.paths).toEqual(listed);
    expect(tree.status("link.yaml")).toBe("symlink");
    expect(tree.grep("needle")).toEqual(["a.yaml", "keep.log", "sub/build/z.yaml", "sub/x.log"]);
  });

  it("does without a git executable, where no repository is", async () => {
    const [root, folder] = [makeRepo({ "a.yaml": "needle" }), makeFolder()];
    put(folder, { "a.yaml": "needle" });
    process.env.PATH = "/nowhere";
    for (const needles of [[], ["needle"]]) {
      const { git: facts, tree } = await openWorkspace(folder, needles);
      expect([facts, tree.grep("needle")]).toEqual([null, ["a.yaml"]]);
      await expect(openWorkspace(root, needles)).rejects.toMatchObject({ code: "git-missing" });
    }
  });

  it("walks a folder that the repository around it ignores", async () => {
    const root = makeRepo({ ".gitignore": "scratch/\n", "a.yaml": "a" });
    put(root, { "scratch/tree/b.yaml": "needle" });
    const { tree, git: facts } = await openWorkspace(join(root, "scratch/tree"));
    expect(facts).toBeNull();
    expect(tree.grep("needle")).toEqual(["b.yaml"]);
  });

  it("refuses what is no folder, and a bare repository", async () => {
    const root = makeFolder();
    put(root, { file: "" });
    git(root, "init", "-q", "--bare", "bare.git");
    for (const bad of [join(root, "nowhere"), join(root, "file"), join(root, "bare.git")]) {
      await expect(openWorkspace(bad)).rejects.toThrow(RepoError);
    }
  });

  it("opens through a symlink to the root", async () => {
    const root = makeRepo({ "a.yaml": "a" });
    const alias = join(makeFolder(), "alias");
    symlinkSync(root, alias);
    expect(await openWorkspace(alias)).toMatchObject({ root, git: { topLevel: root } });
  });
});
