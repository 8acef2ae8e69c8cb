import { hideCredentials } from "../contract/address.ts";
import { FluxliftError, InternalError } from "../contract/errors.ts";
import type { Shown } from "../contract/media.ts";
import { VERSION } from "../contract/version.ts";
import { joinShown, shown, visible } from "../contract/visible.ts";
import { hangText, makePaint } from "../report/terminal.ts";
import { GLYPH, type Io } from "./io.ts";

/** What is wrong, and what to do; a stack only for defects and under `--verbose`. */
export function renderError(
  error: unknown,
  io: Pick<Io, "colourErr" | "liveStderr" | "width">,
  verbose: boolean,
): Shown {
  const paint = makePaint(io.colourErr);
  const said = hideCredentials(error instanceof Error ? error.message : String(error));
  // Ours spell out every value themselves, and have lines of their own.
  const message = error instanceof FluxliftError ? said : visible(said);
  // Lines of a log are searched for: they are whole there.
  const width = io.liveStderr ? io.width : Number.POSITIVE_INFINITY;
  const [first = "", ...details] = message.split("\n");
  const lines = [
    ...hangText(shown`${GLYPH.fail} `, first, width).map((line) => paint("red", line)),
    ...details.map((line) => paint("red", visible(line))),
  ];
  if (error instanceof FluxliftError && error.hint) lines.push(...hangText(shown`  `, error.hint, width));
  if (isDefect(error)) {
    lines.push(
      shown`  This is a defect of fluxlift, not of your repository. If it was writing, 'fluxlift undo' restores every file.`,
      shown`  Please report it with the line above and this one: fluxlift ${visible(`${VERSION}, node ${process.versions.node}, ${process.platform}`)}${verbose ? shown`` : shown` (run again with --verbose for the stack)`}`,
    );
  }
  if (verbose && error instanceof Error && error.stack) lines.push(paint("dim", framesOf(error.stack)));
  return shown`${joinShown(lines, "\n")}\n`;
}

/** Where it happened, without the message, which may hold anything. */
function framesOf(stack: string): Shown {
  const frames = stack.split("\n").filter((line) => /^ +at /.test(line));
  return joinShown(
    frames.map((frame) => visible(hideCredentials(frame))),
    "\n",
  );
}

/** Whether an error is a defect of fluxlift that the user should report; a full disk or a missing right is not. */
function isDefect(error: unknown): boolean {
  if (error instanceof FluxliftError) return error instanceof InternalError;
  return !(error instanceof Error && "syscall" in error);
}
