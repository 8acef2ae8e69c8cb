import { readable } from "../contract/answer.ts";
import { getOrMake } from "../contract/group-by.ts";
import { itemsOf, type KubeObject } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import type { Phase, SyncStrategy } from "../contract/options.ts";
import type { ClusterState } from "../contract/plan.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { describe, isFluxInstance, isFluxKustomization, isHelmRelease } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { syncObjects } from "../release/base.ts";
import { generateRoot } from "../release/generated-sync.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../release/releases.ts";
import { runPatches } from "../release/simulate.ts";
import { findArtifactRoot } from "./artifact-root.ts";
import { readChartUse } from "./chart-release.ts";
import { repositoryPath } from "./graph.ts";
import { readHelmValues } from "./helm-values.ts";
import { fillPath, isPatched, makeDeliverers, namespaceOnTheWay, patchPath } from "./instance-sites.ts";
import type { Cluster, InstanceDescription, Start } from "./types.ts";

/** Every FluxInstance described in the tree: manifests, and HelmReleases of the flux-instance chart. */
export function findInstances(tree: Tree, objects: readonly KubeObject[]): InstanceDescription[] {
  const deliverersOf = makeDeliverers(tree, objects);
  const mayPatch = once(() => objects.some((object) => isFluxKustomization(object) && isPatched(object)));
  return objects.flatMap((object): InstanceDescription[] => {
    const isManifest = isFluxInstance(object);
    if (!isManifest && !isReleaseOf("flux-instance", object, objects)) return [];
    const specOf = (spec: FluxObjectSpec | undefined) =>
      isManifest ? spec : readable(readHelmValues(tree, object, spec).values)?.instance;
    const sites = once(() => deliverersOf(object));
    const namespace = once(() => (object.namespace === "" ? namespaceOnTheWay(tree, sites(), object) : undefined));
    const values = isManifest ? undefined : readHelmValues(tree, object, object.data.spec).values;
    const described: InstanceDescription = {
      ...{ at: locateField(tree, object), object, delivered: false },
      ...{
        form: isManifest ? "manifest" : "chart",
        spec: (values ? readable(values)?.instance : object.data.spec) ?? {},
      },
      ...(values && !values.known ? { unread: values.unknowns } : {}),
      ...(values ? { values: readable(values) } : {}),
      // Asked for by few: each cluster of many reads the instances of all.
      get namespace() {
        return namespace();
      },
    };
    const patched = mayPatch() ? patchPath(tree, sites(), described, specOf) : [described];
    return patched.flatMap((instance) =>
      fillPath(
        tree,
        objects,
        instance,
        () => findArtifactRoot(tree, generatedSource(instance), undefined)?.value ?? "",
      ),
    );
  });
}

/** HelmReleases of the flux-operator chart. */
export function findOperators(objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter((object) => isReleaseOf("flux-operator", object, objects));
}

/** What goes through a kubeconfig is another cluster's. */
function isReleaseOf(chart: string, object: KubeObject, objects: readonly KubeObject[]): boolean {
  return isHelmRelease(object) && !object.data.spec?.kubeConfig && readChartUse(object, objects)?.chart === chart;
}

type Described = Pick<InstanceDescription, "object" | "spec" | "namespace">;

/** Namespace of a FluxInstance in the cluster, as far as the repository says it. */
export function namespaceOf({ object, namespace }: Described): string {
  return object.namespace || namespace || "flux-system";
}

interface GeneratedNames {
  source: string;
  root: string;
  /** What the root reads. */
  ref: string;
}

const known = new WeakMap<Described, GeneratedNames>();

/** Names of the source and the root that a FluxInstance generates (flux-facts 1.5), as its patches leave them. */
export function generatedNames(instance: Described): GeneratedNames {
  return getOrMake(known, instance, () => readNames(instance));
}

function readNames(instance: Described): GeneratedNames {
  const { sync, kustomize } = instance.spec;
  const name = String(sync?.name || namespaceOf(instance));
  const patches = itemsOf(kustomize?.patches);
  if (!patches.some((item) => typeof item.patch === "string" && RENAMES.test(item.patch)))
    return { source: name, root: name, ref: name };
  const made = syncObjects(name, namespaceOf(instance), String(sync?.kind), SOME_FLUX);
  runPatches(made, patches);
  const [source, root] = made.map(({ data }) => data);
  return {
    source: String(source?.metadata?.name ?? name),
    root: String(root?.metadata?.name ?? name),
    ref: String(root?.spec?.sourceRef?.name ?? name),
  };
}

/** A release decides about the version of the source alone. */
const SOME_FLUX = parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;
const RENAMES = /\bmetadata\/name\b|\bsourceRef\b/;

/** The source the operator generates, as far as roots and artifacts depend on it. */
export function generatedSource(instance: Described): KubeObject {
  const { object, spec } = instance;
  const { kind, url, ref } = spec.sync ?? {};
  const namespace = object.namespace || (instance.namespace ?? "");
  const named = kind === "Bucket" ? { bucketName: ref } : {};
  const data = { spec: { url, ref: kind === "OCIRepository" ? { tag: ref } : { name: ref }, ...named } };
  return { ...object, namespace, kind: String(kind), name: generatedNames(instance).source, data };
}

/** The FluxKustomization the operator generates (flux-facts 1.5); of the patches of the instance only the names. */
export function generatedRoot(instance: Described): KubeObject {
  const { object, spec } = instance;
  const { root, ref } = generatedNames(instance);
  const data = generateRoot({ ...spec.sync, name: root }, namespaceOf(instance));
  data.spec.sourceRef.name = ref;
  const { apiVersion, kind, metadata } = data;
  return { file: object.file, doc: object.doc, apiVersion, kind, ...metadata, data };
}

/** The root that the operator alone makes, so that no manifest of it can be edited: only a patch of the instance. */
export function madeRoot({ root, rootFrom, instances }: Cluster): KubeObject | undefined {
  if (rootFrom === "instance") return root;
  const made = instances.filter(({ spec }) => spec.sync?.url).map(generatedRoot);
  return made.find((object) => describe(object) !== describe(root));
}

/** Whether it is the instance of the cluster that starts there, and not of another one that shares its manifest. */
export function isFilledFor({ filled, spec }: InstanceDescription, { root, artifactRoot }: Start): boolean {
  return (
    filled === undefined || repositoryPath(spec.sync, artifactRoot) === repositoryPath(root.data.spec, artifactRoot)
  );
}

/** The same on a later tree: it is told by the folder, or by what stood for the variables where the path is another one. */
export function isFilledAs(instance: InstanceDescription, cluster: Cluster): boolean {
  const [known, now] = [cluster.instances[0], instance].map((one) => one?.filled?.values.join("/"));
  return isFilledFor(instance, cluster) || (known !== undefined && known === now);
}

/** The instance that counts: the delivered one, else one that lies undelivered where it was being prepared. */
export function instanceOf(cluster: Cluster): InstanceDescription | undefined {
  return cluster.instances[0];
}

/** Name of the source and root that a FluxInstance generates (flux-facts 1.5); undefined without `sync`. */
export function syncNameOf(instance: InstanceDescription, namespace: string): string | undefined {
  const sync = instance.spec.sync;
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

/** Where a cluster stands for which a phase still has something to write. */
export function stateBefore(phase: Phase, cluster: Cluster): ClusterState {
  const state = stateOf(cluster);
  if (phase === "install" && state === "installed") return "partly-installed";
  return phase === "cleanup" && state === "done" ? "cut-over" : state;
}
