import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Shown } from "../../contract/media.ts";
import { joinShown, shown, visible } from "../../contract/visible.ts";
import type { Committed } from "../../files/committed-since.ts";
import type { UndoTarget } from "../../files/undo.ts";
import { sayCount } from "../../report/terminal.ts";
import { askOneOf } from "../ask.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Session } from "../session.ts";
import { saySteps } from "./show.ts";

/** `fluxlift undo`: takes the last write back, to the byte; an interrupted one may also be finished. */
export async function runUndo(session: Session, flags: Flags, dir = "."): Promise<Outcome> {
  const { io, loader } = session;
  const engine = await loader.load();
  const target = engine.findUndo(resolveFolder(resolve(io.cwd, dir), dir));
  if (!target) {
    io.err(shown`${GLYPH.done} Nothing to undo: fluxlift has written nothing here, or it was taken back already.\n`);
    return "done";
  }
  if (target.isBack) return leaveOrForget(io, target, flags);
  io.err(describeTarget(target));
  const committed = target.committed();
  if (committed) io.err(describeCommitted(committed, target.files.length));
  if (committed && flags.yes && !flags.committed) {
    io.err(shown`${GLYPH.fail} Nothing was restored. With --committed the files are restored and the commits stay.\n`);
    return "unconfirmed";
  }
  if (!flags.yes && !io.interactive) {
    const again = { says: "To restore them:", commands: [`fluxlift undo --yes${committed ? " --committed" : ""}`] };
    io.err(shown`${GLYPH.fail} Nothing was restored: there is no terminal to ask on.\n${saySteps(io, flags, [again])}`);
    return "unconfirmed";
  }
  const answer = flags.yes ? "y" : await askWhat(io, target, committed !== undefined);
  if (answer === "f" && target.resume) {
    target.resume();
    io.err(shown`${GLYPH.done} The write is whole: ${sayCount(target.files.length, "file")}
`);
    return "done";
  }
  if (answer !== "y") {
    io.err(shown`${GLYPH.fail} Nothing was restored.\n`);
    return "unconfirmed";
  }
  const left = target.undo();
  io.err(shown`${GLYPH.done} Restored ${sayCount(target.files.length, "file")}\n`);
  if (left) io.err(shown`${GLYPH.warn} ${visible(left)}\n`);
  return "done";
}

/** Who has put the files aside with git may bring them back, so the record only goes where somebody says so. */
async function leaveOrForget(io: Io, { label, files, forget }: UndoTarget, { yes }: Flags): Promise<Outcome> {
  const how = shown`${sayCount(files.length, "file")} as before it, by git or by hand`;
  io.err(shown`${GLYPH.done} Nothing to restore of the last write (${visible(label)}): ${how}.\n`);
  io.err(shown`  Its record stays: what brings the files back, such as git stash pop, can be undone.\n`);
  if (!forget || yes || !io.interactive) return "done";
  const answer = await askOneOf(io, shown`Forget it, so that undo goes on to the write before it? [y/N] `, ["y", "n"]);
  if (answer !== "y") return "done";
  forget();
  io.err(shown`${GLYPH.done} Forgotten. Run fluxlift undo again for the write before it.\n`);
  return "done";
}

function describeTarget(target: UndoTarget): Shown {
  const heads = {
    write: shown`${GLYPH.warn} The last write (${visible(target.label)}) was interrupted. It concerns`,
    undo: shown`${GLYPH.warn} The undo of the last write (${visible(target.label)}) was interrupted. It concerns`,
  };
  const head = target.interrupted
    ? heads[target.interrupted]
    : shown`${GLYPH.action} The last write (${visible(target.label)}) concerns`;
  return shown`${head} ${sayCount(target.files.length, "file")}:\n${listPaths(target.files)}`;
}

function listPaths(paths: readonly string[]): Shown {
  return joinShown(
    paths.map((path) => shown`  ${visible(path)}\n`),
    "",
  );
}

/** What git has of it: to restore the files does not take the commits back, and Flux goes on applying those that are pushed. */
function describeCommitted({ files, commits }: Committed, all: number): Shown {
  const which = files.length === all ? shown`All of them are` : shown`${files.length} of them are`;
  const lines = commits.map(({ id, subject }) => shown`  ${visible(`${id.slice(0, 9)} ${subject}`)}\n`);
  const ids = commits.map(({ id }) => id.slice(0, 9)).join(" ");
  const names = files.length === all ? shown`` : listPaths(files);
  const how =
    ids === ""
      ? shown`To take a commit back: git revert COMMIT`
      : shown`To take that back: git revert --no-edit ${visible(ids)}`;
  const stop = names || lines.length > 0 ? shown`:` : shown`.`;
  const before = shown`Where a cluster has applied it, docs/rollback.md says what comes before that.`;
  return shown`${GLYPH.warn} ${which} committed since${stop}\n${names}${joinShown(lines, "")}  ${how}\n  ${before}\n`;
}

const QUESTIONS = {
  write: shown`Restore them (y), or finish the write (f)? [y/f/N] `,
  undo: shown`Finish restoring them (y), or go back to what was written (f)? [y/f/N] `,
  none: shown`Restore them? [y/N] `,
  committed: shown`Restore the files all the same, and leave the commits? [y/N] `,
};

async function askWhat(io: Io, { interrupted }: UndoTarget, committed: boolean): Promise<string> {
  const question = QUESTIONS[interrupted || (committed ? "committed" : "none")];
  return await askOneOf(io, question, interrupted ? ["y", "n", "f"] : ["y", "n"]);
}

/** The journals are found from the folder; a folder that does not exist has none, and saying so would mislead. */
function resolveFolder(path: string, given: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new UsageError("no-folder", `There is no folder ${given}.`, "Give the folder that fluxlift wrote to.");
  }
}
