import { TRANSFORMS } from "../../transforms/index.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { PHASES } from "../contract/options.ts";
import { checkFacts } from "./facts-check.ts";
import { holdSharers } from "./hold-back.ts";
import { checkPreconditions } from "./preconditions.ts";
import type { Route } from "./route.ts";
import { buildRunbook } from "./runbook/build.ts";

/** From a bootstrapped Flux to Flux Operator. */
export const MIGRATE: Route = {
  phases: PHASES,
  transforms: TRANSFORMS,
  allNeedsDirect: [
    "All phases at once are only safe when the operator and the instance already run in the cluster.",
    "Merge one phase at a time, or install both first (see the runbook) and say so with --direct.",
  ],
  checkTree: ({ options, ...input }) => checkFacts(options.facts, { ...input, options }),
  checkCommitted: checkPreconditions,
  checkResult: () => [],
  holdBack: (plans, staying) => holdSharers(plans, staying, () => true, sharedWithBlocked),
  buildRunbook,
};

/** A shared base that leaves one cluster leaves the other too, adopted there or not (trap 41). */
function sharedWithBlocked(name: string, other: string, file: string): DraftFinding {
  return {
    rule: "shared-with-blocked",
    level: "blocker",
    at: { file, line: 1, col: 1 },
    what: `${name} shares this file with ${other}, which this run leaves as it is; this phase would change it for both.`,
    why: `What leaves the file leaves ${other} as well, where the operator may not have adopted Flux yet (traps 41 and 47).`,
    next: `Settle the blockers of ${other} first, or name it with --cluster too; or give each cluster its own copy of this file.`,
  };
}
