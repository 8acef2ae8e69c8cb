import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { readOptions } from "../options.ts";
import type { Session } from "../session.ts";
import { runPhase } from "./phase.ts";

/** `fluxlift migrate`: plans a phase, shows it, asks, and writes it. */
export async function runMigrate(session: Session, dir: string | undefined, flags: Flags): Promise<Outcome> {
  return runPhase(session, dir, flags, {
    readOptions: (engine) => readOptions(flags, engine.transforms, session.io.cwd),
    makePlan: (engine, workspace, options) => engine.makePlan(workspace, options),
  });
}
