import { defineTransform, type TransformContext, type TransformResult } from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { learnConventions } from "../src/flux/apps/conventions.ts";
import { findMissedByRenovate, findVersionReaders } from "../src/flux/oci/charts/automation.ts";
import {
  type ChartMove,
  type ChartStay,
  decideCharts,
  findRegistryCharts,
  findUnfollowed,
} from "../src/flux/oci/charts/decide.ts";
import {
  chartMirrored,
  chartsCanMove,
  chartsMoved,
  chartsStay,
  chartsUnfollowed,
  chartsUnpublished,
  repositoriesIdle,
} from "../src/flux/oci/charts/findings.ts";
import { removeOrphans } from "../src/flux/oci/charts/orphans.ts";
import { learnHabit } from "../src/flux/oci/charts/place.ts";
import { writeMove } from "../src/flux/oci/charts/write.ts";
import { settleTarget } from "../src/flux/oci/target.ts";

/**
 * Lets HelmReleases read their charts through an OCIRepository of their own instead of a HelmRepository (`chartRef`), and
 * removes the HelmRepositories that nothing needs any more in cleanup. Only with `--charts`, because helm-controller
 * upgrades every release that moves.
 */
export default defineTransform({
  id: "charts-to-oci",
  title: "Read charts from the registry",
  phases: ["prepare", "cleanup"],
  docs: "docs/transforms/charts-to-oci.md",
  applies: () => true,
  run(context): TransformResult {
    const { phase, options } = context;
    const { target } = settleTarget(context);
    const isAsked = options.oci?.charts === true || options.only.includes("charts-to-oci");
    if (!target) return { edits: [], findings: [] };
    if (phase === "cleanup") {
      const removed = removeOrphans(context);
      return isAsked ? removed : { edits: [], findings: repositoriesIdle(removed.edits) };
    }
    if (!isAsked) return { edits: [], findings: chartsCanMove(context.tree, findRegistryCharts(context)) };
    const { moves, stays } = decideCharts(context);
    const { edits, moved, refused } = writeAll(context, target.sync.version, moves);
    return {
      edits,
      findings: [
        ...(moved.length > 0
          ? [
              chartsMoved(
                context.tree,
                moved.map(({ move }) => move),
              ),
            ]
          : []),
        ...moved.filter(({ move }) => move.mirrored).map(({ move }) => chartMirrored(context.tree, move)),
        ...chartsStay(context.tree, [...stays.filter(({ unpublished }) => unpublished === undefined), ...refused]),
        ...chartsUnpublished(context.tree, stays),
        ...chartsUnfollowed(context.tree, findUnfollowed(context)),
        ...(moved.length > 0 ? findVersionReaders(context.tree, context.model.clusters) : []),
        ...findMissedByRenovate(context.tree, moved),
      ],
    };
  },
});

function writeAll(
  context: TransformContext,
  version: Parameters<typeof learnConventions>[2],
  moves: readonly ChartMove[],
) {
  const conventions = learnConventions(context.tree, context.cluster, version);
  const habit = learnHabit(context.cluster);
  const result = {
    edits: [] as DraftEdit[],
    moved: [] as { move: ChartMove; file: string }[],
    refused: [] as ChartStay[],
  };
  let { tree } = context;
  for (const move of moves) {
    const written = writeMove(tree, move, conventions, habit);
    if ("refused" in written) {
      result.refused.push({ release: move.release, why: written.refused });
      continue;
    }
    result.edits.push(...written.edits);
    result.moved.push({ move, file: written.file });
    tree = written.tree;
  }
  return result;
}
