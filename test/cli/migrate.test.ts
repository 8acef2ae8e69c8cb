import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { blocker, engineThatPlans, planOf, runCli } from "../support/run-cli.ts";

const FILES = { "a.yaml": "a: 1\n", "old.yaml": "old: true\n" };
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: "a: 1\n", after: "a: 2\n" },
  { path: "new/b.yaml", after: "b: 1\n" },
  { path: "old.yaml", before: "old: true\n" },
];
const AFTER = { "a.yaml": "a: 2\n", "new/b.yaml": "b: 1\n" };
const loader = engineThatPlans((workspace, options) => planOf(workspace, options, [CHANGES]));
const idle = engineThatPlans((workspace, options) => planOf(workspace, options, [[]]));

describe("migrate without a terminal", () => {
  test("prints the plan, writes nothing, exits 1", async () => {
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", root], { loader });
    expect(run.code).toBe(1);
    expect(run.out).toContain("+++ b/new/b.yaml");
    expect(run.err).toContain("--yes");
    expect(readTree(root)).toEqual(FILES);
  });

  test("needs no clean tree as long as it writes nothing", async () => {
    const root = makeRepo(FILES);
    writeFiles(root, { "c.yaml": "c: 1\n" });
    const run = await runCli(["migrate", root], { loader });
    expect(run.err).not.toContain("uncommitted");
    expect(run.code).toBe(1);
  });

  test("--yes writes everything and says what is next", async () => {
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", "--yes", root], { loader });
    expect(run.err).toContain("Wrote 3 files (1 new, 1 changed, 1 removed)");
    expect(run.err).toContain("    git add -AN && git diff\n");
    expect(run.err.trimEnd().split("\n").at(-1)).toBe("    fluxlift migrate --phase cutover");
    expect(run.out).toBe("");
    expect(run.code).toBe(0);
    expect(readTree(root)).toEqual(AFTER);
  });

  test("--yes --format json prints the plan as data", async () => {
    const run = await runCli(["migrate", "--yes", "--format", "json", makeRepo(FILES)], { loader });
    expect(JSON.parse(run.out).tool).toBe("fluxlift");
  });
});

describe("migrate on a terminal", () => {
  test.each(["", "n", "no", undefined])("answer %j writes nothing, exits 1", async (answer) => {
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", root], { loader, answers: [answer] });
    expect(run.asked).toEqual(["Write 3 files (1 new, 1 changed, 1 removed)? [y/N, d shows the diff] "]);
    expect(run.code).toBe(1);
    expect(readTree(root)).toEqual(FILES);
  });

  test.each(["y", "Yes"])("answer %j writes", async (answer) => {
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", root], { loader, answers: [answer] });
    expect(run.code).toBe(0);
    expect(readTree(root)).toEqual(AFTER);
  });

  test("an answer that is neither is asked again, and then taken", async () => {
    const run = await runCli(["migrate", makeRepo(FILES)], { loader, answers: ["maybe", "ja", "y"] });
    expect([run.code, run.asked.length]).toEqual([0, 3]);
    expect(run.err).toContain("Please answer y, n or d.");
  });

  test("d shows the diff and asks again", async () => {
    const run = await runCli(["migrate", makeRepo(FILES)], { loader, answers: ["d", "n"] });
    expect(run.out).toContain("--- a/a.yaml");
    expect(run.asked).toHaveLength(2);
  });
});

describe("migrate looks before it writes", () => {
  test.each(["--dry-run", "--check"])("%s writes nothing even with --yes", async (flag) => {
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", "--yes", flag, root], { loader });
    expect(readTree(root)).toEqual(FILES);
    expect(run.code).toBe(flag === "--check" ? 1 : 0);
    expect(run.out).toContain("+++ b/a.yaml");
  });

  test("--check exits 0 when nothing is left to do", async () => {
    expect((await runCli(["migrate", "--check", makeRepo(FILES)], { loader: idle })).code).toBe(0);
  });

  test("nothing to do is no failure, also on a dirty tree", async () => {
    const root = makeRepo(FILES);
    writeFiles(root, { "a.yaml": "a: 9\n" });
    const run = await runCli(["migrate", "--yes", root], { loader: idle });
    expect(run.code).toBe(0);
    expect(run.err).toContain("REPORT");
  });

  test("a dirty tree is refused before anything is asked; --allow-dirty overrides", async () => {
    const root = makeRepo(FILES);
    writeFiles(root, { "c.yaml": "c: 1\n" });
    const refused = await runCli(["migrate", root], { loader, answers: [] });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("c.yaml");
    expect(refused.err).toContain("--allow-dirty");
    const allowed = await runCli(["migrate", "--yes", "--allow-dirty", root], { loader });
    expect(allowed.code).toBe(0);
    expect(readTree(root)).toEqual({ ...AFTER, "c.yaml": "c: 1\n" });
  });

  test("a text that would not parse is never written", async () => {
    const broken = engineThatPlans((workspace, options) =>
      planOf(workspace, options, [[{ path: "a.yaml", before: "a: 1\n", after: "a: [\n" }, ...CHANGES.slice(1)]]),
    );
    const root = makeRepo(FILES);
    const run = await runCli(["migrate", "--yes", root], { loader: broken });
    expect(run.code).toBe(2);
    expect(run.err).toContain("a.yaml");
    expect(readTree(root)).toEqual(FILES);
  });

  test("a file that never parsed may be edited", async () => {
    const templates = { "t.yaml": "a: {{ x }\n" };
    const loader = engineThatPlans((workspace, options) =>
      planOf(workspace, options, [[{ path: "t.yaml", before: "a: {{ x }\n", after: "b: {{ x }\n" }]]),
    );
    const root = makeRepo(templates);
    expect((await runCli(["migrate", "--yes", root], { loader })).code).toBe(0);
    expect(readTree(root)).toEqual({ "t.yaml": "b: {{ x }\n" });
  });
});

