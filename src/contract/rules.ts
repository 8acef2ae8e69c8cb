import type { RuleFacts } from "./rule-facts.ts";

/**
 * Ids of the rules that findings go by: those whose findings bring facts, and those that come with words of their own;
 * `src/findings` says what each means. A new id without an entry there, or an entry without an id, does not compile.
 */
export type RuleId =
  | keyof RuleFacts
  | "shared-with-blocked"
  | "phase-not-proven"
  | "phase-not-pushed"
  | "nothing-recognised"
  | "root-not-found"
  | "root-ambiguous"
  | "cluster-left-out"
  | "cluster-starts"
  | "root-outside"
  | "chart-unread"
  | "layout-refused"
  | "name-refused"
  | "yaml-broken"
  | "other-branch"
  | "detached-head"
  | "phase-not-reached"
  | "install-contradiction"
  | "shared-reference"
  | "gotk-undelivered"
  | "bootstrap-unfilled"
  | "bootstrap-unknown"
  | "flux-may-go"
  | "wanted-may-go"
  | "build-breaks"
  | "immutable-changes"
  | "object-refused"
  | "labels-dropped"
  | "second-owner"
  | "operator-goes"
  | "instance-harms"
  | "setting-lost"
  | "field-ignored"
  | "folder-of-another"
  | "reference-breaks"
  | "reference-missing"
  | "waits-in-circle"
  | "reconcile-stops"
  | "login-mismatch"
  | "api-not-served"
  | "namespace-missing"
  | "reference-remains"
  | "cutover-will-stop"
  | "guard-overridden"
  | "instance-refused"
  | "instance-undelivered"
  | "will-be-deleted"
  | "left-behind"
  | "source-switches"
  | "merge-conflict"
  | "merge-not-computed"
  | "acceptance-idle"
  | "acceptance-not-counted"
  | "safety-unknown";

/** Rules of transforms that a user brings along are named after their package. */
export type AnyRuleId = RuleId | `${string}/${string}`;
