import type { Loc } from "../../contract/errors.ts";

/** A reason for which kustomize refuses a build; caught by `deliver`, never seen by callers. */
export class BuildError extends Error {
  readonly at: Loc;
  /** Whether the same folder could build where other folders lead to it. */
  readonly dependsOnStack: boolean;
  /** Path of the file that a generator reads and that is not there, where that is the reason. */
  readonly missing: string | undefined;
  /** Index of the JSON6902 operation that does not apply, where that is the reason. */
  readonly operation: number | undefined;

  constructor(
    at: Loc,
    reason: string,
    detail: { dependsOnStack?: boolean; missing?: string; operation?: number } = {},
  ) {
    super(reason);
    this.at = at;
    this.dependsOnStack = detail.dependsOnStack ?? false;
    this.missing = detail.missing;
    this.operation = detail.operation;
  }
}
