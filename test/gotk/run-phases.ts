import type { Finding } from "../../src/contract/finding.ts";
import { once } from "../../src/contract/once.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { memoryTree } from "../support/memory.ts";

export type Files = Record<string, string>;

export interface Migrated {
  files: Files;
  plan: Plan;
  findings: Finding[];
  /** Rules of the findings, once each. */
  rules: string[];
  /** Paths that differ from before. */
  changed: string[];
}

/** Runs one phase on files held in memory and applies it; nothing is committed, so the tree itself is what counts as merged. */
export function runPhase(files: Files, phase: Phase, options: Partial<Options> = {}): Migrated {
  const tree = memoryTree(files);
  const workspace: Workspace = { root: "/nowhere", tree } as Workspace;
  const plan = makePlan(workspace, {
    phase,
    sync: "adopt",
    clusters: [],
    // Without git only this says that the phase before is reconciled; the tree is judged all the same.
    direct: phase !== "install",
    only: [],
    skip: [],
    serviceMonitor: false,
    layout: "auto",
    ...options,
  });
  const next: Files = { ...files };
  const changed: string[] = [];
  for (const { path, after } of plan.phases.flatMap((item) => item.files)) {
    changed.push(path);
    if (after === undefined) delete next[path];
    else next[path] = after;
  }
  const findings = [...plan.findings, ...plan.phases.flatMap((item) => item.clusters.flatMap((one) => one.findings))];
  return { files: next, plan, findings, rules: [...new Set(findings.map(({ rule }) => rule))].sort(), changed };
}

/** All three phases, one after the other; each is planned when it, or one after it, is first looked at. */
export function runAll(files: Files, options: Partial<Options> = {}): Record<Phase, Migrated> {
  const install = once(() => runPhase(files, "install", options));
  const cutover = once(() => runPhase(install().files, "cutover", options));
  const cleanup = once(() => runPhase(cutover().files, "cleanup", options));
  const lazily = (get: () => Migrated) => ({ get, enumerable: true });
  return Object.defineProperties({} as Record<Phase, Migrated>, {
    ...{ install: lazily(install), cutover: lazily(cutover), cleanup: lazily(cleanup) },
  });
}

/** The file that describes the FluxInstance of a cluster. */
export function instanceText(files: Files, cluster = ""): string {
  const path = Object.keys(files).find(
    (name) => name.includes(cluster) && name.endsWith("flux-instance/helmrelease.yaml"),
  );
  return path === undefined ? "" : files[path]!;
}
