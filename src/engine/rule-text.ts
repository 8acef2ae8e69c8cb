import type { Level } from "./types.ts";

/** What a rule means in general; a finding says it for one place. */
export interface RuleText {
  /** Levels it can have; the finding says which. */
  levels: readonly Level[];
  /** A few words. */
  title: string;
  /** What Flux, the operator or a rebuild does because of it. */
  meaning: string;
  /** What to do about it. */
  next: string;
}
