import { defineTransform, withTarget } from "../contract.ts";
import { decideCharts, findRegistryCharts } from "./decide.ts";
import { chartsCanMove, reportCharts, repositoriesIdle } from "./findings.ts";
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
    const written = writeMoves(context, target.sync.version, moves);
    return { edits: written.edits, findings: reportCharts(context, stays, written) };
  }),
});
