import { resolve } from "node:path";
import { operand, sh } from "../../contract/shell.ts";
import { shown, visible } from "../../contract/visible.ts";
import { composeChanges } from "../../plan/changes.ts";
import { holdAgainstNow } from "../../plan/saved/anew.ts";
import { deriveFiles } from "../../plan/saved/files.ts";
import { parsePlan } from "../../plan/saved/load.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { readInput } from "../input.ts";
import { GLYPH } from "../io.ts";
import type { Session } from "../session.ts";
import { ownTransforms } from "./own.ts";
import { openFolder, outcomeOf, refuseUnfinished } from "./session.ts";
import { showReport } from "./show.ts";
import { agreeAndWrite, requireGit } from "./write.ts";

/** `fluxlift apply`: writes exactly what a saved plan holds, if the files it was made from are still the same. */
export async function runApply(session: Session, flags: Flags, file: string, dir?: string): Promise<Outcome> {
  const { io } = session;
  const hint = "Save one with 'fluxlift plan -o FILE'.";
  const saved = await parsePlan(readInput(io.cwd, file, { code: "no-plan", what: "The plan", hint }), file);
  const { engine, workspace } = await openFolder(session, dir);
  if (flags.commit) requireGit(workspace, flags);
  refuseUnfinished(engine, workspace);
  engine.verifyBase(workspace, saved);
  const plan = holdAgainstNow(workspace, deriveFiles(workspace.tree, saved, file), ownTransforms(flags), file);
  if (composeChanges(plan).length === 0) {
    const outcome = outcomeOf(plan);
    if (outcome === "blocked") showReport(io, engine, plan, flags, true);
    const glyph = outcome === "blocked" ? GLYPH.fail : GLYPH.done;
    io.err(shown`${glyph} ${visible(file)} changes nothing.\n`);
    return outcome;
  }
  // Whoever made the plan: every file is named before it is written.
  showReport(io, engine, plan, { ...flags, verbose: true }, true);
  const path = resolve(io.cwd, file);
  const command = sh`fluxlift apply ${flags.folder === undefined ? operand(file) : path}`.line;
  return agreeAndWrite(session, engine, workspace, plan, flags, () => {}, { ignore: [path], command });
}
