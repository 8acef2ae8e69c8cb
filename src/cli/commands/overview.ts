import { composeChanges } from "../../plan/changes.ts";
import { GLYPH } from "../colour.ts";
import { type Outcome, outcomeOfLooking } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { defaultOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { openFolder } from "./session.ts";
import { describeChanges } from "./words.ts";

/** `fluxlift` alone: what was scanned, what was recognised, what it would do, and where the help is. */
export async function runOverview(session: Session, flags: Flags): Promise<Outcome> {
  const { io } = session;
  const { engine, workspace } = await openFolder(session, undefined);
  const plan = withProgress(io, "scanning", () => engine.makePlan(workspace, defaultOptions()));
  io.out(engine.render.scan(plan, { colour: io.colourOut, width: io.width, verbose: flags.verbose ?? false }));
  const changes = composeChanges(plan);
  if (changes.length > 0) {
    io.out(`${GLYPH.action} 'fluxlift migrate' would write ${describeChanges(changes)} in the install phase.\n`);
  }
  io.err("\nAll commands: fluxlift --help\n");
  return outcomeOfLooking(plan, false);
}
