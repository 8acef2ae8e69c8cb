import { builderOf, deliverObject } from "../../src/cluster/graph.ts";
import { instanceOf } from "../../src/cluster/instances.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { DeliveredFluxObject, KubeObject } from "../../src/contract/objects.ts";
import { findDelivered } from "../../src/delivery/flux-build.ts";
import { isFluxInstance, isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import type { DeliveredObject } from "../../src/delivery/kustomize/index.ts";
import type { TransformContext } from "../contract.ts";
import { chainOf, findDeliverer, parentOfApps } from "../shared/apps/deliverer.ts";
import type { AppName } from "../shared/apps/placement.ts";
import type { AppContext } from "../shared/apps/types.ts";

/** An app as the cluster will see it, whether fluxlift wrote it or the owner did. */
export interface AppSight {
  name: AppName;
  /** The HelmRelease, or the FluxInstance where that is a manifest. */
  object: KubeObject;
  /** The FluxKustomization that applies it first, then those above it up to the root. */
  chain: DeliveredFluxObject[];
  /** The object as built by that FluxKustomization; undefined where the build cannot be evaluated. */
  built?: DeliveredObject;
}

/** Looks at both apps after the edits of the transforms before; an app that nothing delivers is left out. */
export function seeApps(context: TransformContext, app: AppContext): Partial<Record<AppName, AppSight>> {
  const { cluster } = context;
  const operator = cluster.operators[0] ?? readRelease(context, app, "flux-operator");
  const instance = instanceOf(cluster)?.object ?? readInstance(context, app);
  const sights: Partial<Record<AppName, AppSight>> = {};
  for (const [name, object] of [["flux-operator", operator] as const, ["flux-instance", instance] as const]) {
    const deliverer = object && findAppDeliverer(context, app, name, object);
    if (!object || !deliverer) continue;
    const { by, dir } = builderOf(deliverer, cluster.artifactRoot);
    const built = findDelivered(context.tree, { ...by, substitutes: true }, dir, object);
    const value = built.known && built.value ? { built: built.value } : {};
    sights[name] = { name, object, chain: chainOf(deliverer), ...value };
  }
  return sights;
}

function readInstance(context: TransformContext, app: AppContext) {
  const { direct } = app.placement;
  return direct
    ? readObjects(context.tree, direct.instance).objects.find(isFluxInstance)
    : readRelease(context, app, "flux-instance");
}

function readRelease({ tree }: TransformContext, { placement, conventions }: AppContext, name: AppName) {
  const file = `${placement.apps[name].folder}/helmrelease${conventions.extension}`;
  return readObjects(tree, file).objects.find(isHelmRelease);
}

/** What the model knows; for what this phase adds, the FluxKustomization that was written or listed for it. */
function findAppDeliverer(
  { tree, before, cluster }: TransformContext,
  { placement }: AppContext,
  name: AppName,
  { file }: KubeObject,
): DeliveredFluxObject | undefined {
  const known = findDeliverer(before, cluster, file);
  if (known) return known;
  if (placement.direct) return cluster.kustomizations[0];
  const own = readObjects(tree, placement.apps[name].fluxKustomization).objects.filter(isFluxKustomization);
  const wanted = own.find((object) => object.name === name) ?? own[0];
  return wanted && deliverObject(tree, wanted, parentOfApps(cluster), cluster.artifactRoot);
}
