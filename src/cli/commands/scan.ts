import type { Plan } from "../../contract/plan.ts";
import { composeChanges } from "../../plan/changes.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { GLYPH } from "../io.ts";
import { defaultOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { openFolder, outcomeOf } from "./session.ts";
import { checkEnding, deliver, textOptions } from "./show.ts";
import { describeChanges } from "./write.ts";

/** `fluxlift scan`: how each cluster installs and syncs Flux, and what would block the next phase. */
export async function runScan(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const { io, timer } = session;
  checkEnding(flags, ["json", "text"]);
  const { engine, workspace } = await openFolder(session, dir);
  const plan = await withProgress(io, "scanning", () => engine.makePlan(workspace, defaultOptions()));
  timer.mark("plan");
  const asJson = flags.format === "json" || (flags.format === undefined && flags.output?.endsWith(".json"));
  deliver(io, flags, asJson ? printData(plan) : engine.render.scan(plan, textOptions(io, flags)));
  timer.mark("report");
  return outcomeOf(plan);
}

/** `fluxlift` alone: what was scanned, what was recognised, what it would do, and where the help is. */
export async function runOverview(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const { io } = session;
  const { engine, workspace } = await openFolder(session, dir);
  const plan = await withProgress(io, "scanning", () => engine.makePlan(workspace, defaultOptions()));
  io.out(engine.render.scan(plan, textOptions(io, flags)));
  const changes = composeChanges(plan);
  if (changes.length > 0) {
    io.out(`${GLYPH.action} 'fluxlift migrate' would write ${describeChanges(changes)} in the install phase.\n`);
  }
  io.err("\nAll commands: fluxlift --help\n");
  return outcomeOf(plan);
}

/** What `scan --format json` prints: what is there, without the edits a plan would hold. */
function printData({ tool, version, scanned, phases, findings }: Plan): string {
  const clusters = (phases[0]?.clusters ?? []).map((plan) => {
    return { cluster: plan.cluster, state: plan.state, detected: plan.detected, findings: plan.findings };
  });
  return `${JSON.stringify({ tool, version, scanned, clusters, findings }, null, 2)}\n`;
}
