import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RepoError } from "../../src/contract/errors.ts";
import { commitChanges } from "../../src/files/commit.ts";
import { openGit } from "../../src/files/git.ts";
import { hashBase, sha256 } from "../../src/files/hash.ts";
import { openMerge } from "../../src/files/merge.ts";
import { openRevision, resolveRevision } from "../../src/files/revision.ts";
import { memoryTree } from "../support/memory.ts";
import { git, makeFolder, makeRepo, put, setMode } from "./helpers.ts";

describe("openGit", () => {
  it("lists uncommitted changes, untracked and staged ones too", () => {
    const root = makeRepo({ "a.yaml": "a", "b c.yaml": "b", ".gitignore": "*.log\n" });
    expect(openGit(root)?.dirty()).toEqual([]);
    put(root, { "a.yaml": "changed", "new/x.yaml": "", "y.log": "" });
    git(root, "mv", "b c.yaml", "d.yaml");
    expect([...(openGit(root)?.dirty() ?? [])].sort()).toEqual([
      " M a.yaml",
      "?? new/x.yaml",
      "A  d.yaml",
      "D  b c.yaml",
    ]);
  });

  it("tells remotes without their credentials", () => {
    const root = makeRepo({});
    expect(openGit(root)).toMatchObject({ branch: "main" });
    expect(openGit(root)?.remotes()).toEqual([]);
    git(root, "remote", "add", "origin", "https://user:token@example.org/me/repo.git");
    git(root, "remote", "add", "fork", "git@example.org:me/fork.git");
    expect(openGit(root)?.remotes()).toEqual([
      { name: "origin", url: "https://example.org/me/repo.git" },
      { name: "fork", url: "git@example.org:me/fork.git" },
    ]);
  });

  it("reads a name of a branch that holds what JavaScript takes for the end of a line", () => {
    const root = makeRepo({});
    git(root, "checkout", "-qb", "a\u2028b");
    expect(openGit(root)).toMatchObject({ branch: "a\u2028b" });
  });

  it("says first why a question failed", () => {
    const root = makeRepo({ "a.yaml": "a: 1\n" });
    put(root, { "a.yaml": "a: 2\n" });
    git(root, "commit", "-qam", "Change it");
    const id = git(root, "rev-parse", "HEAD^{tree}").trim();
    rmSync(join(root, ".git/objects", id.slice(0, 2), id.slice(2)));
    const merge = () => openMerge(root, { base: "HEAD~1", head: "HEAD" });
    expect(merge).toThrow(/git cannot compare \S+ with \S+: (fatal|error): /);
  });

  it("is null outside git", () => {
    expect(openGit(makeFolder())).toBeNull();
  });
});

