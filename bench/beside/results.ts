import type { FlateSays } from "./flate.ts";
import type { Case } from "./house.ts";

/** What `fluxlift verify` says of a case. */
export interface FluxliftSays {
  verdict: string;
  exit: number;
  /** Rules of what stops the merge, or of what cannot be known. */
  rules: string[];
  /** Those of the harmed objects that the report names. */
  named: string[];
}

/** What was said of one case. */
export interface Said extends Pick<Case, "class" | "change" | "flux" | "harm" | "konflate"> {
  /** flate on the base as it is now and the result of the merge. */
  flate: FlateSays;
  /** Where main has moved on: flate on where the branch began and the branch, which is what `--base` takes. */
  asPushed?: FlateSays | undefined;
  fluxlift: FluxliftSays;
}

/** The file that docs/verify.md is rendered from. */
export interface Results {
  flate: string;
  /** Whether `fluxlift verify` was given a helm; flate has one inside. */
  helm: boolean;
  said: Said[];
}
