import { readable } from "../contract/answer.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { SyncStrategy } from "../contract/options.ts";
import type { ClusterState } from "../contract/plan.ts";
import { isFluxInstance, isHelmRelease } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { generateRoot } from "../release/generated-sync.ts";
import { readChartUse } from "./chart-release.ts";
import { readHelmValues } from "./helm-values.ts";
import type { Cluster, InstanceDescription } from "./types.ts";

/** Every FluxInstance described in the tree: manifests, and HelmReleases of the flux-instance chart. */
export function findInstances(tree: Tree, objects: readonly KubeObject[]): InstanceDescription[] {
  return objects.flatMap((object): InstanceDescription[] => {
    const described = () => ({ at: locateField(tree, object), object, delivered: false });
    if (isFluxInstance(object)) return [{ ...described(), form: "manifest", spec: object.data?.spec ?? {} }];
    if (!isReleaseOf("flux-instance", object, objects)) return [];
    const { values } = readHelmValues(tree, object, object.data?.spec);
    const unread = values.known ? {} : { unread: values.unknowns };
    return [{ ...described(), form: "chart", spec: readable(values)?.instance ?? {}, ...unread }];
  });
}

/** HelmReleases of the flux-operator chart. */
export function findOperators(objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter((object) => isReleaseOf("flux-operator", object, objects));
}

/** What goes through a kubeconfig is another cluster's. */
function isReleaseOf(chart: string, object: KubeObject, objects: readonly KubeObject[]): boolean {
  return isHelmRelease(object) && !object.data?.spec?.kubeConfig && readChartUse(object, objects)?.chart === chart;
}

type Described = Pick<InstanceDescription, "object" | "spec">;

/** Name of the source and the root that a FluxInstance generates (flux-facts 1.5). */
export function generatedName({ object, spec }: Described): string {
  return String(spec?.sync?.name || object.namespace || "flux-system");
}

/** The source the operator generates, as far as roots and artifacts depend on it. */
export function generatedSource(instance: Described): KubeObject {
  const { object, spec } = instance;
  const { kind, url, ref } = spec?.sync ?? {};
  return { ...object, kind: String(kind), name: generatedName(instance), data: { spec: { url, ref } } };
}

/** The FluxKustomization the operator generates (flux-facts 1.5), before instance patches. */
export function generatedRoot({ object, spec }: Described): KubeObject {
  const namespace = object.namespace || "flux-system";
  const data = generateRoot({ ...spec.sync, name: generatedName({ object, spec }) }, namespace);
  const { apiVersion, kind, metadata } = data;
  return { file: object.file, doc: object.doc, apiVersion, kind, ...metadata, data };
}

/** The instance that counts: the delivered one, else one that lies undelivered where it was being prepared. */
export function instanceOf(cluster: Cluster): InstanceDescription | undefined {
  return cluster.instances[0];
}

/** Name of the source and root that a FluxInstance generates (flux-facts 1.5); undefined without `sync`. */
export function syncNameOf(instance: InstanceDescription, namespace: string): string | undefined {
  const sync = instance.spec?.sync;
  return sync?.url ? String(sync.name || namespace) : undefined;
}

/**
 * The strategy that the tree itself already follows. Later phases go by this and not by the flag, so that a cutover
 * can never mix two strategies.
 */
export function strategyInTree(cluster: Cluster): SyncStrategy | undefined {
  const instance = instanceOf(cluster);
  if (!instance) return undefined;
  const name = syncNameOf(instance, cluster.namespace);
  if (name === undefined) return "keep";
  return cluster.rootFrom === "instance" || name === cluster.root.name ? "adopt" : "rename";
}

/** Where a cluster stands, judged from the tree alone; `installed` still has to be checked for completeness. */
export function stateOf(cluster: Cluster): ClusterState {
  if (cluster.rootFrom === "instance") return "done";
  if (cluster.instances.length === 0) return cluster.operators.length > 0 ? "partly-installed" : "not-started";
  if (cluster.install) return "installed";
  return strategyInTree(cluster) === "keep" ? "done" : "cut-over";
}
