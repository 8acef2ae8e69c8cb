import { defineTransform, type TransformContext, type TransformResult } from "../src/engine/transform.ts";
import { completeApp } from "../src/flux/apps/complete.ts";
import { type AppContext, prepareApps } from "../src/flux/apps/context.ts";
import { createApp } from "../src/flux/apps/create.ts";
import { createOperator } from "../src/flux/apps/direct.ts";
import { findOperators } from "../src/flux/instances.ts";
import { isWithin } from "../src/flux/paths.ts";
import { stateOf } from "../src/flux/state.ts";
import type { KubeObject, YamlData } from "../src/flux/types.ts";

/** Adds the flux-operator app, or completes the one that is there. Leaves everything else of the cluster alone. */
export default defineTransform({
  id: "operator-app",
  title: "Add the flux-operator app",
  phases: ["install"],
  docs: "docs/transforms/operator-app.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app, findings } = prepareApps(context);
    if (!app) return { edits: [], findings };
    const existing = findOperatorApp(context, app);
    const values = operatorValues(context);
    const result = existing
      ? completeApp(context, app, existing, "flux-operator")
      : app.placement.direct
        ? createOperator(context, app, values)
        : createApp(context, app, "flux-operator", values, "Install flux-operator beside the running Flux.");
    return { edits: result.edits, findings: [...findings, ...result.findings] };
  },
});

/** A delivered operator wins; else one that lies undelivered in the folder where ours would go. */
function findOperatorApp({ model, cluster }: TransformContext, { placement }: AppContext): KubeObject | undefined {
  const folder = placement.apps["flux-operator"].folder;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  return cluster.operators[0] ?? findOperators(model.objects).find(({ file }) => isWithin(file, parent));
}

function operatorValues({ cluster, options }: TransformContext): YamlData {
  return {
    // helm-controller is not among the field managers the operator takes over by itself (trap 62).
    ...(cluster.install?.style === "community-chart" ? { extraArgs: ["--override-manager=helm-controller"] } : {}),
    ...(options.serviceMonitor ? { serviceMonitor: { create: true } } : {}),
  };
}
