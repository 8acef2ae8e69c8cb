import { resolve } from "node:path";
import type { RepoError } from "../../contract/errors.ts";
import type { ClusterState, Plan } from "../../contract/plan.ts";
import { joinShown, shown, visible } from "../../contract/visible.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { hasBlocker, hasChanges, listClusters } from "../../report/summary.ts";
import { hangText } from "../../report/terminal.ts";
import type { Outcome } from "../exit.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Engine } from "../load-engine.ts";
import type { Session } from "../session.ts";

/** Loads the engine and opens the folder of a command: its argument, or where the user stands, which may be called `.`. */
export async function openFolder(session: Session, dir?: string): Promise<{ engine: Engine; workspace: Workspace }> {
  const { io, loader, timer } = session;
  // Modules keep this thread busy: git has to be at work before.
  let opening!: Promise<Workspace>;
  await new Promise<void>((done) => {
    opening = loader.openWorkspace(resolve(io.cwd, dir ?? "."), done);
    // A folder that cannot be opened is an error when it is awaited, below.
    opening.then(() => done(), done);
  });
  const engine = await loader.load();
  timer.mark("modules");
  const workspace = await opening;
  timer.mark("files");
  // Paths of Flux start at the top: a folder further down only counts where it is a repository by itself.
  const { git } = workspace;
  const isNamed = dir !== undefined && resolve(io.cwd, dir) !== resolve(io.cwd);
  if (isNamed || !git?.prefix || engine.recognises(workspace)) return { engine, workspace };
  io.err(shown`Reading the whole repository, from ${visible(git.topLevel)}.\n`);
  return { engine, workspace: await loader.openWorkspace(git.topLevel) };
}

/**
 * Refuses to write over a write that was interrupted: its journal is the only way back.
 * @throws RepoError `unfinished-write`
 */
export function refuseUnfinished(engine: Engine, workspace: Workspace): void {
  const open = engine.findOpenWrite(workspace);
  if (open) throw open;
}

/**
 * Says on stderr that the files of a folder may be half-written; a command that only looks goes on all the same.
 * @param open what `findOpenWrite` gave
 */
export function warnOfOpenWrite(io: Io, open: RepoError | undefined): void {
  if (!open) return;
  const width = io.liveStderr ? io.width : Number.POSITIVE_INFINITY;
  const lines = [
    ...hangText(shown`${GLYPH.warn} `, `The files read here may be half-written: ${open.message}`, width),
    ...hangText(shown`  `, open.hint, width),
  ];
  io.err(shown`${joinShown(lines, "\n")}\n`);
}

/** The same for whoever gets what a command found and not what it says to people: agents, results of many repositories. */
export async function tellOpenWrite<T extends Pick<Plan, "findings">>(
  found: T,
  open: RepoError | undefined,
): Promise<T> {
  if (!open) return found;
  const { sayFinding } = await import("../../findings/say.ts");
  const facts = { says: open.message, todo: open.hint };
  const finding = sayFinding({ rule: "tree-half-written", level: "caution", facts });
  return { ...found, findings: [...found.findings, finding] };
}

/**
 * How a command that only looks, or wrote everything in the plan, ends. `check` makes pending changes count: those of the
 * plan, and `all` makes a phase that is still to come count as well.
 */
export function outcomeOf(plan: Plan, check = false, all = false): Outcome {
  const changes = hasChanges(plan);
  if (hasBlocker(plan)) return changes ? "partial" : "blocked";
  const isLeft = changes || (all && listClusters(plan).some(({ state }) => STILL_TO_COME.includes(state)));
  return check && isLeft ? "pending" : "done";
}

const STILL_TO_COME: readonly ClusterState[] = ["not-started", "partly-installed", "installed", "cut-over"];
