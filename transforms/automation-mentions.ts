import { defineTransform } from "../src/engine/transform.ts";
import { planAutomation } from "../src/flux/automation/mentions.ts";

/** Moves tasks, recipes, scripts, workflows and Renovate rules off what the cleanup removes. */
export default defineTransform({
  id: "automation-mentions",
  title: "Update automation that names the old install",
  // The file of flux bootstrap already goes at cutover: what names it is listed then, and edited at cleanup with the rest.
  phases: ["cleanup", "cutover"],
  docs: "docs/transforms/automation-mentions.md",
  applies: ({ cluster, phase }) =>
    cluster.instances.length > 0 && (phase === "cleanup" || cluster.install?.style === "gotk"),
  run(context) {
    const result = planAutomation(context);
    return context.phase === "cleanup" ? result : { edits: [], findings: result.findings };
  },
});
