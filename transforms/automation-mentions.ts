import { defineTransform } from "../src/engine/transform.ts";
import { planAutomation, planInstallNames } from "../src/flux/automation/mentions.ts";

/** Moves tasks, recipes, scripts, workflows and Renovate rules off what the cleanup removes. */
export default defineTransform({
  id: "automation-mentions",
  title: "Update automation that names the old install",
  // What installs Flux today already goes at cutover: commands get the new names then. What names the file of flux
  // bootstrap is listed then, and edited at cleanup with the rest.
  phases: ["cleanup", "cutover"],
  docs: "docs/transforms/automation-mentions.md",
  applies: ({ cluster, phase }) =>
    cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined),
  run(context) {
    if (context.phase === "cleanup") return planAutomation(context);
    const { edits, findings } = planInstallNames(context);
    const listed = context.cluster.install?.style === "gotk" ? planAutomation(context).findings : [];
    return { edits, findings: [...findings, ...listed] };
  },
});
