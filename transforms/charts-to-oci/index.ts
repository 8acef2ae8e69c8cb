import { defineTransform, withTarget } from "../contract.ts";
import { findMissedByRenovate, findVersionReaders } from "./automation.ts";
import { decideCharts, findRegistryCharts, findUnfollowed } from "./decide.ts";
import {
  chartsCanMove,
  chartsMirrored,
  chartsMoved,
  chartsStay,
  chartsUnfollowed,
  chartsUnpublished,
  repositoriesIdle,
} from "./findings.ts";
import { removeOrphans } from "./orphans.ts";
import { writeMoves } from "./write.ts";

/**
 * Lets HelmReleases read their charts through an OCIRepository of their own instead of a HelmRepository (`chartRef`), and
 * removes the HelmRepositories that nothing needs any more in cleanup. Only with `--charts`, because helm-controller
 * upgrades every release that moves.
 */
export default defineTransform({
  id: "charts-to-oci",
  title: "Read charts from the registry",
  phases: ["prepare", "cleanup"],
  run: withTarget((context, target) => {
    const { phase, options } = context;
    const isAsked = options.oci?.charts === true || options.only.includes("charts-to-oci");
    if (phase === "cleanup") {
      const removed = removeOrphans(context);
      return isAsked ? removed : { edits: [], findings: repositoriesIdle(removed.edits) };
    }
    if (!isAsked) return { findings: chartsCanMove(context.tree, findRegistryCharts(context)) };
    const { moves, stays } = decideCharts(context);
    const { edits, moved, refused } = writeMoves(context, target.sync.version, moves);
    const { tree, model } = context;
    const written = moved.map(({ move }) => move);
    return {
      edits,
      findings: [
        ...chartsMoved(tree, written),
        ...chartsMirrored(tree, written),
        ...chartsStay(tree, [...stays.filter(({ unpublished }) => unpublished === undefined), ...refused]),
        ...chartsUnpublished(tree, stays),
        ...chartsUnfollowed(tree, findUnfollowed(context)),
        ...(moved.length > 0 ? findVersionReaders(tree, model.clusters) : []),
        ...findMissedByRenovate(tree, moved),
      ],
    };
  }),
});
