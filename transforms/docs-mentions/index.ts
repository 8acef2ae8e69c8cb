import { defineTransform } from "../contract.ts";
import { planDocs } from "../shared/automation/docs.ts";

/** Follows new names into documentation, and lists the pages that name the old install. */
export default defineTransform({
  id: "docs-mentions",
  title: "Update and list documentation that names the old install",
  // The install itself already goes at cutover, all else that prose names goes at cleanup.
  phases: ["cleanup", "cutover"],
  applies: ({ cluster, phase }) =>
    cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined),
  run: planDocs,
});
