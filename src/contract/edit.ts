import type { Loc } from "./errors.ts";
import type { Template, Yaml } from "./media.ts";
import type { Phase } from "./options.ts";

/** Half-open range of UTF-16 offsets in the text the edit was made against. */
export interface TextRange {
  start: number;
  end: number;
  text: string;
}

type EditAction<New extends string> =
  | { kind: "create"; text: New; mode?: number }
  | { kind: "replace"; ranges: TextRange[] }
  | { kind: "delete" }
  | { kind: "move"; to: string };

interface Reasons {
  path: string;
  /** One sentence for the reviewer. */
  why: string;
  /** Where in the old tree the edit was derived from. */
  evidence?: Loc[];
}

/** What a transform of your own writes; a new file may be any text. */
export type OwnEdit = EditAction<string> & Reasons;

/** What a transform writes: the engine fills in transform, phase and cluster. New files are printed, never put together. */
export type DraftEdit = EditAction<Yaml | Template> & Reasons;

export type Edit = OwnEdit & { evidence: Loc[]; transform: string; phase: Phase; cluster: string };

/** An edit that can be applied; who makes it only shows where two of them do not fit. */
export type AppliedEdit = OwnEdit & { transform?: string };

/** Final state of one file in a phase. `before`/`after` are absent for a created/deleted file. */
export interface FileChange {
  path: string;
  before?: string;
  after?: string;
  /** Permission bits to create with, 0o644 or 0o755; kept as it is for existing files. */
  mode?: number;
  /** Texts that a saved plan leaves out, since they hold what is secret. */
  withheld?: ("before" | "after")[];
}

/** Paths that edits change, make or take away. */
export function pathsOf(edits: readonly Edit[]): string[] {
  return edits.flatMap((edit) => (edit.kind === "move" ? [edit.path, edit.to] : [edit.path]));
}
