import { isYamlPath, readObjects } from "../cluster/objects.ts";
import { sameNamespace } from "../cluster/sources.ts";
import { bodyOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { groupOf, isFluxKustomization, isHelmRelease, isSource, SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import type { ClusterChange } from "./change.ts";
import type { OperatorSet } from "./types.ts";

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
