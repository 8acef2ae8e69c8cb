import { makeOciPlan, OCI_TRANSFORMS } from "../../plan/oci-plan.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { readOciOptions } from "../oci-options.ts";
import type { Session } from "../session.ts";
import { ownTransforms } from "./own.ts";
import { runPhase } from "./phase.ts";

/** `fluxlift oci`: plans a phase of the move from Git to OCI, shows it, asks, and writes it. */
export async function runOci(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const own = ownTransforms(flags);
  return runPhase(session, flags, dir, {
    readOptions: () => readOciOptions(flags, [...OCI_TRANSFORMS, ...own], session.io.cwd),
    makePlan: (_engine, workspace, options) => makeOciPlan(workspace, options, own),
  });
}
