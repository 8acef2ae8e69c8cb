import { deliverNew, keyOf } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import {
  type DeliveredFluxObject,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../../src/contract/objects.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { isSubstitutionDisabled } from "../../../src/instance/patches/escape.ts";
import type { Substitution } from "../../../src/instance/types.ts";
import { parentOfApps } from "./deliverer.ts";
import type { AppPlace, Placement } from "./placement.ts";
import { withScaffold } from "./scaffold.ts";

/** A generated FluxKustomization as the cluster will see it, after every patch of its parents. */
function deliverGenerated(
  tree: Tree,
  cluster: Cluster,
  place: AppPlace,
  object: KubeObject,
): DeliveredFluxObject | undefined {
  return deliverNew(tree, { ...object, file: place.fluxKustomization }, parentOfApps(cluster), cluster.artifactRoot);
}

/** `spec.postBuild` acts on what a FluxKustomization builds, not on itself (flux-facts 2.9). */
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
  const next = substitutes(readableSpec(by));
  const installer = cluster.install?.objects[0];
  const delivered = installer && cluster.kustomizations.find(({ object }) => keyOf(object) === keyOf(installer));
  const installedBy = delivered?.parent ?? cluster.kustomizations[0];
  const isDisabled = delivered !== undefined && isSubstitutionDisabled(readable(delivered.effective));
  return {
    old: substitutes(readableSpec(installedBy)) && !isDisabled,
    sync: substitutes(readableSpec(cluster.kustomizations[0])),
    next,
  };
}

/** Whether a FluxKustomization substitutes at all: an empty `postBuild` does nothing (flux-facts 2.9). */
function substitutes(spec: YamlData): boolean {
  const { substitute, substituteFrom, substituteStrategy } = spec?.postBuild ?? {};
  return (
    Object.keys(substitute ?? {}).length > 0 || (substituteFrom?.length ?? 0) > 0 || substituteStrategy === "Always"
  );
}
