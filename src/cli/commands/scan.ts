import { type Outcome, outcomeOfLooking } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { defaultOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { scanData } from "./scan-data.ts";
import { openFolder } from "./session.ts";
import { saveText } from "./show.ts";

/** `fluxlift scan`: how each cluster installs and syncs Flux, and what would block the next phase. */
export async function runScan(session: Session, dir: string | undefined, flags: Flags): Promise<Outcome> {
  const { io, timer } = session;
  const { engine, workspace } = await openFolder(session, dir);
  const plan = withProgress(io, "scanning", () => engine.makePlan(workspace, defaultOptions()));
  timer.mark("plan");
  const asJson = flags.format === "json" || (flags.format === undefined && flags.output?.endsWith(".json"));
  const text = asJson
    ? `${JSON.stringify(scanData(plan), null, 2)}\n`
    : engine.render.scan(plan, {
        colour: flags.output === undefined && io.colourOut,
        width: io.width,
        verbose: flags.verbose ?? false,
      });
  if (flags.output === undefined) io.out(text);
  else saveText(io, flags.output, text);
  timer.mark("report");
  return outcomeOfLooking(plan, false);
}
