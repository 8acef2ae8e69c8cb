import { builderOf, deliverObject } from "../../src/cluster/graph.ts";
import { instanceOf } from "../../src/cluster/instances.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DeliveredFluxObject, KubeObject } from "../../src/contract/objects.ts";
import { findDelivered } from "../../src/delivery/flux-build.ts";
import { isFluxInstance, isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import type { DeliveredObject } from "../../src/delivery/kustomize/index.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import { type Chain, chainOf, findDeliverer, parentOfApps } from "../shared/apps/deliverer.ts";
import { type AppContext, type AppName, releaseFile } from "../shared/apps/types.ts";

/** An app as the cluster will see it, whether fluxlift wrote it or the owner did. */
export interface AppSight {
  name: AppName;
  /** The HelmRelease, or the FluxInstance where that is a manifest. */
  object: KubeObject;
  /** The FluxKustomization that applies it first, then those above it up to the root. */
  chain: Chain;
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
    const built = seeBuilt(context.tree, object, deliverer, cluster.artifactRoot);
    sights[name] = { name, object, chain: chainOf(deliverer), ...(built ? { built } : {}) };
  }
  return sights;
}

/** An object as a FluxKustomization applies it, variables left open; undefined where the build cannot be evaluated. */
export function seeBuilt(tree: Tree, object: KubeObject, parent: DeliveredFluxObject, artifactRoot: string) {
  const { by, dir } = builderOf(parent, artifactRoot);
  return readable(findDelivered(tree, { ...by, substitutes: true }, dir, object));
}

function readInstance(context: TransformContext, app: AppContext) {
  const { direct } = app.placement;
  return direct
    ? readObjects(context.tree, direct.instance).objects.find(isFluxInstance)
    : readRelease(context, app, "flux-instance");
}

function readRelease({ tree }: TransformContext, app: AppContext, name: AppName) {
  return readObjects(tree, releaseFile(app, name)).objects.find(isHelmRelease);
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
  // The placement has its name from the first one of a file that is there.
  const wanted = readObjects(tree, placement.apps[name].fluxKustomization).objects.find(isFluxKustomization);
  return wanted && deliverObject(tree, wanted, parentOfApps(cluster), cluster.artifactRoot);
}
