import { TRANSFORMS } from "../../transforms/index.ts";
import { checkFacts } from "./facts-check.ts";
import { checkPreconditions } from "./preconditions.ts";
import type { Route } from "./route.ts";
import { buildRunbook } from "./runbook.ts";
import { PHASES } from "./types.ts";

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
  buildRunbook,
};
