import type { MeasureTargets, Runbook } from "../contract/runbook.ts";
import { listAssumptions } from "./assumptions.ts";
import type { RunbookFacts } from "./facts.ts";
import { PRE_CHECKS } from "./prechecks.ts";
import { REBUILD } from "./rebuild.ts";
import { ROLLBACK } from "./rollback.ts";
import { DIRECT_STEPS, STEPS } from "./steps.ts";
import { explainBlock, onDemand, render } from "./template.ts";

/**
 * The runbook of one phase of one cluster: what to check before, what to do and to expect, how to go back, how to
 * rebuild the cluster from the repository, and what the plan assumes. A pure function of the facts; they are asked for
 * and each part is made when it is first read, since most formats print only some of a runbook. A phase with a blocker
 * has no steps, since it must not be merged.
 */
export function writeRunbook(facts: () => RunbookFacts): Runbook {
  return onDemand({
    preChecks: () => render(PRE_CHECKS[facts().phase], facts()),
    steps: () => listSteps(facts()),
    rollback: () => render(ROLLBACK[facts().phase], facts()),
    rebuild: () => render(REBUILD, facts()),
    assumptions: () => listAssumptions(facts()),
    measure: () => listTargets(facts()),
  });
}

function listSteps(facts: RunbookFacts) {
  if (facts.blockers === 0) return render((facts.direct ? DIRECT_STEPS : STEPS)[facts.phase], facts);
  return explainBlock(facts, (them) => `Nothing was planned for it; settle ${them} and plan again.`);
}

function listTargets({ namespace, root, source, sync, guards, needs }: RunbookFacts): MeasureTargets {
  const old = source && { kind: source.kind, namespace: source.namespace, name: source.name };
  const generated = source && sync && sync !== source.name ? [{ kind: source.kind, namespace, name: sync }] : [];
  return {
    namespace,
    root: { namespace: root.namespace, name: root.name },
    sources: old ? [old, ...generated] : [],
    guards: [...guards],
    needs: needs.filter(({ optional }) => !optional).map(({ kind, namespace, name }) => ({ kind, namespace, name })),
  };
}
