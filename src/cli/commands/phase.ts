import type { Options } from "../../contract/options.ts";
import type { Plan } from "../../contract/plan.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { composeChanges } from "../../plan/changes.ts";
import { GLYPH } from "../colour.ts";
import type { Engine } from "../engine.ts";
import { type Outcome, outcomeOfLooking, outcomeOfWriting } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Io } from "../io.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { describeNextStep } from "./after-write.ts";
import { openFolder, refuseDirty, refuseUnfinished } from "./session.ts";
import { showPlan, showReport } from "./show.ts";
import { confirmWrite, requireGit, writePlan } from "./write.ts";

/** How a command that writes phases differs from the others. */
export interface Planner {
  readOptions(engine: Engine): Options;
  makePlan(engine: Engine, workspace: Workspace, options: Options): Plan;
}

/** Plans a phase, shows it, asks, and writes it. */
export async function runPhase(
  session: Session,
  dir: string | undefined,
  flags: Flags,
  planner: Planner,
): Promise<Outcome> {
  const { io, timer } = session;
  const { engine, workspace } = await openFolder(session, dir);
  const options = planner.readOptions(engine);
  const looking = (flags.check ?? false) || (flags.dryRun ?? false);
  if (flags.commit && !looking) requireGit(workspace);
  if (!looking) refuseUnfinished(engine, workspace);
  const plan = withProgress(io, "planning", () => planner.makePlan(engine, workspace, options));
  timer.mark("plan");

  if (looking || composeChanges(plan).length === 0) {
    showPlan(io, engine, plan, flags);
    return outcomeOfLooking(plan, flags.check ?? false);
  }
  if (!flags.yes && !io.interactive) {
    showPlan(io, engine, plan, flags);
    io.err(
      `${GLYPH.fail} Nothing was written: there is no terminal to ask on. Run it with --yes to write this plan.\n`,
    );
    return "unconfirmed";
  }
  if (!flags.allowDirty) refuseDirty(workspace);
  showBeforeWrite(io, engine, plan, flags);
  if (!flags.yes && !(await confirmWrite(io, engine, plan))) {
    io.err(`${GLYPH.fail} Nothing was written.\n`);
    return "unconfirmed";
  }
  writePlan(io, engine, workspace, plan, flags.commit ?? false);
  timer.mark("write");
  io.err(`${GLYPH.action} ${describeNextStep(plan, flags.commit ?? false)}\n`);
  return outcomeOfWriting(plan);
}

/** Before a write the report is enough, unless a format was asked for: git shows the diff afterwards. */
function showBeforeWrite(io: Io, engine: Engine, plan: Plan, flags: Flags): void {
  if (flags.format !== undefined || flags.output !== undefined) showPlan(io, engine, plan, flags);
  else showReport(io, engine, plan, flags, true);
}
