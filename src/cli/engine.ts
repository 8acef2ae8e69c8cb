import type { Transform } from "../../transforms/contract.ts";
import type { FileChange } from "../contract/edit.ts";
import type { Options } from "../contract/options.ts";
import type { Plan } from "../contract/plan.ts";
import type { Workspace } from "../files/snapshot.ts";
import type { TextOptions } from "../report/text.ts";

/** Gets the two halves a command needs; apart, so that git lists the tree while modules load. Tests pass their own. */
export interface EngineLoader {
  /** Rejects with a RepoError when it is no folder or git refuses it. */
  openWorkspace(dir: string): Promise<Workspace>;
  load(): Promise<Engine>;
}

/** The heavy part of fluxlift as the commands see it. */
export interface Engine {
  readonly transforms: readonly Transform[];
  makePlan(workspace: Workspace, options: Options): Plan;
  /** Whether a folder holds anything to plan for. */
  recognises(workspace: Workspace): boolean;
  /** @throws RepoError when the plan does not fit the tree any more. */
  verifyBase(workspace: Workspace, plan: Plan): void;
  /**
   * All or nothing.
   * @param label what the write is, for undo: `migrate --phase install`
   * @throws RepoError when a file cannot be written, InternalError when a text would not parse; nothing is changed then.
   */
  writeChanges(workspace: Workspace, changes: readonly FileChange[], label: string): void;
  /** @returns the id of the new commit. */
  commitChanges(root: string, paths: readonly string[], message: string): string;
  /** What can be taken back in the repository around a folder; undefined when nothing can. */
  findUndo(dir: string): UndoTarget | undefined;
  readonly render: Renderers;
}

export interface UndoTarget {
  /** What the write was: `migrate --phase install`. */
  label: string;
  /** Files concerned, relative to the top of the repository. */
  files: readonly string[];
  /** Whether the write was interrupted: neither finished nor taken back. */
  interrupted: boolean;
  /** Restores the files. @throws RepoError when somebody changed one of them since; nothing is touched then. */
  undo(): void;
  /** Finishes an interrupted write. @throws RepoError as `undo` does. */
  resume?(): void;
}

interface Renderers {
  text(plan: Plan, options: TextOptions): string;
  diff(plan: Plan): string;
  json(plan: Plan): string;
  markdown(plan: Plan): string;
  /** Findings for code hosts. */
  sarif(plan: Plan): string;
  /** The read-only script that measures what the plan assumes about the live cluster. */
  preflight(plan: Plan): string;
  scan(plan: Plan, options: TextOptions): string;
}
