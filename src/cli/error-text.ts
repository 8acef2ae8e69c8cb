import { hideCredentials } from "../contract/address.ts";
import { FluxliftError, InternalError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import { visible } from "../contract/visible.ts";
import { makePaint } from "../report/terminal.ts";
import { GLYPH, type Io } from "./io.ts";

/** What is wrong, and what to do; a stack only for defects and under `--verbose`. */
export function renderError(error: unknown, io: Pick<Io, "colourErr">, verbose: boolean): string {
  const paint = makePaint(io.colourErr);
  const said = hideCredentials(error instanceof Error ? error.message : String(error));
  // Ours spell out every value themselves, and have lines of their own.
  const message = error instanceof FluxliftError ? said : visible(said);
  const lines = [paint("red", `${GLYPH.fail} ${message}`)];
  if (error instanceof FluxliftError && error.hint) lines.push(`  ${error.hint}`);
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
