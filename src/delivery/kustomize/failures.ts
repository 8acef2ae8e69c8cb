import type { Loc } from "../../contract/errors.ts";

interface Detail {
  /** Whether the same folder could build where other folders lead to it. */
  dependsOnStack?: boolean;
  /** Path of the file that a generator reads and that is not there, where that is the reason. */
  missing?: string | undefined;
  /** Index of the JSON6902 operation that does not apply, where that is the reason. */
  operation?: number | undefined;
}

/** Part of an answer, and caught always: it keeps no stack, which would take longer to write down than most builds. */
class Quiet extends Error {
  constructor(reason: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A reason for which kustomize refuses a build; caught by `deliver`, never seen by callers. */
export class BuildError extends Quiet {
  readonly at: Loc;
  readonly detail: Detail;

  constructor(at: Loc, reason: string, detail: Detail = {}) {
    super(reason);
    this.at = at;
    this.detail = detail;
  }
}

/** An edit of an object that cannot be carried out as it is written; `guard` makes a `BuildError` of it. */
export class EditFailure extends Quiet {
  /** Index of the JSON6902 operation that does not apply. */
  readonly operation: number | undefined;

  constructor(reason: string, operation?: number) {
    super(reason);
    this.operation = operation;
  }
}

/** A source of Git never brings the file itself; what a job publishes may have it. */
export const sayPointer = (what: string): string =>
  `a pointer of Git LFS is here in place of ${what}, and Flux fetches nothing from there; where a job publishes the files with their content, git lfs pull brings it here, and else it has to go into Git (git lfs untrack, git add --renormalize)`;

/** Of a key that the decoder takes for no text. */
export function sayTypedKey(key: string): string {
  return `the map key ${key} is no string: kustomize cannot print the object`;
}
