/** What was asked of each repository. */
export type FleetAction = "scan" | "plan" | "verify";

/** How it went in one repository: done, a person has to act (exit 1), or it failed (exit 2, or it never ran). */
export type FleetEnd = "done" | "act" | "failed";

/** A line of the results of `fluxlift fleet`. */
export interface FleetResult {
  tool: "fluxlift";
  version: string;
  schema: 1;
  /** Place in the list that was given, from 0; shards keep it. */
  index: number;
  /** As it was listed, without user and password. */
  repo: string;
  action: FleetAction;
  /** The flags of the command besides. */
  flags: readonly string[];
  end: FleetEnd;
  /** Commit that was looked at, where there is one. */
  commit?: string;
  /** Milliseconds, the clone left out. */
  ms: number;
  clusters: readonly { name: string; state?: string; next?: string; verdict?: string }[];
  /** Of the whole change, for verify. */
  verdict?: string;
  counts: { blocker: number; caution: number; info: number };
  /** Rules of the blockers, each once. */
  blockers: readonly string[];
  /** What `--branch-and-commit` has prepared: a branch, and the commit it stands at. */
  branch?: { name: string; commit: string };
  /** Why it failed, as the command said it. */
  error?: string;
  /** What the command printed as JSON. */
  result?: unknown;
}
