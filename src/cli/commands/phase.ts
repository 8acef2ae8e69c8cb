import type { Shown } from "../../contract/media.ts";
import type { Options } from "../../contract/options.ts";
import type { Plan } from "../../contract/plan.ts";
import { shown, visible } from "../../contract/visible.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { composeChanges } from "../../plan/changes.ts";
import { formatCommand } from "../../report/format-command.ts";
import { sayCount } from "../../report/terminal.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Engine } from "../load-engine.ts";
import { readOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { leaveOut } from "./leave-out.ts";
import { ownTransforms } from "./own.ts";
import { openFolder, outcomeOf, refuseUnfinished, tellOpenWrite, warnOfOpenWrite } from "./session.ts";
import { checkEnding, showPlan, showReport } from "./show.ts";
import { agreeAndWrite, requireGit } from "./write.ts";

/** How a command that plans phases differs from the others. */
interface Planner {
  readOptions(engine: Engine): Options;
  makePlan(engine: Engine, workspace: Workspace, options: Options): Plan;
}

/** `planning the install phase, 1,135 files`. */
export function sayPlanning({ tree }: Workspace, { phase }: Options): Shown {
  const what = phase === "all" ? "all phases" : `the ${phase} phase`;
  return shown`planning ${visible(what)}, ${sayCount(tree.paths.length, "file")}`;
}

/** `fluxlift plan`: the edits and findings of a phase; writes nothing in the repository. */
export async function runPlan(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const outcome = await runMigrate(session, { ...flags, dryRun: true }, dir);
  session.timer.mark("report");
  return outcome;
}

/** `fluxlift migrate`: plans a phase, shows it, asks, and writes it. */
export async function runMigrate(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const own = ownTransforms(flags);
  return runPhase(session, flags, dir, {
    readOptions: (engine) => readOptions(flags, [...engine.transforms, ...own], session.io.cwd),
    makePlan: (engine, workspace, options) => engine.makePlan(workspace, options, own),
  });
}

/** Plans a phase, shows it, asks, and writes it; only shows it with `--check` or `--dry-run`. */
export async function runPhase(
  session: Session,
  flags: Flags,
  dir: string | undefined,
  planner: Planner,
): Promise<Outcome> {
  const { io, timer } = session;
  checkEnding(flags);
  const { engine, workspace } = await openFolder(session, dir);
  const prefix = workspace.git?.prefix;
  const options = planner.readOptions(engine);
  const looking = flags.check || flags.dryRun;
  if (flags.commit && !looking) requireGit(workspace, flags);
  const open = looking ? engine.findOpenWrite(workspace) : undefined;
  if (!looking) refuseUnfinished(engine, workspace);
  warnOfOpenWrite(io, open);
  const made = await withProgress(io, sayPlanning(workspace, options), () =>
    planner.makePlan(engine, workspace, options),
  );
  const plan = await tellOpenWrite(await leaveOut(io, made, flags), open);
  timer.mark("plan");
  if (looking || composeChanges(plan).length === 0) {
    await showPlan(io, engine, plan, flags, { prefix });
    // Without a phase the question is whether anything is left in any of them.
    const outcome = outcomeOf(plan, flags.check, flags.phase === undefined && plan.options.oci === undefined);
    if (flags.reports !== undefined || flags.publish !== undefined) {
      await (await import("./tell-plan.ts")).tellPlan(io, engine, plan, flags, {
        isDone: outcome === "done",
        prefix,
      });
    }
    return outcome;
  }
  const canAgree = flags.yes || io.interactive;
  const show = async () => {
    // Before a write the report is enough, unless a format was asked for: git shows the diff afterwards.
    if (!canAgree || flags.format !== undefined || flags.output !== undefined)
      await showPlan(io, engine, plan, flags, { writing: true, prefix });
    else showReport(io, engine, plan, flags, true);
  };
  const command = formatCommand("migrate", plan.options, plan.options.phase);
  return agreeAndWrite(session, engine, workspace, plan, flags, show, { command });
}
