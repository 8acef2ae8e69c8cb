import { defineTransform } from "../contract.ts";
import { planDocs } from "../shared/automation/docs.ts";

/** Lists documentation that names the old install. */
export default defineTransform({
  id: "docs-mentions",
  title: "List documentation that names the old install",
  // The install itself already goes at cutover, all else that prose names goes at cleanup.
  phases: ["cleanup", "cutover"],
  applies: ({ cluster, phase }) =>
    cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined),
  run: (context) => ({ edits: [], findings: planDocs(context) }),
});
