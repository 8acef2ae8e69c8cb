import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Plan } from "../../contract/plan.ts";
import { composeChanges } from "../../plan/changes.ts";
import { parsePlan } from "../../plan/plan-json.ts";
import { GLYPH } from "../colour.ts";
import { type Outcome, outcomeOfWriting } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { describeNextStep } from "./after-write.ts";
import { openFolder, refuseDirty, refuseUnfinished } from "./session.ts";
import { showReport } from "./show.ts";
import { confirmWrite, requireGit, writePlan } from "./write.ts";

/** `fluxlift apply`: writes exactly what a saved plan holds, if the files it was made from are still the same. */
export async function runApply(
  session: Session,
  file: string,
  dir: string | undefined,
  flags: Flags,
): Promise<Outcome> {
  const { io } = session;
  const plan = readPlan(resolve(io.cwd, file), file);
  const { engine, workspace } = await openFolder(session, dir);
  if (flags.commit) requireGit(workspace);
  refuseUnfinished(engine, workspace);
  if (composeChanges(plan).length === 0) {
    io.err(`${GLYPH.done} ${file} changes nothing.\n`);
    return outcomeOfWriting(plan);
  }
  engine.verifyBase(workspace, plan);
  showReport(io, engine, plan, flags, true);
  if (!flags.yes && !io.interactive) {
    io.err(
      `${GLYPH.fail} Nothing was written: there is no terminal to ask on. Run it with --yes to write this plan.\n`,
    );
    return "unconfirmed";
  }
  if (!flags.allowDirty) refuseDirty(workspace, [resolve(io.cwd, file)]);
  if (!flags.yes && !(await confirmWrite(io, engine, plan))) {
    io.err(`${GLYPH.fail} Nothing was written.\n`);
    return "unconfirmed";
  }
  writePlan(io, engine, workspace, plan, flags.commit ?? false);
  io.err(`${GLYPH.action} ${describeNextStep(plan, flags.commit ?? false)}\n`);
  return outcomeOfWriting(plan);
}

function readPlan(path: string, shown: string): Plan {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      "no-plan",
      `The plan ${shown} cannot be read (${code}).`,
      "Save one with 'fluxlift plan -o FILE'.",
    );
  }
  return parsePlan(text, shown);
}
