import { visible } from "./visible.ts";

/** A place in a text file of the repository; line and col count from 1. */
export interface Loc {
  file: string;
  line: number;
  col: number;
}

/** The first column of a line, the first line where none is given. */
export function lineOf(file: string, line = 1): Loc {
  return { file, line, col: 1 };
}

/** Prints a place the way editors and terminals link it: `file:line:col`. */
export function formatLoc(loc: Loc): string {
  return `${loc.file}:${loc.line}:${loc.col}`;
}

interface FluxliftErrorOptions extends ErrorOptions {
  /** Lines below the message, such as the files it is about. */
  details?: readonly string[];
}

/**
 * Base of every error fluxlift raises on purpose: what and where in the message, what to do in the hint. A value in them
 * starts no line of its own.
 */
export class FluxliftError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, { details = [], ...options }: FluxliftErrorOptions = {}) {
    super([visible(message.trim()), ...details.map((line) => `  ${visible(line)}`)].join("\n"), options);
    this.code = code;
    this.hint = visible(hint.trim());
    this.name = new.target.name;
  }
}

/** The command line is wrong: unknown flag, contradicting options, a plan file that does not exist. */
export class UsageError extends FluxliftError {}

/** The repository cannot be worked on as it is: dirty tree, not a folder, unreadable file, moved base of a plan. */
export class RepoError extends FluxliftError {}

/** A defect of fluxlift itself, such as overlapping edits; the user is asked to report it. */
export class InternalError extends FluxliftError {}