describe("openRevision", () => {
  it("shows a commit, not the work tree", () => {
    const root = makeRepo({
      "a.yaml": "needle one",
      "sub/b.yaml": "needle two",
      "sub/bin": "needle\0",
      "sub/empty.yaml": "",
      "run.sh": "x",
    });
    setMode(root, "run.sh", 0o755);
    git(root, "commit", "-qam", "mode");
    put(root, { "a.yaml": "edited", "new.yaml": "needle" });
    const tree = openRevision(root, "HEAD");
    expect(tree.paths).toEqual(["a.yaml", "run.sh", "sub/b.yaml", "sub/bin", "sub/empty.yaml"]);
    expect(tree.read("a.yaml")).toBe("needle one");
    expect(tree.read("sub/empty.yaml")).toBe("");
    expect(tree.status("sub/bin")).toBe("binary");
    expect(tree.executable("run.sh")).toBe(true);
    expect(tree.executable("a.yaml")).toBe(false);
    expect(tree.grep("needle")).toEqual(["a.yaml", "sub/b.yaml"]);
    expect(tree.grep("needle one")).toEqual(["a.yaml"]);
    expect(tree.has("new.yaml")).toBe(false);
    expect(tree.read("new.yaml")).toBeUndefined();
  });

  it("keeps to the root when that is a subfolder, and leaves submodules out", () => {
    const library = makeRepo({ "lib.yaml": "needle" });
    const root = makeRepo({ "top.yaml": "needle", "sub/b.yaml": "needle" });
    git(root, "submodule", "--quiet", "add", library, "sub/lib");
    git(root, "commit", "-q", "-m", "submodule");
    const tree = openRevision(join(root, "sub"), "main");
    expect(tree.paths).toEqual(["b.yaml"]);
    expect(tree.grep("needle")).toEqual(["b.yaml"]);
    expect(tree.read("b.yaml")).toBe("needle");
    put(root, { "later/x.yaml": "" });
    expect(openRevision(join(root, "later"), "main").paths).toEqual([]);
  });

  it("reads many files right, one at a time", () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}.yaml`, `text ${i} é\n`.repeat(i)]));
    const tree = openRevision(makeRepo(files), "HEAD");
    for (const [path, text] of Object.entries(files)) expect(tree.read(path)).toBe(text);
  });

  it("resolves revisions and refuses what is none", () => {
    const root = makeRepo({ "a.yaml": "a" });
    const head = git(root, "rev-parse", "HEAD").trim();
    git(root, "tag", "-a", "v1", "-m", "tag");
    for (const rev of ["HEAD", "main", "v1", head.slice(0, 10)]) expect(resolveRevision(root, rev)).toBe(head);
    for (const rev of ["nope", "--all", "HEAD:a.yaml", ""]) expect(resolveRevision(root, rev)).toBeUndefined();
    expect(resolveRevision(makeFolder(), "HEAD")).toBeUndefined();
    expect(() => openRevision(root, "nope")).toThrow(RepoError);
  });
});

it("goes by the parents that a commit has, as a clone does: grafts and replacements are of this copy alone", () => {
  const root = makeRepo({ "a.yaml": "a" });
  const commit = (text: string) => {
    put(root, { "a.yaml": text });
    git(root, "commit", "-q", "-a", "-m", text);
    return git(root, "rev-parse", "HEAD").trim();
  };
  const first = git(root, "rev-parse", "HEAD").trim();
  const [second, third] = [commit("b"), commit("c")];
  put(root, { ".git/info/grafts": `${third} ${first}\n` });
  expect(git(root, "rev-parse", "HEAD~1").trim()).toBe(first);
  expect(resolveRevision(root, "HEAD~1")).toBe(second);
});

describe("commitChanges", () => {
  it("commits exactly the named paths", () => {
    const root = makeRepo({ "a.yaml": "a", "gone.yaml": "g", "staged.yaml": "s", "*.yaml": "star" });
    put(root, { "staged.yaml": "other work", "new/x.yaml": "x", "unrelated.yaml": "u", "a.yaml": "a2" });
    put(root, { "*.yaml": "star2" });
    git(root, "add", "staged.yaml");
    git(root, "rm", "-q", "gone.yaml");
    const id = commitChanges(root, ["*.yaml", "new/x.yaml"], "fluxlift: install");
    expect(git(root, "rev-parse", "HEAD").trim()).toBe(id);
    expect(git(root, "show", "--format=%s", "--name-status", id)).toBe(
      "fluxlift: install\n\nM\t*.yaml\nA\tnew/x.yaml\n",
    );
    expect(git(root, "diff", "--cached", "--name-only")).toBe("gone.yaml\nstaged.yaml\n");
    expect(git(root, "diff", "--name-only")).toBe("a.yaml\n");
  });

  it("commits deletions, in a subfolder, with a detached HEAD, and as the first commit", () => {
    const root = makeRepo({ "sub/gone.yaml": "g", "sub/kept.yaml": "k" });
    git(root, "checkout", "-q", "--detach");
    rmSync(join(root, "sub/gone.yaml"));
    const id = commitChanges(join(root, "sub"), ["gone.yaml"], "remove");
    expect(git(root, "show", "--format=", "--name-status", id)).toBe("D\tsub/gone.yaml\n");
    const empty = makeFolder();
    git(empty, "init", "-q");
    git(empty, "config", "user.name", "Test");
    git(empty, "config", "user.email", "test@example.org");
    put(empty, { "a.yaml": "a", "b.yaml": "b" });
    commitChanges(empty, ["a.yaml"], "first");
    expect(git(empty, "ls-tree", "--name-only", "HEAD")).toBe("a.yaml\n");
  });

  it("runs hooks, reports their refusal and leaves the index as it was", () => {
    const root = makeRepo({ "a.yaml": "a" });
    const hook = join(root, ".git/hooks/pre-commit");
    writeFileSync(hook, "#!/bin/sh\necho 'yamllint: line too long' >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    put(root, { "a.yaml": "a2", "new.yaml": "n" });
    expect(() => commitChanges(root, ["a.yaml", "new.yaml"], "x")).toThrow(/yamllint: line too long/);
    expect(git(root, "status", "--porcelain")).toBe(" M a.yaml\n?? new.yaml\n");
  });

  it("reports a path that git ignores, and leaves the index as it was", () => {
    const root = makeRepo({ ".gitignore": "*.log\n" });
    put(root, { "x.log": "x", "b.yaml": "b" });
    expect(() => commitChanges(root, ["x.log", "b.yaml"], "x")).toThrow(RepoError);
    expect(git(root, "status", "--porcelain")).toBe("?? b.yaml\n");
  });
});

describe("base hashes", () => {
  it("names the text of every file once, in order", () => {
    const tree = memoryTree({ "a.yaml": "a", "b.yaml": "é\n", "c.yaml": "c" }, { statuses: { bin: "binary" } });
    const base = hashBase(tree, ["c.yaml", "a.yaml", "b.yaml", "a.yaml", "bin", "missing"]);
    expect(Object.keys(base)).toEqual(["a.yaml", "b.yaml", "c.yaml"]);
    expect(base["b.yaml"]).toBe(sha256(Buffer.from("é\n")));
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
