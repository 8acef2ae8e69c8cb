import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { UndoTarget } from "../../files/undo.ts";
import { sayCount } from "../../report/terminal.ts";
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
  if (!flags.yes && !io.interactive) {
    io.err(`${GLYPH.fail} Nothing was restored: there is no terminal to ask on. Run it with --yes to restore.\n`);
    return "unconfirmed";
  }
  const answer = flags.yes ? "y" : await askWhat(io, target);
  if (answer === "f" && target.resume) {
    target.resume();
    io.err(`${GLYPH.done} Finished the write: ${sayCount(target.files.length, "file")}\n`);
    return "done";
  }
  if (answer !== "y" && answer !== "yes") {
    io.err(`${GLYPH.fail} Nothing was restored.\n`);
    return "unconfirmed";
  }
  target.undo();
  io.err(`${GLYPH.done} Restored ${sayCount(target.files.length, "file")}\n`);
  return "done";
}

function describeTarget(target: UndoTarget): string {
  const head = target.interrupted
    ? `${GLYPH.warn} The last write (${target.label}) was interrupted. It concerns`
    : `${GLYPH.action} The last write (${target.label}) concerns`;
  return `${head} ${sayCount(target.files.length, "file")}:\n${target.files.map((path) => `  ${path}\n`).join("")}`;
}

async function askWhat(io: Io, target: UndoTarget): Promise<string | undefined> {
  const question = target.resume ? "Restore them (y), or finish the write (f)? [y/f/N] " : "Restore them? [y/N] ";
  return (await io.ask(question))?.trim().toLowerCase();
}

/** The journals are found from the folder; a folder that does not exist has none, and saying so would mislead. */
function resolveFolder(path: string, shown: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new UsageError("no-folder", `There is no folder ${shown}.`, "Give the folder that fluxlift wrote to.");
  }
}
