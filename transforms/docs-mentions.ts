import { defineTransform } from "../src/engine/transform.ts";
import { planDocs } from "../src/flux/automation/docs.ts";

/** Lists documentation that names the old install. */
export default defineTransform({
  id: "docs-mentions",
  title: "List documentation that names the old install",
  phases: ["cleanup"],
  docs: "docs/transforms/docs-mentions.md",
  applies: ({ cluster }) => cluster.instances.length > 0,
  run: (context) => ({ edits: [], findings: planDocs(context) }),
});
