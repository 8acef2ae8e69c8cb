import { spawnSync } from "node:child_process";
import { type Plan, readPlan } from "./gate/plan-json.ts";
import { cleanEnv } from "./repo.ts";

export interface ToolRun {
  args: string[];
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the built CLI; a run that needs more than two minutes is killed and has exit code -1. */
export function runTool(cli: string, args: string[]): ToolRun {
  const run = spawnSync(process.execPath, [cli, ...args], {
    env: cleanEnv(),
    encoding: "utf8",
    maxBuffer: 512 << 20,
    timeout: 120_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { args, exitCode: run.status ?? -1, stdout: run.stdout ?? "", stderr: run.stderr ?? "" };
}

/** How to see what a command would write; `oci` has no `plan` of its own. */
export function planArgs(command: "migrate" | "oci", dir: string, format: "json" | "diff", flags: string[]): string[] {
  const start = command === "oci" ? ["oci", dir, "--dry-run"] : ["plan", dir];
  return [...start, "--format", format, ...flags];
}

/** The plan as JSON, or why there is none. Exit code 1 (blockers) still prints a plan. */
export function planJson(
  cli: string,
  dir: string,
  flags: string[],
  command: "migrate" | "oci" = "migrate",
): { plan: Plan } | { error: string } {
  const run = runTool(cli, planArgs(command, dir, "json", flags));
  try {
    return { plan: readPlan(run.stdout) };
  } catch {
    return {
      error: `plan exit ${run.exitCode}: ${(run.stderr || run.stdout).trim().split("\n").slice(0, 3).join(" ").slice(0, 300)}`,
    };
  }
}