describe("blockers", () => {
  test("for every cluster: nothing to write, exit 1", async () => {
    const loader = engineThatPlans((workspace, options) => planOf(workspace, options, [[]], [blocker("no")]));
    expect((await runCli(["migrate", "--yes", makeRepo(FILES)], { loader })).code).toBe(1);
  });

  test("for one of several: the others are written, exit 1", async () => {
    const loader = engineThatPlans((workspace, options) => planOf(workspace, options, [CHANGES], [blocker("no")]));
    const root = makeRepo(FILES);
    expect((await runCli(["migrate", "--yes", root], { loader })).code).toBe(1);
    expect(readTree(root)).toEqual(AFTER);
  });
});

describe("--commit", () => {
  const phases: FileChange[][] = [
    [{ path: "a.yaml", before: "a: 1\n", after: "a: 2\n" }],
    [],
    [
      { path: "a.yaml", before: "a: 2\n", after: "a: 3\n" },
      { path: "old.yaml", before: "old: true\n" },
    ],
  ];
  const loader = engineThatPlans((workspace, options) => planOf(workspace, options, phases));

  test("makes one commit a phase that changes something, of exactly those files", async () => {
    const root = makeRepo(FILES);
    git(root, "config", "user.name", "Test");
    git(root, "config", "user.email", "test@example.invalid");
    writeFiles(root, { "mine.txt": "mine\n" });
    const run = await runCli(["migrate", "--phase", "all", "--direct", "--commit", "--yes", "--allow-dirty", root], {
      loader,
    });
    expect(run.code).toBe(0);
    const subjects = git(root, "log", "--format=%s", "--reverse").trim().split("\n").slice(1);
    expect(subjects).toEqual([
      "Add Flux Operator beside the old Flux install",
      "Remove what the move to Flux Operator left behind",
    ]);
    expect(git(root, "show", "--format=", "--name-only", "HEAD~1").trim()).toBe("a.yaml");
    expect(git(root, "status", "--porcelain").trim()).toBe("?? mine.txt");
    expect(readFileSync(join(root, "a.yaml"), "utf8")).toBe("a: 3\n");
  });

  test("without it all phases are one write that one undo takes back", async () => {
    const root = makeRepo(FILES);
    await runCli(["migrate", "--phase", "all", "--direct", "--yes", root], { loader });
    expect(readTree(root)).toEqual({ "a.yaml": "a: 3\n" });
    await runCli(["undo", "--yes", root], { loader });
    expect(readTree(root)).toEqual(FILES);
  });

  test("outside git it is a usage error", async () => {
    process.env.XDG_STATE_HOME = makeTempDir();
    const root = makeRepo(FILES, { branch: false });
    const run = await runCli(["migrate", "--commit", "--yes", root], { loader });
    expect(run.code).toBe(2);
    expect(run.err).toContain("--commit needs a git repository");
    expect(readTree(root)).toEqual(FILES);
  });
});

test("--phase all without --direct is refused", async () => {
  const run = await runCli(["migrate", "--phase", "all", makeRepo(FILES)], { loader });
  expect(run.code).toBe(2);
  expect(run.err).toContain("--direct");
});

test("flags reach the plan", async () => {
  let seen: unknown;
  const spy = engineThatPlans((workspace, options) => {
    seen = options;
    return planOf(workspace, options, [[]]);
  });
  const root = makeRepo(FILES);
  commitAll(root, "More");
  const argv = ["plan", "--phase", "cutover", "--cluster", "main,edge", "--cluster", "lab", "--sync", "keep", root];
  await runCli([...argv, "--flux-version", "2.6.x", "--service-monitor", "--artifact-path", "./deploy/"], {
    loader: spy,
  });
  expect(seen).toEqual({
    phase: "cutover",
    sync: "keep",
    clusters: ["main", "edge", "lab"],
    direct: false,
    only: [],
    skip: [],
    serviceMonitor: true,
    layout: "auto",
    fluxVersion: "2.6.x",
    artifactPath: "deploy",
  });
});
