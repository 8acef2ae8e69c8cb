import { UsageError } from "../../contract/errors.ts";
import type { PhasePlan, Plan } from "../../contract/plan.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { composeChanges } from "../../plan/changes.ts";
import { GLYPH } from "../colour.ts";
import type { Engine } from "../engine.ts";
import type { Io } from "../io.ts";
import { describeChanges } from "./words.ts";

const OCI_CLEANUP_SUBJECT = "Remove what bridged the switch to OCI";
const COMMIT_SUBJECT: Readonly<Record<PhasePlan["phase"], string>> = {
  install: "Add Flux Operator beside the old Flux install",
  cutover: "Hand Flux over to Flux Operator",
  cleanup: "Remove what the move to Flux Operator left behind",
  prepare: "Publish this repository as an OCI artifact",
  switch: "Let Flux read the OCI artifact instead of Git",
};

/** @throws UsageError when `--commit` cannot work here. */
export function requireGit(workspace: Workspace): void {
  if (workspace.git) return;
  throw new UsageError("no-git", "--commit needs a git repository, and this folder is in none.", "Leave --commit out.");
}

/**
 * Asks before a write. The answer is no unless it is yes; `d` shows the diff and asks again.
 * @returns whether to write
 */
export async function confirmWrite(io: Io, engine: Engine, plan: Plan): Promise<boolean> {
  const question = `Write ${describeChanges(composeChanges(plan))}? [y/N, d shows the diff] `;
  for (;;) {
    const answer = (await io.ask(question))?.trim().toLowerCase();
    if (answer !== "d") return answer === "y" || answer === "yes";
    io.err(engine.render.diff(plan));
  }
}

/** Writes a plan that was agreed to, in one go or, with `commit`, one phase and commit after the other. */
export function writePlan(io: Io, engine: Engine, workspace: Workspace, plan: Plan, commit: boolean): void {
  const batches = commit ? plan.phases.filter((phase) => phase.files.length > 0) : [plan];
  for (const batch of batches) {
    const changes = "files" in batch ? batch.files : composeChanges(batch);
    engine.writeChanges(workspace, changes, `phase ${"files" in batch ? batch.phase : plan.options.phase}`);
    io.err(`${GLYPH.done} Wrote ${describeChanges(changes)}\n`);
    if (!("files" in batch)) continue;
    const paths = changes.map((change) => change.path);
    const id = engine.commitChanges(workspace.root, paths, commitMessage(batch, plan.options.oci !== undefined));
    io.err(`${GLYPH.done} Committed phase ${batch.phase} as ${id.slice(0, 9)}\n`);
  }
}

function commitMessage(phase: PhasePlan, oci: boolean): string {
  const clusters = phase.clusters.filter((cluster) => cluster.edits.length > 0).map((cluster) => cluster.cluster);
  const subject = oci && phase.phase === "cleanup" ? OCI_CLEANUP_SUBJECT : COMMIT_SUBJECT[phase.phase];
  const what = oci ? "move from Git to OCI" : "migration";
  return `${subject}\n\nPhase ${phase.phase} of the ${what}, by fluxlift; clusters: ${clusters.join(", ")}.\n`;
}
