import { defineTransform } from "../contract.ts";
import { planCutoverMentions, planResidue } from "../shared/automation/docs.ts";
import { planAutomation, planInstallNames } from "./mentions.ts";

/** Moves tasks, recipes, scripts, workflows and Renovate rules off what the cleanup removes. */
export default defineTransform({
  id: "automation-mentions",
  title: "Update automation that names the old install",
  // What installs Flux today already goes at cutover: commands get the new names then. What names the file of flux
  // bootstrap is listed then, and edited at cleanup with the rest.
  phases: ["cleanup", "cutover"],
  applies: ({ cluster, phase }) =>
    cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined),
  run(context) {
    if (context.phase === "cleanup") {
      const done = planAutomation(context);
      return { ...done, findings: [...done.findings, ...planResidue(context, done)] };
    }
    const { edits, findings } = planInstallNames(context);
    const isGotk = context.cluster.install?.style === "gotk";
    const listed = isGotk ? planAutomation(context).findings : planCutoverMentions(context);
    return { edits, findings: [...findings, ...listed] };
  },
});
