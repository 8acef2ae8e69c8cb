import { resolve } from "node:path";
import type { FileChange } from "../../contract/edit.ts";
import { UsageError } from "../../contract/errors.ts";
import type { Shown } from "../../contract/media.ts";
import type { PhasePlan, Plan } from "../../contract/plan.ts";
import { joinShown, nameInCommit, shown, visible } from "../../contract/visible.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { composeChanges } from "../../plan/changes.ts";
import { NOT_PUSHED } from "../../plan/route.ts";
import { commitSubject } from "../../report/commit-subject.ts";
import { findStepsAfterWrite } from "../../report/next-step.ts";
import { collectFindings } from "../../report/summary.ts";
import { hangText, sayCount } from "../../report/terminal.ts";
import { askOneOf } from "../ask.ts";
import { refuseDirty } from "../dirty-tree.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Engine } from "../load-engine.ts";
import type { Session } from "../session.ts";
import { outcomeOf } from "./session.ts";
import { saySteps, showDiff } from "./show.ts";

/** @throws UsageError when `--commit` cannot work here, or the commit would be on no branch. */
export function requireGit({ git }: Workspace, { detached }: Flags): void {
  if (!git) {
    const hint = "Leave --commit out.";
    throw new UsageError("no-git", "--commit needs a git repository, and this folder is in none.", hint);
  }
  if (!git.detached || detached) return;
  throw new UsageError(
    "detached-head",
    "No branch is checked out (detached HEAD): git would lose sight of the commit at the next checkout.",
    "Make a branch first: git switch -c NAME. Or say that it is meant with --detached.",
  );
}

interface Writing {
  /** Absolute paths that may have changed, such as the plan that is applied. */
  ignore?: readonly string[];
  /** The command line that writes this plan. */
  command: string;
  /** Whether the commit is on a new branch, which is to be merged into the one that was checked out. */
  onBranch?: boolean;
  /** The command that makes a pull request of a branch. */
  request?: string;
}

/**
 * Writes a plan that somebody agrees to: here, on a terminal, or with `--yes`.
 * @param show shows the plan, before the question
 */
export async function agreeAndWrite(
  { io, timer }: Session,
  engine: Engine,
  workspace: Workspace,
  plan: Plan,
  flags: Flags,
  show: () => void | Promise<void>,
  { ignore = [], command, onBranch = false, request }: Writing,
): Promise<Outcome> {
  const { yes, commit = false, allowDirty } = flags;
  const unpushed = listNotPushed(plan);
  if (unpushed.length > 0) {
    await show();
    const why = `Nothing was written: what comes before is not pushed (${unpushed.join(", ")}), and one push of both phases lets Flux delete itself.`;
    const step = {
      says: "Push it and wait until it is reconciled; or say that it is pushed, with --unpushed where the plan is made:",
      commands: ["git push -u origin HEAD"],
    };
    const lines = hangText(shown`${GLYPH.fail} `, why, io.width);
    io.err(shown`${joinShown(lines, "\n")}\n${saySteps(io, {}, [step])}`);
    return "blocked";
  }
  if (!yes && !io.interactive) {
    await show();
    const again = { says: "To write this plan:", commands: [`${command}${commit ? " --commit" : ""} --yes`] };
    io.err(shown`${GLYPH.fail} Nothing was written: there is no terminal to ask on.\n${saySteps(io, flags, [again])}`);
    return "unconfirmed";
  }
  if (!allowDirty) refuseMixing(workspace, ignore);
  await show();
  if (!yes && !(await confirmWrite(io, engine, plan, flags))) {
    io.err(shown`${GLYPH.fail} Nothing was written.\n`);
    return "unconfirmed";
  }
  writePlan(io, engine, workspace, plan, commit);
  timer.mark("write");
  const place = onBranch && commit ? "branch" : commit ? "commit" : workspace.git ? "tree" : "folder";
  io.err(saySteps(io, flags, findStepsAfterWrite(plan, place, request)));
  return outcomeOf(plan);
}

/** Clusters whose phase before this one is committed here and not pushed, as far as git knows. */
function listNotPushed(plan: Plan): string[] {
  const own = collectFindings(plan).filter(({ rule, level }) => rule === NOT_PUSHED && level === "blocker");
  return [...new Set(own.map(({ cluster }) => cluster ?? ""))];
}

/** Refuses to mix fluxlift's edits with somebody's own. */
function refuseMixing({ git, root }: Workspace, ignore: readonly string[]): void {
  const dirty = (git?.dirty() ?? []).filter((entry) => !ignore.includes(resolve(root, entry.slice(3))));
  const hint = "Commit or stash them, so that the edits can be told apart; --allow-dirty writes all the same.";
  refuseDirty(dirty, hint);
}

/**
 * Asks before a write, again after an answer that is neither yes nor no; no answer at all is a no. `d` shows the diff.
 * @returns whether to write
 */
async function confirmWrite(io: Io, engine: Engine, plan: Plan, flags: Flags): Promise<boolean> {
  const question = shown`Write ${describeChanges(composeChanges(plan))}? [y/N, d shows the diff] `;
  for (;;) {
    const answer = await askOneOf(io, question, ["y", "n", "d"]);
    if (answer !== "d") return answer === "y";
    await showDiff(io, engine, plan, flags);
  }
}

/** Writes a plan in one go or, with `commit`, one phase and commit after the other. */
function writePlan(io: Io, engine: Engine, workspace: Workspace, plan: Plan, commit: boolean): void {
  const batches = commit ? plan.phases.filter((phase) => phase.files.length > 0) : [plan];
  for (const batch of batches) {
    const changes = "files" in batch ? batch.files : composeChanges(batch);
    engine.writeChanges(workspace, changes, `phase ${"files" in batch ? batch.phase : plan.options.phase}`);
    io.err(shown`${GLYPH.done} Wrote ${describeChanges(changes)}\n`);
    if (!("files" in batch)) continue;
    const paths = changes.map((change) => change.path);
    const id = engine.commitChanges(workspace.root, paths, commitMessage(batch, plan.options.oci !== undefined));
    io.err(shown`${GLYPH.done} Committed phase ${visible(batch.phase)} as ${visible(id.slice(0, 9))}\n`);
  }
}

function commitMessage(phase: PhasePlan, oci: boolean): string {
  const clusters = phase.clusters.filter((cluster) => cluster.edits.length > 0).map((cluster) => cluster.cluster);
  const what = oci ? "move from Git to OCI" : "migration";
  return `${commitSubject(phase.phase, oci)}\n\nPhase ${phase.phase} of the ${what}, by fluxlift; clusters: ${clusters.map(nameInCommit).join(", ")}.\n`;
}

/** `14 files (9 new, 4 changed, 1 removed)`. */
function describeChanges(changes: readonly FileChange[]): Shown {
  const added = changes.filter((change) => change.before === undefined).length;
  const removed = changes.filter((change) => change.after === undefined).length;
  const counts = { new: added, changed: changes.length - added - removed, removed };
  const parts = Object.entries(counts).flatMap(([label, count]) => (count > 0 ? [`${count} ${label}`] : []));
  return shown`${sayCount(changes.length, "file")} (${visible(parts.join(", "))})`;
}
