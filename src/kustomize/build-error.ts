import type { Loc } from "../errors.ts";

/** A reason for which kustomize refuses a build; caught by `deliver`, never seen by callers. */
export class BuildError extends Error {
  readonly at: Loc;
  /** Whether the same folder could build where other folders lead to it. */
  readonly dependsOnStack: boolean;
  /** Path of the file that a generator reads and that is not there, where that is the reason. */
  readonly missing: string | undefined;

  constructor(
    at: Loc,
    reason: string,
    { dependsOnStack = false, missing }: { dependsOnStack?: boolean; missing?: string } = {},
  ) {
    super(reason);
    this.at = at;
    this.dependsOnStack = dependsOnStack;
    this.missing = missing;
  }
}
