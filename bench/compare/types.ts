/** Parsed JSON of a build under comparison; its shape may differ between two builds, so nothing is taken for granted. */
// biome-ignore lint/suspicious/noExplicitAny: two builds may print two shapes
export type Json = any;

/** One command that both builds run on the same tree. */
export interface Step {
  /** `all/cutover`, `east/install`, `all/direct`, `oci/switch`, `oci-charts/cleanup`, `scan`, `pair-03`. */
  id: string;
  /** Arguments; `{repo}` stands for the folder of the repository. */
  args: string[];
  /** Commit that is checked out for it; none for commands that read revisions by name. */
  input?: string;
  /** Message of the commit that holds the result, where later steps build on it. */
  commit?: string;
}

/** A file that came out different in the two builds, or that one of them did not touch. */
export interface FileDifference {
  path: string;
  /** `A` only the new build has it, `D` only the base build has it, `M` both with other bytes, `T` another mode. */
  status: string;
  /** Unified diff from the base's result to the new one, cut. */
  diff: string;
}

/** What one build answered to one step. */
export interface Answer extends Step {
  exit: number;
  /** First lines of stderr where no JSON was printed. */
  error?: string;
  /** What was printed, without texts of files. */
  said?: Json;
  /** Git tree of the folder after the command. */
  tree?: string;
  /** Commit of the result, for steps that later ones build on. */
  output?: string;
  /** Set for the new build where its tree is not the base's. */
  files?: FileDifference[];
}

/** Everything one build answered on one corpus state or on one repository of merges. */
export interface Record {
  unit: string;
  answers: Answer[];
}

/** One statement that only one build makes: `-` the base, `+` the new one, `~` the same thing said differently. */
export interface Difference {
  unit: string;
  step: string;
  kind: Kind;
  side: "-" | "+" | "~";
  text: string;
  /** Longer material for a person, such as the diff of a file. */
  detail?: string;
}

/** Kinds that are compared always, and those that `--with` adds. */
export const KINDS = ["exit", "error", "clusters", "file", "finding", "verdict", "danger", "fate", "unknown"] as const;
export const EXTRA_KINDS = ["words", "runbook", "patches", "edit", "kept"] as const;
export type Kind = (typeof KINDS)[number] | (typeof EXTRA_KINDS)[number];
