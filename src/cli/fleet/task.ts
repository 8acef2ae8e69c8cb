import type { FleetAction } from "../../contract/fleet.ts";

/** What to run in each repository. */
export interface Task {
  action: FleetAction;
  /** As results name them, the same on every machine. */
  flags: readonly string[];
  /** As the command gets them, with paths of this machine. */
  commandFlags: readonly string[];
  /** The branch that is prepared with the edits of a plan; nothing is written where there is none. */
  branch?: string;
  /** Absolute folder that clones are kept in; without it they go. */
  clones?: string;
  /** Milliseconds after which a run counts as failed. */
  timeout: number;
  /** Folder that relative paths of the list stand in. */
  cwd: string;
}
