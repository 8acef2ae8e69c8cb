import type { Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import type { Given } from "../compare.ts";
import type { OpenPoint, TreeChange } from "../types.ts";
import { findCircles } from "./circles.ts";
import { findBrokenReferences } from "./graph.ts";
import { locateIn, openReferences, type ReportInput, reportBroken } from "./report.ts";
import { reportCircle } from "./say-circle.ts";

/** What Flux stops applying although no object goes (docs/verify.md). */
export interface StoppedAnswer {
  findings: SaidFinding[];
  open: OpenPoint[];
}

interface StoppedInput {
  change: TreeChange;
  /** Where a finding stands that has no place of its own. */
  fallback: Loc;
  /**
   * The change is one that fluxlift makes: only what it takes away is looked at. What it adds is brought by other edits of
   * the same plan, or by a step of its runbook.
   */
  planned: boolean;
}

/** Everything that Flux applies no more, or never will, because something it needs is not there. */
export function findStopped(given: Given, { change, fallback, planned }: StoppedInput): StoppedAnswer {
  const input: ReportInput = { change, after: given.after, fallback };
  const { broken, unproven } = findBrokenReferences(given, change);
  if (planned)
    return {
      findings: reportBroken(
        input,
        broken.filter(({ isGone }) => isGone),
      ),
      open: [],
    };
  const circles = findCircles(given).map((circle) => reportCircle(circle, (held, path) => locateIn(input, held, path)));
  return { findings: [...reportBroken(input, broken), ...circles], open: openReferences(input, unproven) };
}
