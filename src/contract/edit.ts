import type { Loc } from "./errors.ts";
import type { Phase } from "./options.ts";

/** Half-open range of UTF-16 offsets in the text the edit was made against. */
export interface TextRange {
  start: number;
  end: number;
  text: string;
}

interface EditBase {
  path: string;
  /** One sentence for the reviewer. */
  why: string;
  transform: string;
  phase: Phase;
  cluster: string;
  /** Where in the old tree the edit was derived from. */
  evidence: Loc[];
}

export type Edit =
  | (EditBase & { kind: "create"; text: string; mode?: number })
  | (EditBase & { kind: "replace"; ranges: TextRange[] })
  | (EditBase & { kind: "delete" })
  | (EditBase & { kind: "move"; to: string });

/** An edit that can be applied; who makes it only shows where two of them do not fit. */
export type AppliedEdit = DraftEdit & { transform?: string };

/** What a transform writes: the engine fills in transform, phase and cluster. */
export type DraftEdit =
  | { kind: "create"; path: string; text: string; mode?: number; why: string; evidence?: Loc[] }
  | { kind: "replace"; path: string; ranges: TextRange[]; why: string; evidence?: Loc[] }
  | { kind: "delete"; path: string; why: string; evidence?: Loc[] }
  | { kind: "move"; path: string; to: string; why: string; evidence?: Loc[] };

/** Final state of one file in a phase. `before`/`after` are absent for a created/deleted file. */
export interface FileChange {
  path: string;
  before?: string;
  after?: string;
  /** Permission bits to create with, such as 0o755; kept as it is for existing files. */
  mode?: number;
}
