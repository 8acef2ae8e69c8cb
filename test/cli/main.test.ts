import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import pkg from "../../package.json" with { type: "json" };
import { InternalError, RepoError, UsageError } from "../../src/contract/errors.ts";
import { VERSION } from "../../src/contract/version.ts";
import { makeRepo, makeTempDir } from "../support/repo.ts";
import { blocker, engineThatPlans, planOf, runCli } from "../support/run-cli.ts";

const COMMANDS = ["scan", "plan", "migrate", "apply", "undo", "transforms"];
const idle = engineThatPlans((workspace, options) => planOf(workspace, options, [[]]));

function engineThatThrows(error: unknown) {
  return engineThatPlans(() => {
    throw error;
  });
}

describe("help and version need neither the engine nor a folder", () => {
  test("the version is the one of package.json", async () => {
    expect(VERSION).toBe(pkg.version);
    expect(await runCli(["--version"])).toMatchObject({ code: 0, out: `${pkg.version}\n`, err: "" });
  });

  test("--help names every command and the exit codes", async () => {
    const { code, out, err } = await runCli(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(out).toContain("Exit codes: 0");
  });

  test.each(COMMANDS)("%s --help has grouped flags and examples", async (command) => {
    const { code, out } = await runCli([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("General:\n");
    expect(out).toMatch(new RegExp(`Examples:\n  # .+\n  fluxlift ${command}`));
    expect(out).not.toContain("\nOptions:");
  });
});

describe("usage errors exit 2 and say what to do", () => {
  test.each([
    ["an unknown command", ["plna"], "There are: scan, plan"],
    ["an unknown flag, with a suggestion", ["plan", "--pahse", "install"], "Did you mean --phase?"],
    ["a value that is not one of the choices", ["plan", "--phase", "later"], "Allowed choices are install"],
    ["a flag without its value", ["plan", "--cluster"], "argument missing"],
    ["an empty list", ["plan", "--cluster", ","], "at least one name"],
    ["a plan that is not named", ["apply"], "missing required argument"],
    ["too many folders", ["plan", "a", "b"], "too many arguments"],
  ])("%s", async (_what, argv, message) => {
    const run = await runCli(argv);
    expect(run.err).toContain(message);
    expect(run.err).toMatch(/^✗ /);
    expect(run.out).toBe("");
    expect(run.code).toBe(2);
  });

  test("what a command does not take names the help of that command", async () => {
    expect((await runCli(["scan", "--json"])).err).toBe(
      "✗ unknown option '--json'\n'fluxlift scan --help' lists what it takes.\n",
    );
    expect((await runCli(["--jsn"])).err).toContain("'fluxlift --help' lists");
  });

  test("a transform that does not exist", async () => {
    const run = await runCli(["plan", "--only", "nope", makeRepo({})], { loader: idle });
    expect(run.code).toBe(2);
    expect(run.err).toContain("--only names no transform: nope");
  });

  test("a facts file that is missing, and one that is not JSON", async () => {
    const root = makeRepo({});
    const file = join(makeTempDir(), "facts.json");
    const missing = await runCli(["plan", "--facts", file, root], { loader: idle });
    expect(missing.err).toContain("cannot be read (ENOENT)");
    writeFileSync(file, "{");
    const broken = await runCli(["plan", "--facts", file, root], { loader: idle });
    expect(broken.err).toContain("is not JSON");
    expect([missing.code, broken.code]).toEqual([2, 2]);
  });
});

describe("folders", () => {
  test.each(["scan", "plan", "migrate"])("%s: one that does not exist, and a file", async (command) => {
    const root = makeRepo({ "file.txt": "x\n" });
    const missing = await runCli([command, join(root, "nope")], { loader: idle });
    expect(missing.err).toContain("does not exist");
    const file = await runCli([command, join(root, "file.txt")], { loader: idle });
    expect(file.err).toContain("is a file, not a folder");
    expect([missing.code, file.code]).toEqual([2, 2]);
  });

  test("without an argument the commands work where the user stands", async () => {
    const cwd = makeRepo({ "a.yaml": "a: 1\n" });
    let seen = "";
    const spy = engineThatPlans((workspace, options) => {
      seen = workspace.root;
      return planOf(workspace, options, [[]]);
    });
    for (const argv of [[], ["scan"], ["plan"], ["migrate"]]) {
      seen = "";
      expect((await runCli(argv, { loader: spy, cwd })).code).toBe(0);
      expect(seen).toBe(cwd);
    }
  });
});

describe("exit codes", () => {
  const change = { path: "new.yaml", after: "a: 1\n" };
  test.each([
    ["plan: changes", ["plan"], [change], [], 0],
    ["plan --check: changes", ["plan", "--check"], [change], [], 1],
    ["plan --check: nothing left", ["plan", "--check"], [], [], 0],
    ["plan: blocked", ["plan"], [], [blocker("no")], 1],
    ["scan: changes pending", ["scan"], [change], [], 0],
    ["scan: blocked", ["scan"], [], [blocker("no")], 1],
    ["overview: changes pending", [], [change], [], 0],
    ["a caution is no reason to fail", ["plan", "--check"], [], [{ ...blocker("hm"), level: "caution" as const }], 0],
  ])("%s", async (_name, argv, changes, findings, code) => {
    const loader = engineThatPlans((workspace, options) => planOf(workspace, options, [changes], findings));
    expect((await runCli(argv, { loader, cwd: makeRepo({}) })).code).toBe(code);
  });

  test.each([
    ["the user's mistake", new UsageError("x", "wrong flag", "Use another."), "Use another."],
    ["the repository's state", new RepoError("x", "bad tree", "Mend it."), "Mend it."],
    ["a system error", Object.assign(new Error("ENOSPC: no space left"), { syscall: "write" }), "no space left"],
  ])("%s: 2, without asking for a report", async (_name, error, message) => {
    const run = await runCli(["plan", makeRepo({})], { loader: engineThatThrows(error) });
    expect(run.code).toBe(2);
    expect(run.err).toContain(message);
    expect(run.err).not.toContain("report it");
  });

  test.each([
    ["an unknown exception", new TypeError("x is undefined")],
    ["a thrown text", "what"],
    ["a defect that was noticed", new InternalError("x", "overlapping edits", "hint")],
  ])("%s: 2, and please report", async (_name, error) => {
    const run = await runCli(["plan", makeRepo({})], { loader: engineThatThrows(error) });
    expect(run.code).toBe(2);
    expect(run.err).toContain("Please report it");
    expect(run.err).not.toContain("\n    at ");
  });

  test("--verbose shows the stack", async () => {
    const loader = engineThatThrows(new TypeError("x is undefined"));
    expect((await runCli(["plan", "--verbose", makeRepo({})], { loader })).err).toContain("\n    at ");
  });
});

describe("streams", () => {
  const loader = engineThatPlans((workspace, options) =>
    planOf(workspace, options, [[{ path: "new.yaml", after: "a: 1\n" }]]),
  );
  const cwd = () => makeRepo({});

  test("plan: the report on stderr, a diff on stdout", async () => {
    const run = await runCli(["plan"], { loader, cwd: cwd() });
    expect(run.out.startsWith("diff --git a/new.yaml b/new.yaml\n")).toBe(true);
    expect(run.err).toContain("REPORT");
  });

  test.each([
    ["diff", /^diff --git /],
    ["json", /^\{"tool":"fluxlift"/],
    ["markdown", /^# RUNBOOK/],
  ])("plan --format %s: only data", async (format, start) => {
    const run = await runCli(["plan", "--format", format], { loader, cwd: cwd() });
    expect(run.out).toMatch(start);
    expect(run.err).toBe("");
  });

  test("scan --format json holds the clusters and no edits", async () => {
    const run = await runCli(["scan", "--format", "json"], { loader, cwd: cwd() });
    expect(Object.keys(JSON.parse(run.out))).toEqual(["tool", "version", "schema", "scanned", "clusters", "findings"]);
    expect(run.err).toBe("");
  });
});
