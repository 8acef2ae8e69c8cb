import type { Loc } from "../errors.ts";

/** A reason for which kustomize refuses a build; caught by `deliver`, never seen by callers. */
export class BuildError extends Error {
  readonly at: Loc;

  constructor(at: Loc, reason: string) {
    super(reason);
    this.at = at;
  }
}
