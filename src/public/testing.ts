/**
 * Runs the cases of a transform of your own, with vitest, node:test or anything else that has a `test(name, run)`. How:
 * docs/own-transforms.md.
 * @packageDocumentation
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What to run, and with what. */
export interface CaseSettings {
  /** The configuration that brings the transform. */
  config: string;
  /** Id of the transform; only that one runs. */
  transform: string;
  /** Folder with one folder a case. */
  cases: string;
  /** `test` of the runner at hand. */
  test: (name: string, run: () => void) => unknown;
}

/** `case.json`; beside it lie the folder `input`, a whole small repository, and `expected.patch` where something changes. */
export interface CaseFile {
  /** One sentence. */
  shows: string;
  /** Flags of `fluxlift plan`, such as `["--phase", "cutover"]`. */
  flags?: string[];
  /** Branch that is checked out (`main`). */
  branch?: string;
  /** URL of the remote `origin`. */
  remote?: string;
  /** Every finding of the plan, sorted by rule and place; `[]` when there is none. */
  findings: CaseFinding[];
}

export interface CaseFinding {
  rule: string;
  level: string;
  file?: string;
  line?: number;
}

interface PlanJson {
  findings: JsonFinding[];
  phases: { clusters: { findings: JsonFinding[] }[] }[];
}

interface JsonFinding {
  rule: string;
  level: string;
  at?: { file: string; line: number };
}

/**
 * Declares a test a case. Each plans the transform alone on its input, compares the diff and the findings with what is
 * written down, applies the diff and plans again, which must change nothing. `UPDATE_FIXTURES=1` writes both anew.
 * @throws Error where there is no case that must not be touched
 */
export function testCases({ config, transform, cases, test }: CaseSettings): void {
  const names = readdirSync(cases).sort();
  test(`${transform} has a case that must not be touched`, () => {
    ok(
      names.some((name) => name.startsWith("must-not-touch")),
      "name one must-not-touch-…: it has no expected.patch",
    );
  });
  for (const name of names) test(`${transform}: ${name}`, () => runCase(join(cases, name), resolve(config), transform));
}

function runCase(folder: string, config: string, transform: string): void {
  const file = join(folder, "case.json");
  const spec = JSON.parse(readFileSync(file, "utf8")) as CaseFile;
  const root = mkdtempSync(join(tmpdir(), "fluxlift-case-"));
  try {
    cpSync(join(folder, "input"), root, { recursive: true });
    git(root, "init", "-q", "-b", spec.branch ?? "main");
    if (spec.remote !== undefined) git(root, "remote", "add", "origin", spec.remote);
    commit(root);
    const plan = (format: string) =>
      runPlan(root, ["--config", config, "--only", transform, ...(spec.flags ?? []), "--format", format]);
    const patch = plan("diff");
    const findings = listFindings(JSON.parse(plan("json")) as PlanJson);
    const expected = join(folder, "expected.patch");
    if (process.env.UPDATE_FIXTURES === "1") {
      if (patch !== "") writeFileSync(expected, patch);
      else rmSync(expected, { force: true });
      writeFileSync(file, `${JSON.stringify({ ...spec, findings }, null, 2)}\n`);
    }
    strictEqual(patch, existsSync(expected) ? readFileSync(expected, "utf8") : "", "the diff is not expected.patch");
    deepStrictEqual(findings, (JSON.parse(readFileSync(file, "utf8")) as CaseFile).findings, "findings of case.json");
    if (patch === "") return;
    git(root, "apply", resolve(expected));
    commit(root);
    strictEqual(plan("diff"), "", "a second run changes something");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function runPlan(root: string, flags: readonly string[]): string {
  const bin = fileURLToPath(new URL("fluxlift.js", import.meta.url));
  const done = spawnSync(process.execPath, [bin, "plan", ...flags], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  // 1 is the answer that a blocker stops something, which a case may be about.
  ok(done.status === 0 || done.status === 1, done.stderr || String(done.error));
  return done.stdout;
}

function listFindings(plan: PlanJson): CaseFinding[] {
  const all = [...plan.findings, ...plan.phases.flatMap(({ clusters }) => clusters.flatMap((one) => one.findings))];
  const keyOf = ({ rule, file = "", line = 0 }: CaseFinding) => `${rule}\0${file}\0${String(line).padStart(6, "0")}`;
  return all
    .map(({ rule, level, at }) => ({ rule, level, ...(at ? { file: at.file, line: at.line } : {}) }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function commit(root: string): void {
  git(root, "add", "-A");
  git(root, "-c", "user.name=case", "-c", "user.email=case@localhost", "commit", "-q", "--no-gpg-sign", "-m", "case");
}

function git(root: string, ...args: string[]): void {
  const done = spawnSync("git", ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  strictEqual(done.status, 0, done.stderr || String(done.error));
}
