import type { Loc } from "../errors.ts";

/** A reason for which kustomize refuses a build; caught by `deliver`, never seen by callers. */
export class BuildError extends Error {
  readonly at: Loc;
  /** Whether the same folder could build where other folders lead to it. */
  readonly dependsOnStack: boolean;

  constructor(at: Loc, reason: string, dependsOnStack = false) {
    super(reason);
    this.at = at;
    this.dependsOnStack = dependsOnStack;
  }
}
