import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { editsOf, type PhasePlan, type Plan } from "./gate/plan-json.ts";
import { checkReversible, type ReversibleInput } from "./gate/reversible.ts";
import { holdFiles, openSnapshot, type Snapshot } from "./gate/snapshot.ts";
import { type GateResult, notApplicable } from "./gate/types.ts";
import { applyPatch, commitAll, copyTree, git, type RepoFacts } from "./repo.ts";
import { planArgs, planJson, runTool, type ToolRun } from "./tool.ts";

export interface PhaseRun {
  phase: string;
  plan: Plan;
  /** All phases of the plan as one, for `--phase all`. */
  merged: PhasePlan | undefined;
  before: Snapshot;
  after: Snapshot;
  migrate: ToolRun;
  reversible: GateResult;
}

/** Sees several phases as one: all edits in order, and the last word on each file. */
export function mergePhases(plan: Plan): PhasePlan | undefined {
  const [first] = plan.phases;
  if (!first) return undefined;
  const files = new Map(plan.phases.flatMap((phase) => phase.files).map((file) => [file.path, file]));
  const clusters = new Map(first.clusters.map((cluster) => [cluster.cluster, { ...cluster }]));
  for (const phase of plan.phases.slice(1)) {
    for (const cluster of phase.clusters) {
      const known = clusters.get(cluster.cluster);
      if (!known) clusters.set(cluster.cluster, { ...cluster });
      else {
        known.edits = [...known.edits, ...cluster.edits];
        known.findings = [...known.findings, ...cluster.findings];
        // On the direct route each phase says what the merge of all up to it does.
        if (cluster.safety) known.safety = cluster.safety;
      }
    }
  }
  return { ...first, clusters: [...clusters.values()], files: [...files.values()] };
}

export interface PhaseInput {
  cli: string;
  /** `migrate` when left out. */
  command?: "migrate" | "oci";
  /** Folder of the scenario; holds `repo` and the snapshots. */
  dir: string;
  phase: string;
  flags: string[];
  facts: RepoFacts;
  before: Snapshot;
  /** Only plan and migrate: nothing is undone, run again or applied as a patch, so item 9 is not asked. */
  quick?: boolean;
}

/**
 * Runs one phase through the CLI: plan, diff both ways, migrate, undo, migrate again, commit, and once more.
 * @returns the error text when the tool gives no plan.
 */
export function runPhase(input: PhaseInput): PhaseRun | { error: string } {
  const { cli, dir, phase, facts, before } = input;
  const repo = join(dir, "repo");
  const flags = ["--phase", phase, ...input.flags];
  const command = input.command ?? "migrate";
  const planned = planJson(cli, repo, flags, command);
  if ("error" in planned) return planned;
  const merged = mergePhases(planned.plan);
  const keepAfter = (): Snapshot => openSnapshot(copyTree(repo, join(dir, `${phase}-after`)));
  const migrateArgs = [command, repo, "--yes", ...flags];
  const diff = input.quick ? "" : runTool(cli, planArgs(command, repo, "diff", flags)).stdout;
  const migrate = runTool(cli, migrateArgs);
  if (input.quick) {
    commitAll(repo, facts, `Migrate: ${phase}`);
    const reversible = notApplicable(9, "a quick run undoes nothing");
    return { phase, plan: planned.plan, merged, before, after: keepAfter(), migrate, reversible };
  }
  const after = keepAfter();
  const hasEdits = (merged ? editsOf(merged) : []).length > 0;
  const [heldBefore, heldAfter] = [holdFiles(before.dir), holdFiles(after.dir)];
  let undone = heldBefore;
  let redone = heldAfter;
  if (hasEdits) {
    runTool(cli, ["undo", repo, "--yes"]);
    undone = holdFiles(repo);
    runTool(cli, migrateArgs);
    redone = holdFiles(repo);
  }
  commitAll(repo, facts, `Migrate: ${phase}`);
  runTool(cli, migrateArgs);
  const again = holdFiles(repo);
  const patching = hasEdits ? tryPatch(dir, before, diff) : {};
  const reversible = checkReversible({ before: heldBefore, after: heldAfter, undone, redone, again, ...patching });
  return { phase, plan: planned.plan, merged, before, after, migrate, reversible };
}

type Patching = Pick<ReversibleInput, "patched" | "patchError" | "unpatched" | "unpatchError">;

/** Applies the printed diff to a fresh copy with `git apply`, then takes it back. */
function tryPatch(dir: string, before: Snapshot, diff: string): Patching {
  const copy = copyTree(before.dir, join(dir, "patched"));
  // Else git would take it for a folder of the repository around it, and apply nothing.
  git(copy, "init", "-q");
  const file = join(dir, "plan.diff");
  writeFileSync(file, diff);
  const patchError = applyPatch(copy, file);
  if (patchError !== undefined) return { patchError };
  const patched = holdFiles(copy);
  const unpatchError = applyPatch(copy, file, "-R");
  return unpatchError === undefined ? { patched, unpatched: holdFiles(copy) } : { patched, unpatchError };
}
