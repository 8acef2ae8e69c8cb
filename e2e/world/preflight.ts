import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fluxlift, type PlanJson } from "./fluxlift.ts";

export interface PreflightOptions {
  /** Work tree that fluxlift plans for. */
  repo: string;
  /** Scratch folder. */
  dir: string;
  phase: string;
  args: string[];
  kubectl: string;
  kubeconfig: string;
  /** Name of the cluster where there are several. */
  cluster?: string;
}

/** Runs preflight.sh of a phase with a real kubectl, plans with what it printed, and returns the `facts-` findings. */
export function runPreflight(options: PreflightOptions): { findings: string[]; failure?: string } {
  const { repo, dir, phase, args, kubectl, kubeconfig, cluster } = options;
  const bin = join(dir, "bin");
  mkdirSync(bin, { recursive: true });
  spawnSync("ln", ["-sf", kubectl, join(bin, "kubectl")]);
  const script = join(dir, `preflight-${phase}.sh`);
  writeFileSync(script, fluxlift(repo, ["plan", "--phase", phase, ...args, "--format", "preflight"]).stdout);
  const ran = spawnSync("sh", [script, ...(cluster ? [cluster] : [])], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: kubeconfig },
  });
  const facts = join(dir, `facts-${phase}.json`);
  writeFileSync(facts, ran.stdout);
  const planned = fluxlift(repo, ["plan", "--phase", phase, ...args, "--facts", facts, "--format", "json"]);
  if (planned.status === 2) {
    const failure = `preflight ${phase}: ${ran.stderr.trim().slice(-600)} ${planned.stderr.trim().slice(-600)}`;
    return { findings: [], failure };
  }
  const json = JSON.parse(planned.stdout) as PlanJson;
  const all = [...json.findings, ...json.phases.flatMap((one) => one.clusters.flatMap((each) => each.findings))];
  const findings = all
    .filter(({ rule }) => rule.startsWith("facts-"))
    .map(({ rule, level, what }) => `${level} ${rule}: ${what}`);
  return { findings };
}
