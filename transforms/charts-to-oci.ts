import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { findMissedByRenovate, findVersionReaders } from "../src/flux/oci/charts/automation.ts";
import { decideCharts, findRegistryCharts, findUnfollowed } from "../src/flux/oci/charts/decide.ts";
import {
  chartsCanMove,
  chartsMirrored,
  chartsMoved,
  chartsStay,
  chartsUnfollowed,
  chartsUnpublished,
  repositoriesIdle,
} from "../src/flux/oci/charts/findings.ts";
import { removeOrphans } from "../src/flux/oci/charts/orphans.ts";
import { writeMoves } from "../src/flux/oci/charts/write-all.ts";
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
    const { edits, moved, refused } = writeMoves(context, target.sync.version, moves);
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
        ...chartsMirrored(
          context.tree,
          moved.flatMap(({ move }) => (move.mirrored ? [move] : [])),
        ),
        ...chartsStay(context.tree, [...stays.filter(({ unpublished }) => unpublished === undefined), ...refused]),
        ...chartsUnpublished(context.tree, stays),
        ...chartsUnfollowed(context.tree, findUnfollowed(context)),
        ...(moved.length > 0 ? findVersionReaders(context.tree, context.model.clusters) : []),
        ...findMissedByRenovate(context.tree, moved),
      ],
    };
  },
});
