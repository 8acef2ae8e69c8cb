import { type Outcome, outcomeOfLooking } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { readOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { openFolder } from "./session.ts";
import { showPlan } from "./show.ts";

/** `fluxlift plan`: the edits and findings of a phase; writes nothing in the repository. */
export async function runPlan(session: Session, dir: string | undefined, flags: Flags): Promise<Outcome> {
  const { io, timer } = session;
  const { engine, workspace } = await openFolder(session, dir);
  const options = readOptions(flags, engine.transforms, io.cwd);
  const plan = withProgress(io, "planning", () => engine.makePlan(workspace, options));
  timer.mark("plan");
  showPlan(io, engine, plan, flags);
  timer.mark("report");
  return outcomeOfLooking(plan, flags.check ?? false);
}
