import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { blocker, engineThatPlans, planOf, runCli } from "../support/run-cli.ts";

const FILES = { "a.yaml": "a: 1\n", "read.yaml": "r: 1\n", "old.yaml": "old: true\n" };
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: "a: 1\n", after: "a: 2\n" },
  { path: "new/b.yaml", after: "b: 1\n" },
  { path: "old.yaml", before: "old: true\n" },
];
const AFTER = { "a.yaml": "a: 2\n", "read.yaml": "r: 1\n", "new/b.yaml": "b: 1\n" };
/** Also rests on a file it does not change. */
const loader = engineThatPlans((workspace, options) => {
  const plan = planOf(workspace, options, [CHANGES]);
  const { base } = planOf(workspace, options, [[{ path: "read.yaml", before: "r: 1\n", after: "" }]]);
  return { ...plan, base: { ...plan.base, ...base } };
});

async function savePlan(root: string, file = join(makeTempDir(), "plan.json")): Promise<string> {
  const run = await runCli(["plan", "-o", file, root], { loader });
  expect(run.code).toBe(0);
  expect(run.out).toBe("");
  return file;
}

test("a saved plan is written as it was reviewed, without planning again", async () => {
  const root = makeRepo(FILES);
  const plan = await savePlan(root);
  const noPlanning = engineThatPlans(() => {
    throw new Error("apply must not plan");
  });
  const run = await runCli(["apply", "--yes", plan, root], { loader: noPlanning });
  expect(run.err).toContain("Wrote 3 files");
  expect(run.code).toBe(0);
  expect(readTree(root)).toEqual(AFTER);
});

test("the plan may lie in the tree it changes", async () => {
  const root = makeRepo(FILES);
  const plan = await savePlan(root, join(root, "plan.json"));
  expect((await runCli(["apply", "--yes", "plan.json"], { loader, cwd: root })).code).toBe(0);
  expect(readTree(root)).toEqual({ ...AFTER, "plan.json": readFileSync(plan, "latin1") });
});

test("a plan with a blocker is written for the other clusters, exit 1", async () => {
  const blocked = engineThatPlans((workspace, options) => planOf(workspace, options, [CHANGES], [blocker("no")]));
  const root = makeRepo(FILES);
  const file = join(makeTempDir(), "plan.json");
  await runCli(["plan", "-o", file, root], { loader: blocked });
  expect((await runCli(["apply", "--yes", file, root], { loader })).code).toBe(1);
  expect(readTree(root)).toEqual(AFTER);
});

test("a plan of nothing but a blocker says what that is, and ends with no tick", async () => {
  const blocked = engineThatPlans((workspace, options) => planOf(workspace, options, [[]], [blocker("no")]));
  const root = makeRepo(FILES);
  const file = join(makeTempDir(), "plan.json");
  await runCli(["plan", "-o", file, root], { loader: blocked });
  const run = await runCli(["apply", "--yes", file, root], { loader });
  expect(run.code).toBe(1);
  expect(run.err).toContain("REPORT");
  expect(run.err).toMatch(/✗ \S+ changes nothing\.\n$/);
});

describe("refuses when the tree has moved", () => {
  const moves: Record<string, (root: string) => void> = {
    "a file it changes": (root) => writeFiles(root, { "a.yaml": "a: 9\n" }),
    "a file it only read": (root) => writeFiles(root, { "read.yaml": "r: 9\n" }),
    "a file it creates": (root) => writeFiles(root, { "new/b.yaml": "mine: 1\n" }),
  };
  test.each(Object.entries(moves))("%s", async (_what, move) => {
    const root = makeRepo(FILES);
    const plan = await savePlan(root);
    move(root);
    const moved = readTree(root);
    const run = await runCli(["apply", "--yes", "--allow-dirty", plan, root], { loader });
    expect(run.code).toBe(2);
    expect(run.err).toMatch(/(?:a|read|new\/b)\.yaml (?:has changed|exists now)/);
    expect(readTree(root)).toEqual(moved);
  });

  const instead: Record<string, [instead: (file: string) => void, says: string]> = {
    "a link": [(file) => symlinkSync("read.yaml", file), "a link now"],
    "a folder": [(file) => writeFiles(file, { "in.yaml": "a: 1\n" }), "a folder now"],
    "bytes that are no text": [(file) => writeFileSync(file, "a\0b"), "no text any more"],
    nothing: [() => {}, "gone"],
  };
  test.each(Object.entries(instead))("%s in place of a file: says what stands there", async (_what, [put, says]) => {
    const root = makeRepo(FILES);
    const plan = await savePlan(root);
    rmSync(join(root, "a.yaml"));
    put(join(root, "a.yaml"));
    const run = await runCli(["apply", "--yes", "--allow-dirty", plan, root], { loader });
    expect([run.code, run.err]).toEqual([2, expect.stringMatching(new RegExp(`a\\.yaml is ${says}`))]);
  });
});

