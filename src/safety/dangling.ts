import { readObjects } from "../cluster/objects.ts";
import { sameNamespace } from "../cluster/sources.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { groupOf, isFluxKustomization, isHelmRelease, isSource } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
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

export interface DanglingInput {
  after: Tree;
  /** Whether the cluster reads a file; what lies in the tree undelivered breaks nothing. */
  isDelivered: (file: string) => boolean;
  /** Objects of the changed files as they were, and as they are. */
  removed: readonly KubeObject[];
  added: readonly KubeObject[];
  /** Flux objects of files that do not change. */
  kept: readonly KubeObject[];
  generated: OperatorSet | undefined;
  /** What the operator generated before the change, and deletes when `generated` lacks it; absent before adoption. */
  replaced?: OperatorSet | undefined;
}

/**
 * References to sources, FluxKustomizations and HelmReleases that lose their target. Only what the change removes is looked
 * for, so a reference that never resolved is not reported.
 */
export function findDangling({
  after,
  isDelivered,
  removed,
  added,
  kept,
  generated,
  replaced,
}: DanglingInput): DanglingReference[] {
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
    (object) => GENERATED_TARGETS.has(object.kind) && !isGenerated(object),
  );
  const found: DanglingReference[] = [];
  for (const target of uniqueTargets([...gone, ...dropped])) {
    const files = after
      .grep(".fluxcd.io")
      .filter((file) => /\.ya?ml$/.test(file) && after.read(file)?.includes(target.name));
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

/** What the operator generates has no text, so no version of its own. */
type Target = Pick<KubeObject, "kind" | "namespace" | "name"> & { apiVersion?: string };

/** Kinds of the sync that references may name. */
const GENERATED_TARGETS = new Set(["GitRepository", "OCIRepository", "Bucket"]);

function uniqueTargets(objects: readonly Target[]): Target[] {
  return [...new Map(objects.map((object) => [`${object.kind}/${object.namespace}/${object.name}`, object])).values()];
}

interface Reference {
  field: string;
  kind: string;
  name: string;
  namespace: string;
}

function listReferences({ kind, namespace, data }: KubeObject): Reference[] {
  const spec = data?.spec;
  const references: Reference[] = [];
  const add = (field: string, ref: YamlData, fallback = "") => {
    if (typeof ref?.name !== "string") return;
    references.push({
      field,
      kind: String(ref.kind ?? fallback),
      name: ref.name,
      namespace: ref.namespace ?? namespace,
    });
  };
  add("spec.sourceRef", spec?.sourceRef);
  add("spec.chartRef", spec?.chartRef, "OCIRepository");
  add("spec.chart.spec.sourceRef", spec?.chart?.spec?.sourceRef);
  for (const ref of Array.isArray(spec?.dependsOn) ? spec.dependsOn : []) add("spec.dependsOn", ref, kind);
  for (const field of ["resources", "eventSources"]) {
    for (const ref of Array.isArray(spec?.[field]) ? spec[field] : []) add(`spec.${field}`, ref);
  }
  return references;
}
