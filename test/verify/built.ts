import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { VerifyReport } from "../../src/safety/verify.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeTempDir, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import type { Edits } from "./judge.ts";

const BUNDLE = join(PROJECT_ROOT, "dist/fluxlift.js");

export interface BuiltRun {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the built binary in a folder, with a temporary folder of its own. */
export function runBuilt(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): BuiltRun {
  const done = spawnSync(process.execPath, [BUNDLE, ...args], {
    cwd,
    input,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", ...env },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** `fluxlift verify --format json` of the built binary. */
export function verifyBuilt(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = runBuilt(cwd, ["verify", ...args, "--format", "json"], env);
  if (run.out === "") throw new Error(`verify said nothing: ${run.err}`);
  return { ...run, report: JSON.parse(run.out) as VerifyReport };
}

/** `runBuilt` of the sources, in this process: of questions that the built binary answers no other way, and for a fifth of the time. */
export async function runHere(cwd: string, args: readonly string[]): Promise<BuiltRun> {
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
  return await runCli([...args], { cwd, loader: realEngine });
}

/** `verifyBuilt` of the sources, in this process. */
export async function verifyHere(cwd: string, args: readonly string[]) {
  const run = await runHere(cwd, ["verify", ...args, "--format", "json"]);
  if (run.out === "") throw new Error(`verify said nothing: ${run.err}`);
  return { ...run, report: JSON.parse(run.out) as VerifyReport };
}

/** Commits edits on the branch that is checked out; `undefined` removes a file. */
export function commit(root: string, edits: Edits, message = "Change"): string {
  edit(root, edits);
  commitAll(root, message);
  return git(root, "rev-parse", "HEAD").trim();
}

/** Makes edits on disk. */
export function edit(root: string, edits: Edits): void {
  const entries = Object.entries(edits);
  const removed = entries.filter(([, text]) => text === undefined).map(([path]) => path);
  if (removed.length > 0) git(root, "rm", "-rq", "--cached", ...removed);
  for (const path of removed) git(root, "clean", "-fdq", "--", path);
  writeFiles(root, Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined)));
}

/** Starts a branch at a commit and checks it out. */
export function branch(root: string, name: string, at = "HEAD"): void {
  git(root, "checkout", "-q", "-b", name, at);
}

/** Every file below a folder with its content, `.git` included, as one text. */
export function fingerprint(root: string): string {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  const lines = files.map((file) => {
    const path = join(root, file);
    return statSync(path).isFile() ? `${file} ${createHash("sha256").update(readFileSync(path)).digest("hex")}` : file;
  });
  return lines.join("\n");
}

/** Names of what Flux would delete, over all clusters. */
export function goes(report: VerifyReport): string[] {
  return report.clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource)).sort();
}

export function rules(report: VerifyReport): string[] {
  return [...new Set(report.findings.map(({ rule }) => rule))].sort();
}

/**
 * A program that leaves a mark when it is started, for every setting of git that names one.
 * @returns the command, and what it has left
 */
export function makeTrap(): { command: string; sprung: () => string[] } {
  const dir = makeTempDir();
  mkdirSync(join(dir, "marks"));
  const command = join(dir, "trap.sh");
  writeFileSync(command, `#!/bin/sh\necho "$0 $*" > "${dir}/marks/$$"\ncat\n`);
  chmodSync(command, 0o755);
  return {
    command,
    sprung: () => readdirSync(join(dir, "marks")).map((mark) => readFileSync(join(dir, "marks", mark), "utf8")),
  };
}
