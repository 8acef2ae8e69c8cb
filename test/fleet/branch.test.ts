import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FleetResult } from "../../src/contract/fleet.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { branch, fingerprint, makeTrap, runBuilt } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";

const OWNER = {
  GIT_AUTHOR_NAME: "Owner",
  GIT_AUTHOR_EMAIL: "owner@example.org",
  GIT_COMMITTER_NAME: "Owner",
  GIT_COMMITTER_EMAIL: "owner@example.org",
};
const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");

function fleet(paths: readonly string[], flags: readonly string[] = []) {
  const root = makeTempDir();
  writeFileSync(join(root, "list"), `${paths.join("\n")}\n`);
  const args = ["fleet", "list", "--branch-and-commit", "-o", "out.jsonl", ...flags];
  const run = () => ({ ...runBuilt(root, args, OWNER), results: read(join(root, "out.jsonl")) });
  return { root, args, run };
}

function read(file: string): FleetResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as FleetResult);
}

function addHook(repo: string, name: string, script: string): void {
  mkdirSync(join(repo, ".git/hooks"), { recursive: true });
  writeFileSync(join(repo, ".git/hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** All that an owner sees of a repository but the branch that is asked for. */
function seen(root: string) {
  return {
    files: readTree(root),
    head: git(root, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD"),
    status: git(root, "status", "--porcelain"),
    worktrees: git(root, "worktree", "list"),
    branches: git(root, "branch", "--format=%(refname:short)").replace("fluxlift/install\n", ""),
  };
}

describe("a branch in each repository", () => {
  test("holds what migrate --commit writes, one commit on top; files, index and branch of the owner stay", () => {
    const repo = makeRepo(EXAMPLE);
    const same = makeRepo(EXAMPLE);
    const before = seen(repo);
    const { results, code, err } = fleet([repo]).run();
    expect([code, err]).toEqual([0, expect.stringContaining("1 with nothing to act on")]);
    expect(seen(repo)).toEqual(before);
    expect(git(repo, "rev-parse", "fluxlift/install").trim()).toBe(results[0]!.branch!.commit);
    expect(results[0]).toMatchObject({
      action: "plan",
      branch: { name: "fluxlift/install" },
      commit: expect.any(String),
    });
    expect(git(repo, "rev-parse", "fluxlift/install^").trim()).toBe(results[0]!.commit);
    expect(runBuilt(same, ["migrate", "--yes", "--commit"], OWNER).code).toBe(0);
    const tree = (root: string, at: string) => git(root, "rev-parse", `${at}^{tree}`);
    expect(tree(repo, "fluxlift/install")).toBe(tree(same, "HEAD"));
    expect(git(repo, "log", "-1", "--format=%B", "fluxlift/install")).toBe(git(same, "log", "-1", "--format=%B"));
  });

  test("a dirty tree, one without a repository and one without anything to do: said, and nothing is written", () => {
    const dirty = makeRepo(EXAMPLE);
    writeFiles(dirty, { "notes.txt": "mine\n" });
    const plain = makeRepo(EXAMPLE, { branch: false });
    const none = makeRepo({ "a.txt": "hello\n" });
    const before = [dirty, plain, none].map((one) => fingerprint(one));
    const good = makeRepo(EXAMPLE);
    const run = fleet([dirty, plain, none, good]).run();
    expect(run.results.map(({ end, branch: made }) => [end, made?.name])).toEqual([
      ["failed", undefined],
      ["failed", undefined],
      ["act", undefined],
      ["done", "fluxlift/install"],
    ]);
    expect(run.results[0]!.error).toMatch(/uncommitted changes:\n {2}\?\? notes\.txt\nCommit or stash/);
    expect(run.results[1]!.error).toContain("is no git repository with a commit");
    expect([dirty, plain, none].map((one) => fingerprint(one))).toEqual(before);
  });

  test("a run again makes nothing twice, and takes up what has become clean", () => {
    const [dirty, good] = [makeRepo(EXAMPLE), makeRepo(EXAMPLE)];
    writeFiles(dirty, { "notes.txt": "mine\n" });
    const { run } = fleet([dirty, good]);
    run();
    const made = git(good, "rev-parse", "fluxlift/install");
    commitAll(dirty, "Notes");
    const again = run();
    expect(again.err).toContain("1 are done already");
    expect(again.results.map(({ end }) => end)).toEqual(["done", "done"]);
    expect(git(good, "rev-parse", "fluxlift/install")).toBe(made);
  });

  test("killed at any moment, a branch is whole or not there, and the next run makes it", async () => {
    const repo = makeRepo(EXAMPLE);
    const before = seen(repo);
    const { root, args, run } = fleet([repo]);
    for (const ms of [300, 700, 1000, 1300]) {
      const bin = join(PROJECT_ROOT, "dist/fluxlift.js");
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: root,
        stdio: "ignore",
        env: { ...process.env, ...OWNER },
      });
      await new Promise((go) => setTimeout(go, ms));
      child.kill("SIGKILL");
      await new Promise((go) =>
        child.exitCode === null && child.signalCode === null ? child.once("close", go) : go(0),
      );
      expect({ ...seen(repo), worktrees: "" }).toEqual({ ...before, worktrees: "" });
      const there = git(repo, "branch", "--list", "fluxlift/install") !== "";
      if (there) expect(git(repo, "rev-list", "--count", "HEAD..fluxlift/install").trim()).toBe("1");
    }
    expect(run().results[0]).toMatchObject({ end: "done", branch: { name: "fluxlift/install" } });
    expect(seen(repo)).toEqual(before);
  });

  test("a branch that holds something else stays as it is; another name does", () => {
    const repo = makeRepo(EXAMPLE);
    branch(repo, "fluxlift/install");
    writeFiles(repo, { "own.txt": "mine\n" });
    commitAll(repo, "Mine");
    git(repo, "checkout", "-q", "main");
    const mine = git(repo, "rev-parse", "fluxlift/install");
    expect(fleet([repo]).run().results[0]).toMatchObject({
      end: "failed",
      error: expect.stringMatching(/branch fluxlift\/install already.*\n.*--branch/),
    });
    expect(git(repo, "rev-parse", "fluxlift/install")).toBe(mine);
    expect(fleet([repo], ["--branch", "move/flux"]).run().results[0]!.branch!.name).toBe("move/flux");
  });

  test("a phase before its time makes no branch", () => {
    const repo = makeRepo(EXAMPLE);
    const { results, code } = fleet([repo], ["--phase", "cutover"]).run();
    expect([code, results[0]!.end, results[0]!.branch]).toEqual([1, "act", undefined]);
    expect(results[0]!.blockers.length).toBeGreaterThan(0);
    expect(git(repo, "branch", "--list", "fluxlift/*")).toBe("");
  });

  test("a hook that refuses the commit is said, and leaves no branch", () => {
    const repo = makeRepo(EXAMPLE);
    addHook(repo, "pre-commit", "echo not today >&2\nexit 1");
    const [result] = fleet([repo]).run().results;
    expect(result).toMatchObject({ end: "failed", error: expect.stringContaining("not today") });
    expect(git(repo, "branch", "--list", "fluxlift/*")).toBe("");
    expect(git(repo, "worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  test("of a repository that is listed twice is made once at a time", () => {
    const repo = makeRepo(EXAMPLE);
    addHook(repo, "pre-commit", `mkdir '${repo}/.git/busy' || exit 1; sleep 1; rmdir '${repo}/.git/busy'`);
    const { results, code } = fleet([repo, `${repo}/`], ["--jobs=2"]).run();
    expect([code, results.map(({ end }) => end)]).toEqual([0, ["done", "done"]]);
    expect(results[0]!.branch).toEqual(results[1]!.branch);
  });

  test("no hook runs but those of a commit", () => {
    const repo = makeRepo(EXAMPLE);
    const { command, sprung } = makeTrap();
    for (const hook of ["post-checkout", "pre-push", "post-rewrite"]) addHook(repo, hook, `${command} ${hook}`);
    expect(fleet([repo]).run().results[0]!.branch).toBeDefined();
    expect(sprung()).toEqual([]);
  });
});

describe("addresses", () => {
  test("are cloned into a folder that stays, without user and password, and hold the branch there", () => {
    const repo = makeRepo(EXAMPLE);
    const before = fingerprint(repo);
    const { root, run } = fleet([`file://${repo}`], ["--clones", "clones"]);
    const [result] = run().results;
    const [name, ...more] = readdirSync(join(root, "clones"));
    expect([name, more]).toEqual([expect.stringMatching(/^fluxlift-test-\w+-[0-9a-f]{8}$/), []]);
    expect(git(join(root, "clones", name!), "rev-parse", "fluxlift/install").trim()).toBe(result!.branch!.commit);
    expect(fingerprint(repo)).toBe(before);
  });

  test("need that folder", () => {
    const { err, code } = fleet(["https://example.org/a.git"]).run();
    expect([code, err]).toEqual([2, expect.stringContaining("--clones")]);
  });
});

test.each([
  [["--action", "verify"], "verify makes none"],
  [["--branch", "-x"], "is no name of a branch"],
])("%j is refused", (flags, says) => {
  const { err, code } = fleet([makeRepo(homeTree())], flags).run();
  expect([code, err]).toEqual([2, expect.stringContaining(says)]);
});
