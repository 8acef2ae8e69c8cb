import type { Tree } from "../../workspace/tree.ts";
import { deliverObject, keyOf } from "../graph.ts";
import { isSubstitutionDisabled } from "../patches/escape.ts";
import type { Cluster, DeliveredFluxObject, KubeObject, YamlData } from "../types.ts";
import type { AppPlace, Placement } from "./placement.ts";
import { withScaffold } from "./scaffold.ts";

/** Whether text is subject to post-build substitution where it stands today and where it will stand. */
export interface Substitution {
  /** For what the install says. */
  old: boolean;
  /** For source and root. */
  sync: boolean;
  next: boolean;
}

/** The FluxKustomization that will deliver the generated ones. */
export function parentOfApps(cluster: Cluster): DeliveredFluxObject {
  return cluster.layout.parent ?? cluster.kustomizations[0]!;
}

/** A generated FluxKustomization as the cluster will see it, after every patch of its parents. */
export function deliverGenerated(
  tree: Tree,
  cluster: Cluster,
  place: AppPlace,
  object: KubeObject,
): DeliveredFluxObject | undefined {
  return deliverObject(tree, { ...object, file: place.fluxKustomization }, parentOfApps(cluster), cluster.artifactRoot);
}

/** `spec.postBuild` acts on what a FluxKustomization builds, not on itself (flux-semantics 2.9). */
export function readSubstitution(tree: Tree, cluster: Cluster, { apps, direct }: Placement): Substitution {
  const place = apps["flux-instance"];
  const probe: KubeObject = {
    file: place.fluxKustomization,
    doc: 0,
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    name: "flux-instance",
    namespace: cluster.namespace,
    data: {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "flux-instance", namespace: cluster.namespace },
      spec: { path: place.path },
    },
  };
  const grown = { ...probe, data: withScaffold(cluster, probe.data) };
  const by = direct ? cluster.kustomizations[0] : deliverGenerated(tree, cluster, place, grown);
  const next = substitutes(by?.effective?.spec);
  const installer = cluster.install?.objects[0];
  const delivered = installer && cluster.kustomizations.find(({ object }) => keyOf(object) === keyOf(installer));
  const installedBy = delivered?.parent ?? cluster.kustomizations[0];
  const isDisabled = delivered !== undefined && isSubstitutionDisabled(delivered.effective);
  return {
    old: substitutes(installedBy?.effective?.spec) && !isDisabled,
    sync: substitutes(cluster.kustomizations[0]?.effective?.spec),
    next,
  };
}

/** Whether a FluxKustomization substitutes at all: an empty `postBuild` does nothing (flux-semantics 2.9). */
function substitutes(spec: YamlData): boolean {
  const { substitute, substituteFrom, substituteStrategy } = spec?.postBuild ?? {};
  return (
    Object.keys(substitute ?? {}).length > 0 || (substituteFrom?.length ?? 0) > 0 || substituteStrategy === "Always"
  );
}

/** Whether substitution would touch the text at all: `${` starts an expression, `$$` is halved. */
export function mentionsVariables(value: unknown): boolean {
  const text = JSON.stringify(value ?? "");
  return text.includes("${") || text.includes("$$");
}
