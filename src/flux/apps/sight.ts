import type { TransformContext } from "../../engine/transform.ts";
import type { DeliveredObject } from "../../kustomize/index.ts";
import { buildObject } from "../build-object.ts";
import { deliverObject, repositoryPath } from "../graph.ts";
import { isFluxInstance, isFluxKustomization, isHelmRelease } from "../kinds.ts";
import { readObjects } from "../objects.ts";
import { instanceOf } from "../state.ts";
import type { DeliveredFluxObject, KubeObject } from "../types.ts";
import type { AppContext } from "./context.ts";
import { chainOf, findDeliverer } from "./deliverer.ts";
import type { AppName } from "./placement.ts";
import { parentOfApps } from "./substitution.ts";

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
    const { spec } = deliverer.effective ?? {};
    const path = repositoryPath(spec, cluster.artifactRoot);
    const built = path === undefined ? undefined : buildObject(context.tree, spec, path, object);
    sights[name] = { name, object, chain: chainOf(deliverer), ...(built ? { built } : {}) };
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
  { tree, model, cluster }: TransformContext,
  { placement }: AppContext,
  name: AppName,
  { file }: KubeObject,
): DeliveredFluxObject | undefined {
  const known = findDeliverer(model.tree, cluster, file);
  if (known) return known;
  if (placement.direct) return cluster.kustomizations[0];
  const own = readObjects(tree, placement.apps[name].fluxKustomization).objects.filter(isFluxKustomization);
  const wanted = own.find((object) => object.name === name) ?? own[0];
  return wanted && deliverObject(tree, wanted, parentOfApps(cluster), cluster.artifactRoot);
}