test("without a terminal and --yes it shows the plan and exits 1", async () => {
  const root = makeRepo(FILES);
  const run = await runCli(["apply", await savePlan(root), root], { loader });
  expect(run.code).toBe(1);
  expect(run.err).toContain("--yes");
  expect(readTree(root)).toEqual(FILES);
});

test("on a terminal it asks, and no is the default", async () => {
  const root = makeRepo(FILES);
  const plan = await savePlan(root);
  expect((await runCli(["apply", plan, root], { loader, answers: [""] })).code).toBe(1);
  expect(readTree(root)).toEqual(FILES);
  expect((await runCli(["apply", plan, root], { loader, answers: ["y"] })).code).toBe(0);
  expect(readTree(root)).toEqual(AFTER);
});

test("a dirty tree is refused", async () => {
  const root = makeRepo(FILES);
  const plan = await savePlan(root);
  writeFiles(root, { "mine.txt": "mine\n" });
  const run = await runCli(["apply", "--yes", plan, root], { loader });
  expect(run.code).toBe(2);
  expect(run.err).toContain("mine.txt");
});

describe("refuses a file that is no plan", () => {
  const good = (): Plan & Record<string, unknown> => ({
    tool: "fluxlift",
    version: "0.0.0-test",
    schema: 1,
    options: {
      ...{ phase: "install" as const, sync: "adopt" as const, layout: "auto" as const },
      ...{ clusters: [], only: [], skip: [], direct: false, serviceMonitor: false },
    },
    scanned: { files: 0, fluxFiles: 0, git: null },
    phases: [{ phase: "install", clusters: [], files: [] }],
    findings: [],
    base: {},
  });
  const withFile = (path: string): string =>
    JSON.stringify({ ...good(), phases: [{ phase: "install", clusters: [], files: [{ path, after: "x" }] }] });
  const cases: [string, string, string][] = [
    ["not JSON", "{", "is not JSON"],
    ["another tool's", JSON.stringify({ ...good(), tool: "other" }), "was not saved by fluxlift"],
    ["a newer schema", JSON.stringify({ ...good(), schema: 2 }), "schema 2"],
    [
      "no phases",
      JSON.stringify({ ...good(), phases: undefined }),
      "is no plan: the whole must have required property 'phases'",
    ],
    [
      "a bad hash",
      JSON.stringify({ ...good(), base: { "a.yaml": "abc" } }),
      "is no plan: base.a.yaml must match pattern",
    ],
    ["a path above the root", withFile("../evil.yaml"), "outside the repository: ../evil.yaml"],
    ["an absolute path", withFile("/etc/passwd"), "outside the repository: /etc/passwd"],
    ["a path in git's folder", withFile(".git/hooks/pre-commit"), "outside the repository: .git/hooks/pre-commit"],
    ["a path in a nested git folder", withFile("x/.GIT/config"), "outside the repository: x/.GIT/config"],
  ];
  test.each(cases)("%s", async (_name, text, message) => {
    const file = join(makeTempDir(), "plan.json");
    writeFileSync(file, text);
    const run = await runCli(["apply", "--yes", file, makeRepo(FILES)], { loader });
    expect(run.code).toBe(2);
    expect(run.err).toContain(message);
  });

  test("a well-formed one that changes nothing is accepted", async () => {
    const file = join(makeTempDir(), "plan.json");
    writeFileSync(file, JSON.stringify(good()));
    const run = await runCli(["apply", "--yes", file, makeRepo(FILES)], { loader });
    expect(run.err).toContain("changes nothing");
    expect(run.code).toBe(0);
  });

  test("a missing file, and a folder", async () => {
    const root = makeRepo(FILES);
    mkdirSync(join(root, "dir"));
    for (const file of ["missing.json", "dir"]) {
      const run = await runCli(["apply", "--yes", file], { loader, cwd: root });
      expect(run.code).toBe(2);
      expect(run.err).toContain(`The plan ${file} cannot be read`);
    }
  });
});

describe("plan -o", () => {
  test.each([
    ["x.json", "{"],
    ["x.md", "# RUNBOOK"],
    ["x.patch", "diff --git"],
    ["x.txt", "REPORT"],
    ["preflight.sh", "#!/bin/sh"],
    ["plan", "{"],
  ])("%s gets what its name says", async (name, start) => {
    const file = join(makeTempDir(), name);
    const run = await runCli(["plan", "-o", file, makeRepo(FILES)], { loader });
    expect(run.code).toBe(0);
    expect(readFileSync(file, "utf8").startsWith(start)).toBe(true);
  });

  test("into a folder that does not exist is a usage error", async () => {
    const run = await runCli(["plan", "-o", join(makeTempDir(), "no/x.json"), makeRepo(FILES)], { loader });
    expect(run.code).toBe(2);
    expect(run.err).toContain("cannot be written (ENOENT)");
  });
});
