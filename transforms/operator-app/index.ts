import { findAppliedOperators, findFetchedOperators } from "../../src/cluster/applied-operators.ts";
import { findOperatorKeepers } from "../../src/cluster/chart-elsewhere.ts";
import { findSyncReleases } from "../../src/cluster/chart-release.ts";
import { findOperators } from "../../src/cluster/instances.ts";
import { findMadeOperators } from "../../src/cluster/made-by-sets.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { isWithin } from "../../src/delivery/paths.ts";
import { readOperatorPod } from "../../src/instance/operator-pod.ts";
import { combine, defineTransform, isBeforeCutover, type TransformContext } from "../contract.ts";
import { completeApp } from "../shared/apps/complete.ts";
import { createApp, createOperator } from "../shared/apps/create.ts";
import type { AppContext } from "../shared/apps/types.ts";
import { findShutIn } from "./let-out.ts";
import { findOverQuota } from "./over-quota.ts";
import { findPowerless } from "./rights.ts";

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
    const pod = readOperatorPod(app.wanted, context.cluster.namespace);
    const values = operatorValues(context, pod.values);
    const result = existing
      ? completeApp(context, app, existing, "flux-operator")
      : app.placement.direct
        ? createOperator(context, app, values)
        : createApp(context, app, "flux-operator", values, "Install flux-operator beside the running Flux.");
    const own = existing
      ? []
      : [
          ...reportPod(context, pod.left),
          ...reportShutIn(context, app),
          ...reportPowerless(context, app),
          ...reportOverQuota(context, app),
          ...reportKeepers(context),
        ];
    return combine({ findings: [...findings, ...own] }, result);
  },
});

/** A delivered operator wins; else one that lies undelivered in the folder where ours would go. */
function findOperatorApp({ model, cluster }: TransformContext, { placement }: AppContext): KubeObject | undefined {
  const folder = placement.apps["flux-operator"].folder;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  return cluster.operators[0] ?? findOperators(model.objects).find(({ file }) => isWithin(file, parent));
}

/** What decides whether a pod reaches anything, and is not carried to the operator's. */
function reportPod({ cluster }: TransformContext, fields: readonly string[]): DraftFinding[] {
  const { at } = cluster.install ?? {};
  return fields.length > 0 && at ? [{ rule: "operator-pod-differs", level: "caution", at, facts: { fields } }] : [];
}

/** A policy that lets the controllers out by what only they are called. */
function reportShutIn({ before, cluster }: TransformContext, { wanted, placement }: AppContext): DraftFinding[] {
  if (wanted.spec.cluster.networkPolicy) return [];
  const shut = findShutIn(before, cluster, placement.apps["flux-operator"].release);
  if (!shut) return [];
  return [{ rule: "operator-pod-differs", level: "caution", at: shut.at, facts: { policy: shut.policy } }];
}

/** Patches that take from the controllers what the operator is installed with. */
function reportPowerless({ before, cluster }: TransformContext, { wanted }: AppContext): DraftFinding[] {
  const found = findPowerless(before, cluster, wanted);
  if (!found) return [];
  const { account, at } = found;
  return [{ rule: "operator-rights-missing", level: "caution", at, facts: { account } }];
}

/** A quota that has no room for one more beside the controllers. */
function reportOverQuota({ before, cluster }: TransformContext, { wanted }: AppContext): DraftFinding[] {
  const found = findOverQuota(before, cluster, wanted);
  if (!found) return [];
  const { at, ...facts } = found;
  return [{ rule: "operator-over-quota", level: "caution", at, facts }];
}

/** Operators that a ResourceSet makes, Flux applies, or something other than Flux keeps: of this cluster or another, which no file says. */
function reportKeepers({ before, cluster, model }: TransformContext): DraftFinding[] {
  const made = findMadeOperators(model.objects, cluster).map(({ set, release }): DraftFinding => {
    const facts = { set: describe(set), release: describe(release) };
    return { rule: "operator-kept-elsewhere", level: "blocker", at: locateField(before, set), facts };
  });
  const kept = findOperatorKeepers(before).map(({ by, file, line, name }): DraftFinding => {
    const facts = { name, by };
    return { rule: "operator-kept-elsewhere", level: "caution", at: lineOf(file, line), facts };
  });
  const applied = findAppliedOperators(before, cluster).map(({ at, name }): DraftFinding => {
    return { rule: "operator-kept-elsewhere", level: "blocker", at, facts: { applied: name } };
  });
  const fetched = findFetchedOperators(before).map((at): DraftFinding => {
    return { rule: "operator-kept-elsewhere", level: "caution", at, facts: { fetched: true } };
  });
  return [...made, ...applied, ...kept, ...fetched];
}

function operatorValues({ cluster, options }: TransformContext, pod: YamlData): YamlData {
  return {
    ...pod,
    // helm-controller is not among the field managers the operator takes over by itself (trap 62).
    ...(cluster.install?.style === "community-chart" || findSyncReleases(cluster).length > 0
      ? { extraArgs: ["--override-manager=helm-controller"] }
      : {}),
    ...(options.serviceMonitor ? { serviceMonitor: { create: true } } : {}),
  };
}
