import { hideCredentials } from "../contract/address.ts";
import { FluxliftError, InternalError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import { visible } from "../contract/visible.ts";
import { hangText, makePaint } from "../report/terminal.ts";
import { GLYPH, type Io } from "./io.ts";

/** What is wrong, and what to do; a stack only for defects and under `--verbose`. */
export function renderError(
  error: unknown,
  io: Pick<Io, "colourErr" | "liveStderr" | "width">,
  verbose: boolean,
): string {
  const paint = makePaint(io.colourErr);
  const said = hideCredentials(error instanceof Error ? error.message : String(error));
  // Ours spell out every value themselves, and have lines of their own.
  const message = error instanceof FluxliftError ? said : visible(said);
  // Lines of a log are searched for: they are whole there.
  const width = io.liveStderr ? io.width : Number.POSITIVE_INFINITY;
  const [first = "", ...details] = message.split("\n");
  const lines = [
    ...hangText(`${GLYPH.fail} `, first, width).map((line) => paint("red", line)),
    ...details.map((line) => paint("red", line)),
  ];
  if (error instanceof FluxliftError && error.hint) lines.push(...hangText("  ", error.hint, width));
  if (isDefect(error)) {
    lines.push(
      "  This is a defect of fluxlift, not of your repository. If it was writing, 'fluxlift undo' restores every file.",
      `  Please report it with the line above and this one: fluxlift ${VERSION}, node ${process.versions.node}, ${process.platform}` +
        (verbose ? "" : " (run again with --verbose for the stack)"),
    );
  }
  if (verbose && error instanceof Error && error.stack) lines.push(paint("dim", framesOf(error.stack)));
  return `${lines.join("\n")}\n`;
}

/** Where it happened, without the message, which may hold anything. */
function framesOf(stack: string): string {
  const frames = stack.split("\n").filter((line) => /^ +at /.test(line));
  return hideCredentials(frames.map(visible).join("\n"));
}

/** Whether an error is a defect of fluxlift that the user should report; a full disk or a missing right is not. */
function isDefect(error: unknown): boolean {
  if (error instanceof FluxliftError) return error instanceof InternalError;
  return !(error instanceof Error && "syscall" in error);
}
