import { makeTakes } from "../change/applied-release.ts";
import type { ClusterChange } from "../change/change.ts";
import type { Comparison } from "../change/comparison.ts";
import type { Given } from "../change/given.ts";
import type { Settings } from "../change/settings.ts";
import type { SourceSwitch } from "../change/source-facts.ts";
import type { Harm, OpenPoint } from "../change/types.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import type { OpenSides } from "./open-sides.ts";
import { findDowngradeHarms } from "./operator/downgrade.ts";
import { findNeeds, findUpgrade, type NeedsInput } from "./operator/instance-needs.ts";
import type { InstanceSides } from "./operator/instance-sides.ts";
import { findOlderOperator } from "./operator/older-operator.ts";
import { findOutOfReach } from "./operator/registry.ts";
import { findLostGrants } from "./refused/lost-grants.ts";
import { findNewSync } from "./sources/published.ts";
import { findSecondInstances, findSecondMakers } from "./sources/second-makers.ts";
import { findSecondReleases } from "./sources/second-releases.ts";
import { findClaimsOff } from "./values/claims-off.ts";
import { findCrdsOff } from "./values/crds-off.ts";
import { findUnset } from "./values/unset-variables.ts";

/** What only a merge that somebody wrote is asked. */
export interface MergeOnly {
  open: OpenPoint[];
  harms: Harm[];
  /** Data whose operator goes. */
  unmanned: Harm[];
  /** What becomes a second owner. */
  shared: Harm[];
  /** What uses a chart of another place that renders something else afterwards. */
  charts: Comparison["charts"];
  /** Sources that read another repository, branch or tag afterwards. */
  switched: SourceSwitch[];
}

interface Input {
  change: ClusterChange;
  given: Given;
  comparison: Comparison;
  opened: OpenSides;
  sides: InstanceSides;
  /** The FluxInstance that runs after the change. */
  next: InstanceDescription | undefined;
  /** Whether the change delivers a FluxInstance, or edits the one that it takes over. */
  isTaken: boolean;
  settings: Settings;
}

/**
 * Of a migration that fluxlift writes none of these are asked: it hands over from one root to another, guarded, and its own
 * findings tell what it changes in the Flux that runs.
 */
export function findOfMerge(input: Input): MergeOnly {
  const { change, given, comparison, opened, sides, next, settings } = input;
  const { today, later, tables } = opened;
  const { cluster, after } = change;
  const needs: NeedsInput = { ...change, given, old: sides.old, now: input.isTaken ? sides.successor : undefined };
  const upgrade = findUpgrade(needs);
  const back = findDowngradeHarms(needs);
  const older = findOlderOperator({ old: needs.old, now: needs.now, change, given });
  // That reads the releases that take altered values, and so comes before what looks at all that were read.
  const takes = makeTakes(given);
  const crds = findCrdsOff(given, change, settings);
  const sets = [today.operator, later.operator] as const;
  return {
    open: [
      ...back.open,
      ...older.open,
      ...findLostGrants({ given, sets, next, after, namespace: cluster.namespace }),
      ...findOutOfReach({ ...change, old: sides.old, now: sides.successor }),
      ...crds.open,
      ...findClaimsOff(given, change, takes),
    ],
    harms: [
      ...back.harms,
      ...older.harms,
      ...findNeeds(needs, upgrade),
      ...findSecondInstances(given, change),
      ...findUnset(change, { given, later, cluster, upgrade, version: opened.read.version }),
    ],
    unmanned: crds.harms,
    shared: [...comparison.shared, ...findSecondReleases(given, after), ...findSecondMakers(given, after)],
    charts: comparison.charts,
    switched: sides.refused ? [] : findNewSync(change, tables, next),
  };
}

export const NOTHING_OF_MERGE: MergeOnly = {
  ...{ open: [], harms: [], unmanned: [], shared: [], charts: [], switched: [] },
};
