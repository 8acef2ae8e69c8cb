import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Committed } from "../../files/committed-since.ts";
import type { UndoTarget } from "../../files/undo.ts";
import { cleanText, sayCount } from "../../report/terminal.ts";
import { askOneOf } from "../ask.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Session } from "../session.ts";

/** `fluxlift undo`: takes the last write back, to the byte; an interrupted one may also be finished. */
export async function runUndo(session: Session, flags: Flags, dir = "."): Promise<Outcome> {
  const { io, loader } = session;
  const engine = await loader.load();
  const target = engine.findUndo(resolveFolder(resolve(io.cwd, dir), dir));
  if (!target) {
    io.err(`${GLYPH.done} Nothing to undo: fluxlift has written nothing here, or it was taken back already.\n`);
    return "done";
  }
  io.err(describeTarget(target));
  const committed = target.committed();
  if (committed) io.err(describeCommitted(committed, target.files.length));
  if (committed && flags.yes && !flags.committed) {
    io.err(`${GLYPH.fail} Nothing was restored. With --committed the files are restored and the commits stay.\n`);
    return "unconfirmed";
  }
  if (!flags.yes && !io.interactive) {
    io.err(`${GLYPH.fail} Nothing was restored: there is no terminal to ask on. Run it with --yes to restore.\n`);
    return "unconfirmed";
  }
  const answer = flags.yes ? "y" : await askWhat(io, target, committed !== undefined);
  if (answer === "f" && target.resume) {
    target.resume();
    io.err(`${GLYPH.done} The write is whole: ${sayCount(target.files.length, "file")}
`);
    return "done";
  }
  if (answer !== "y") {
    io.err(`${GLYPH.fail} Nothing was restored.\n`);
    return "unconfirmed";
  }
  target.undo();
  io.err(`${GLYPH.done} Restored ${sayCount(target.files.length, "file")}\n`);
  return "done";
}

function describeTarget(target: UndoTarget): string {
  const heads = {
    write: `${GLYPH.warn} The last write (${target.label}) was interrupted. It concerns`,
    undo: `${GLYPH.warn} The undo of the last write (${target.label}) was interrupted. It concerns`,
  };
  const head = target.interrupted
    ? heads[target.interrupted]
    : `${GLYPH.action} The last write (${target.label}) concerns`;
  return `${head} ${sayCount(target.files.length, "file")}:\n${listPaths(target.files)}`;
}

function listPaths(paths: readonly string[]): string {
  return paths.map((path) => `  ${cleanText(path)}\n`).join("");
}

/** What git has of it: to restore the files does not take the commits back, and Flux goes on applying those that are pushed. */
function describeCommitted({ files, commits }: Committed, all: number): string {
  const which = files.length === all ? "All of them are" : `${files.length} of them are`;
  const lines = commits.map(({ id, subject }) => `  ${id.slice(0, 9)} ${cleanText(subject)}\n`);
  const ids = commits.map(({ id }) => id.slice(0, 9)).join(" ");
  const names = files.length === all ? "" : listPaths(files);
  const how =
    ids === "" ? "To take a commit back: git revert COMMIT" : `To take that back: git revert --no-edit ${ids}`;
  return `${GLYPH.warn} ${which} committed since${names || lines.length > 0 ? ":" : "."}\n${names}${lines.join("")}  ${how}\n`;
}

const QUESTIONS = {
  write: "Restore them (y), or finish the write (f)? [y/f/N] ",
  undo: "Finish restoring them (y), or go back to what was written (f)? [y/f/N] ",
  none: "Restore them? [y/N] ",
  committed: "Restore the files all the same, and leave the commits? [y/N] ",
} as const;

async function askWhat(io: Io, { interrupted }: UndoTarget, committed: boolean): Promise<string> {
  const question = QUESTIONS[interrupted || (committed ? "committed" : "none")];
  return await askOneOf(io, question, interrupted ? ["y", "n", "f"] : ["y", "n"]);
}

/** The journals are found from the folder; a folder that does not exist has none, and saying so would mislead. */
function resolveFolder(path: string, shown: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new UsageError("no-folder", `There is no folder ${shown}.`, "Give the folder that fluxlift wrote to.");
  }
}
