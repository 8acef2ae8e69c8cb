import { defineTransform } from "../src/engine/transform.ts";
import { planHelmfile } from "../src/flux/automation/helmfile.ts";

/** Gives an empty cluster a way to get Flux from the operator and instance charts. */
export default defineTransform({
  id: "bootstrap-helmfile",
  title: "Rebuild an empty cluster with a helmfile",
  phases: ["cleanup"],
  docs: "docs/transforms/bootstrap-helmfile.md",
  applies: ({ cluster }) => cluster.instances.length > 0 || cluster.operators.length > 0,
  run: planHelmfile,
});
