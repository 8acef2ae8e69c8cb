import { isYamlPath, readObjects } from "../cluster/objects.ts";
import { sameNamespace } from "../cluster/sources.ts";
import type { Cluster } from "../cluster/types.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { groupOf, isFluxKustomization, isHelmRelease, isSource, SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import type { ClusterChange } from "./change.ts";
import { splitKey } from "./key.ts";
import type { OperatorSet, Outcome, OwnedObject } from "./types.ts";

/** A reference whose target the change takes away. */
export interface DanglingReference {
  from: KubeObject;
  /** `spec.sourceRef`, `spec.dependsOn`, … */
  field: string;
  /** `Kind/name`. */
  target: string;
  /** Namespace of the target, `''` where its file names none. */
  namespace: string;
}

/** What the operator generates has no text, so no version of its own. */
type Target = Pick<KubeObject, "kind" | "namespace" | "name"> & { apiVersion?: string };

/**
 * References to sources, FluxKustomizations and HelmReleases that lose their target. Only what the change removes is looked
 * for, so a reference that never resolved is not reported.
 * @param generated what the operator generates after the change
 * @param replaced what it generated before, and deletes when `generated` lacks it; undefined before adoption
 */
export function findDangling(
  { after, isDelivered, removed, added, kept }: ClusterChange,
  generated: OperatorSet | undefined,
  replaced: OperatorSet | undefined,
): DanglingReference[] {
  const isTarget = (object: KubeObject) => isSource(object) || isFluxKustomization(object) || isHelmRelease(object);
  const isSame = (a: KubeObject, b: Target) =>
    a.kind === b.kind && a.name === b.name && (!b.apiVersion || groupOf(a.apiVersion) === groupOf(b.apiVersion));
  const gone = removed.filter(
    (object) => isTarget(object) && isDelivered(object.file) && ![...added, ...kept].some((one) => isSame(one, object)),
  );
  const isGenerated = (object: Target) =>
    [...(generated?.objects.values() ?? [])].some(({ kind, name }) => kind === object.kind && name === object.name);
  // Another `sync.name` takes the generated source away like a deleted file does (trap 8b).
  const dropped = [...(replaced?.objects.values() ?? [])].filter(
    (object) => SYNC_SOURCE_KINDS.includes(object.kind) && !isGenerated(object),
  );
  const found: DanglingReference[] = [];
  for (const target of uniqueTargets([...gone, ...dropped])) {
    const files = after
      .grep(".fluxcd.io")
      .filter((file) => isYamlPath(file) && after.read(file)?.includes(target.name));
    const objects = files.filter(isDelivered).flatMap((file) => readObjects(after, file).objects);
    // A file that was neither parsed by the model nor changed may declare it once more.
    if (isGenerated(target) || objects.some((object) => isSame(object, target))) continue;
    for (const from of objects) {
      // The operator owns what it generates: what Git says of an adopted root no longer reaches the cluster.
      if (isGenerated(from)) continue;
      for (const { field, kind, name, namespace } of listReferences(from)) {
        if (kind !== target.kind || name !== target.name || !sameNamespace(namespace, target.namespace)) continue;
        found.push({ from, field, target: `${kind}/${name}`, namespace: target.namespace });
      }
    }
  }
  return found;
}

/** Tells sources, as `Kind/namespace/name`, that FluxKustomizations go on reading although the change takes them away. */
export function listGoneSources(dangling: readonly DanglingReference[]): (source: string) => boolean {
  const gone = dangling.filter(({ from, field }) => isFluxKustomization(from) && field === "spec.sourceRef");
  return (source) => {
    const [kind, namespace = "", name] = source.split("/");
    return gone.some((one) => one.target === `${kind}/${name}` && sameNamespace(one.namespace, namespace));
  };
}

function uniqueTargets(objects: readonly Target[]): Target[] {
  return [...new Map(objects.map((object) => [`${object.kind}/${object.namespace}/${object.name}`, object])).values()];
}

