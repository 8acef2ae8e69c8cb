import { defineTransform } from "../src/engine/transform.ts";
import { planAutomation } from "../src/flux/automation/mentions.ts";

/** Moves tasks, recipes, scripts, workflows and Renovate rules off what the cleanup removes. */
export default defineTransform({
  id: "automation-mentions",
  title: "Update automation that names the old install",
  phases: ["cleanup"],
  docs: "docs/transforms/automation-mentions.md",
  applies: ({ cluster }) => cluster.instances.length > 0,
  run: planAutomation,
});
