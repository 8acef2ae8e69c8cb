import type { Loc } from "./errors.ts";
import type { Phase } from "./options.ts";
import type { RuleFacts } from "./rule-facts.ts";
import type { AnyRuleId } from "./rules.ts";

export type Level = "info" | "caution" | "blocker";

/** Something a person should know. `what` says what Flux will do; `next` says what to do about it. */
export interface Finding {
  rule: AnyRuleId;
  level: Level;
  /** Absent when it concerns the whole repository. */
  cluster?: string;
  phase?: Phase;
  /** `Kind namespace/name` of the object concerned. */
  resource?: string;
  /** All others that it is about, as `resource` has them, where its words name none or only some of them. */
  others?: readonly string[];
  /** Absent only when there is no file to point at. */
  at?: Loc;
  what: string;
  why: string;
  next: string;
}

/** A finding before the plan adds the cluster and the phase, in words of its own. */
export type SaidFinding = Omit<Finding, "cluster" | "phase">;

/** What a transform reports: facts that the catalogue has the words for, or words of its own. */
export type DraftFinding = (SaidFinding | FactFinding) & {
  /** Whom it is about, where that is not the cluster of the run: one alone, or else the whole repository. */
  clusters?: readonly string[];
};

/** Id, place and facts; `src/findings` has the words. */
export type FactFinding = {
  [Rule in keyof RuleFacts]: Pick<Finding, "resource" | "at"> & {
    rule: Rule;
    level: Level;
    facts: RuleFacts[Rule];
  };
}[keyof RuleFacts];
