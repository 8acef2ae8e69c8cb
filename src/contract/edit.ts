import type { Loc } from "./errors.ts";
import type { Phase } from "./options.ts";

/** Half-open range of UTF-16 offsets in the text the edit was made against. */
export interface TextRange {
  start: number;
  end: number;
  text: string;
}

type EditAction =
  | { kind: "create"; text: string; mode?: number }
  | { kind: "replace"; ranges: TextRange[] }
  | { kind: "delete" }
  | { kind: "move"; to: string };

/** What a transform writes: the engine fills in transform, phase and cluster. */
export type DraftEdit = EditAction & {
  path: string;
  /** One sentence for the reviewer. */
  why: string;
  /** Where in the old tree the edit was derived from. */
  evidence?: Loc[];
};

export type Edit = DraftEdit & { evidence: Loc[]; transform: string; phase: Phase; cluster: string };

/** An edit that can be applied; who makes it only shows where two of them do not fit. */
export type AppliedEdit = DraftEdit & { transform?: string };

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
