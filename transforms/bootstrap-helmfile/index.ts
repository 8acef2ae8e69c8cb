import { defineTransform } from "../contract.ts";
import { planHelmfile } from "./helmfile.ts";

/** Gives an empty cluster a way to get Flux from the operator and instance charts. */
export default defineTransform({
  id: "bootstrap-helmfile",
  title: "Rebuild an empty cluster with a helmfile",
  phases: ["cleanup"],
  applies: ({ cluster }) => cluster.instances.length > 0 || cluster.operators.length > 0,
  run: planHelmfile,
});
