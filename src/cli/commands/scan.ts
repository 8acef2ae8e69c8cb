import type { Json, Made } from "../../contract/media.ts";
import type { Plan } from "../../contract/plan.ts";
import { shown } from "../../contract/visible.ts";
import { printJson } from "../../report/json.ts";
import { listClusters } from "../../report/summary.ts";
import { sayCount } from "../../report/terminal.ts";
import type { Outcome } from "../exit.ts";
import { type Flags, SCAN_FORMATS } from "../flags.ts";
import type { Engine } from "../load-engine.ts";
import { defaultOptions } from "../options.ts";
import { withProgress } from "../progress.ts";
import type { Session } from "../session.ts";
import { leaveOut } from "./leave-out.ts";
import { openFolder, outcomeOf, tellOpenWrite, warnOfOpenWrite } from "./session.ts";
import { checkEnding, deliver, formatOf, textOptions } from "./show.ts";

/** `fluxlift scan`: how each cluster installs and syncs Flux, where it stands, and what would block the next phase. */
export async function runScan(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const { io, timer } = session;
  checkEnding(flags, SCAN_FORMATS);
  const { engine, plan } = await survey(session, flags, dir);
  timer.mark("plan");
  deliver(io, flags, renderSurvey(engine, plan, session, flags));
  timer.mark("report");
  return outcomeOf(plan);
}

/** `fluxlift` alone: what was recognised, where each cluster stands and what comes next; on a terminal the guide goes on. */
export async function runOverview(session: Session, flags: Flags, dir?: string): Promise<Outcome> {
  const { io } = session;
  const { engine, workspace, plan } = await survey(session, flags, dir);
  io.out(engine.render.scan(plan, textOptions(io, flags)));
  if (!io.interactive || !io.terminal) return outcomeOf(plan);
  const { runGuide } = await import("../guide/guide.ts");
  return (await runGuide(session, engine, workspace, plan, flags)) ?? outcomeOf(plan);
}

async function survey(session: Session, flags: Flags, dir: string | undefined) {
  const { io } = session;
  const { engine, workspace } = await openFolder(session, dir);
  const open = engine.findOpenWrite(workspace);
  warnOfOpenWrite(io, open);
  const options = defaultOptions(flags, engine.transforms);
  const made = await withProgress(io, shown`scanning ${sayCount(workspace.tree.paths.length, "file")}`, () =>
    engine.survey(workspace, options),
  );
  return { engine, workspace, plan: await tellOpenWrite(await leaveOut(io, made, flags), open) };
}

function renderSurvey({ render }: Engine, plan: Plan, { io }: Session, flags: Flags): Made {
  const format = flags.format ?? (flags.output === undefined ? "text" : (formatOf(flags.output) ?? "text"));
  if (format === "json") return printData(plan);
  return format === "markdown" ? render.scanMarkdown(plan) : render.scan(plan, textOptions(io, flags));
}

/** What `scan --format json` prints: what is there, without the edits a plan would hold. */
function printData({ tool, version, schema, scanned, phases, findings }: Plan): Json {
  const clusters = listClusters({ phases }).map(({ cluster, state, standing, detected, findings: own }) => {
    return { cluster, state, standing, detected, findings: own };
  });
  return printJson({ tool, version, schema, scanned, clusters, findings });
}
