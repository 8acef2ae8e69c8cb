import { findOperators } from "../../src/cluster/instances.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { isWithin } from "../../src/delivery/paths.ts";
import { valuesOfPod } from "../../src/instance/operator-pod.ts";
import { combine, defineTransform, isBeforeCutover, type TransformContext } from "../contract.ts";
import { completeApp } from "../shared/apps/complete.ts";
import { createApp, createOperator } from "../shared/apps/create.ts";
import type { AppContext } from "../shared/apps/types.ts";

/** Adds the flux-operator app, or completes the one that is there. Leaves everything else of the cluster alone. */
export default defineTransform({
  id: "operator-app",
  title: "Add the flux-operator app",
  phases: ["install"],
  applies: isBeforeCutover,
  run(context) {
    const { app, findings } = context.agreed.apps(context.cluster);
    if (!app) return { findings };
    const existing = findOperatorApp(context, app);
    const values = operatorValues(context, app);
    const result = existing
      ? completeApp(context, app, existing, "flux-operator")
      : app.placement.direct
        ? createOperator(context, app, values)
        : createApp(context, app, "flux-operator", values, "Install flux-operator beside the running Flux.");
    return combine({ findings }, result);
  },
});

/** A delivered operator wins; else one that lies undelivered in the folder where ours would go. */
function findOperatorApp({ model, cluster }: TransformContext, { placement }: AppContext): KubeObject | undefined {
  const folder = placement.apps["flux-operator"].folder;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  return cluster.operators[0] ?? findOperators(model.objects).find(({ file }) => isWithin(file, parent));
}

function operatorValues({ cluster, options }: TransformContext, { wanted }: AppContext): YamlData {
  return {
    ...valuesOfPod(wanted, cluster.namespace),
    // helm-controller is not among the field managers the operator takes over by itself (trap 62).
    ...(cluster.install?.style === "community-chart" ? { extraArgs: ["--override-manager=helm-controller"] } : {}),
    ...(options.serviceMonitor ? { serviceMonitor: { create: true } } : {}),
  };
}
