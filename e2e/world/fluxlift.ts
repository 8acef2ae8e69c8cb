import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The built command, as a person runs it. */
const command = join(import.meta.dirname, "../../dist/fluxlift.js");

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

export function fluxlift(dir: string, args: string[]): Ran {
  const result = spawnSync(process.execPath, [command, ...args], {
    cwd: dir,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status: result.status ?? 2, stdout: result.stdout, stderr: result.stderr };
}

export interface PlanJson {
  phases: { phase: string; clusters: PlanCluster[] }[];
  findings: PlanFinding[];
}

export interface PlanFinding {
  rule: string;
  level: string;
  resource?: string;
  cluster?: string;
  what?: string;
}

export interface PlanCluster {
  cluster: string;
  state: string;
  edits: { path: string; kind: string }[];
  findings: PlanFinding[];
  runbook?: Record<"steps" | "rollback" | "rebuild", { title: string; commands?: string[] }[]>;
  // biome-ignore lint/suspicious/noExplicitAny: read by the comparison, which knows its shape
  safety?: any;
}

export interface VerifyJson {
  verdict: string;
  safe: boolean;
  clusters: PlanCluster[];
  findings: PlanFinding[];
}