function listReferences(object: KubeObject) {
  const { kind, namespace } = object;
  const spec = bodyOf(object)?.spec;
  const read = (field: string, ref: YamlData, fallback = "") =>
    typeof ref?.name === "string"
      ? [{ field, kind: String(ref.kind ?? fallback), name: ref.name, namespace: ref.namespace ?? namespace }]
      : [];
  const readAll = (field: string, fallback = "") => {
    const refs: YamlData[] = Array.isArray(spec?.[field]) ? spec[field] : [];
    return refs.flatMap((ref) => read(`spec.${field}`, ref, fallback));
  };
  return [
    ...read("spec.sourceRef", spec?.sourceRef),
    ...read("spec.chartRef", spec?.chartRef, "OCIRepository"),
    ...read("spec.chart.spec.sourceRef", spec?.chart?.spec?.sourceRef),
    ...readAll("dependsOn", kind),
    ...readAll("resources"),
    ...readAll("eventSources"),
  ];
}

/**
 * ConfigMaps and Secrets that the change deletes and that a FluxKustomization substitutes from, or a HelmRelease takes values
 * from, without `optional`: kustomize-controller then builds nothing (flux-facts 2.9), helm-controller renders nothing.
 * Nothing is reported where something new may make it instead, such as an ExternalSecret.
 * @param listChildren FluxKustomizations as the tree after the change delivers them: parents often patch
 * `substituteFrom` into their children
 */
export function findDanglingValues(
  change: ClusterChange,
  outcomes: readonly Outcome[],
  listChildren: () => readonly OwnedObject[],
): DanglingReference[] {
  const { after, added, cluster } = change;
  const values = outcomes.filter(({ kind, fate }) => fate === "deleted" && (kind === "ConfigMap" || kind === "Secret"));
  const gone = values.filter((target) => !added.some((object) => mayMake(object, target)));
  const naming = (field: string) =>
    gone.filter(({ name }) => after.grep(field).some((file) => after.read(file)?.includes(name)));
  const [substituted, inReleases] = [naming("substituteFrom"), naming("valuesFrom")];
  const children = substituted.length > 0 ? listChildren() : [];
  return [
    ...children.flatMap((child) => findSubstitutions(child, substituted, cluster)),
    ...inReleases.flatMap((target) => findReleases(change, target)),
  ];
}

function findSubstitutions(child: OwnedObject, gone: readonly Outcome[], cluster: Cluster): DanglingReference[] {
  const { key, at, doc = 0, flux } = child;
  const { namespace, name } = splitKey(key);
  const data: YamlData = flux?.data?.spec;
  const identity = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", namespace, name };
  const from = { ...identity, file: at?.file ?? cluster.root.file, doc, data };
  return listNames(data?.postBuild?.substituteFrom).flatMap((ref) => {
    const isGone = gone.some((one) => one.kind === ref.kind && one.name === ref.name && one.namespace === namespace);
    const target = `${ref.kind}/${ref.name}`;
    return isGone ? [{ from, field: "spec.postBuild.substituteFrom", target, namespace }] : [];
  });
}

function findReleases({ after, cluster, isDelivered }: ClusterChange, target: Outcome): DanglingReference[] {
  const files = after
    .grep("valuesFrom")
    .filter((file) => isYamlPath(file) && isDelivered(file) && after.read(file)!.includes(target.name));
  const releases = files.flatMap((file) => readObjects(after, file).objects).filter(isHelmRelease);
  return releases.flatMap((from) => {
    const names = listNames(from.data?.spec?.valuesFrom);
    const isNamed = names.some(({ kind, name }) => kind === target.kind && name === target.name);
    if (!isNamed || !isHere(from, target, cluster)) return [];
    return [{ from, field: "spec.valuesFrom", target: `${target.kind}/${target.name}`, namespace: target.namespace }];
  });
}

function mayMake({ apiVersion, kind, data }: KubeObject, target: Outcome): boolean {
  if (apiVersion === "v1" || groupOf(apiVersion).endsWith(".toolkit.fluxcd.io")) return false;
  return kind !== "Kustomization" && JSON.stringify(data ?? {}).includes(`"${target.name}"`);
}

/** A document without a namespace gets one from what delivers it, which is asked; errs towards another namespace. */
function isHere(from: KubeObject, target: Outcome, cluster: Cluster): boolean {
  const delivered = cluster.findObjects((text) => text.includes(from.name));
  const found = delivered.find(({ object }) => object.file === from.file && object.doc === from.doc);
  return (found?.namespace || from.namespace) === target.namespace;
}

function listNames(list: YamlData): { kind: string; name: string }[] {
  return itemsOf(list)
    .filter((ref) => ref?.optional !== true && typeof ref?.name === "string")
    .map(({ kind, name }) => ({ kind: String(kind), name }));
}
