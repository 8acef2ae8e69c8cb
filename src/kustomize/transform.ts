import type { Loc } from "../errors.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, mapList, scalarText, withEntry } from "./data.ts";
import {
  allIds,
  type Item,
  idKey,
  originalId,
  printId,
  splitApiVersion,
  storePrevious,
  withBody,
  withMetadata,
} from "./item.ts";
import { isClusterScoped } from "./scope.ts";

export interface NamespaceOptions {
  unsetOnly?: boolean;
  /** Whether core Namespace objects are renamed too; the `namespace` field does, a bare NamespaceTransformer does not. */
  renamesNamespaces?: boolean;
}

/**
 * The namespace transformer: every object kustomize does not know to be cluster-scoped moves, and core Namespace objects
 * are renamed to it. Two objects that become one are an error, as in kustomize. Throws `BuildError`.
 */
export function setNamespace(
  items: readonly Item[],
  namespace: string,
  at: Loc,
  options: NamespaceOptions = {},
): Item[] {
  const { unsetOnly = false, renamesNamespaces = true } = options;
  const moved = items.map((old) => {
    let item = storePrevious(old);
    if (!isClusterScoped(item.apiVersion, item.kind) && !(unsetOnly && item.namespace !== "")) {
      item = withMetadata(item, { namespace });
    }
    const renamed = renamesNamespaces && item.kind === "Namespace" && item.apiVersion === "v1" && !unsetOnly;
    return renamed ? withMetadata(item, { name: namespace }) : item;
  });
  const twice = findDuplicate(moved);
  if (twice) throw new BuildError(at, `namespace transformation produces ID conflict: ${printId(twice)}`);
  return moved;
}

/** `namePrefix` and `nameSuffix`: not for CustomResourceDefinition, APIService and Namespace. */
export function rename(items: readonly Item[], prefix: string, suffix: string): Item[] {
  return items.map((item) => {
    const { kind, apiVersion } = originalId(item);
    const [group] = splitApiVersion(apiVersion);
    if (kind === "CustomResourceDefinition" || kind === "Namespace") return item;
    if (kind === "APIService" && group === "apiregistration.k8s.io") return item;
    return withMetadata(storePrevious(item), { name: prefix + item.name + suffix });
  });
}

/** Adds to `metadata.labels` or `metadata.annotations`; selectors and templates, which hold no identity, stay. */
export function addMetadata(items: readonly Item[], field: "labels" | "annotations", pairs: Data): Item[] {
  if (Object.keys(pairs).length === 0) return [...items];
  return items.map((item) => {
    const metadata = mapAt(item.body, "metadata");
    const merged = { ...mapAt(metadata, field), ...pairs };
    return withBody(item, withEntry(item.body, "metadata", withEntry(metadata, field, merged)));
  });
}

const scalable = new Set(["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]);

/** A `replicas` entry whose name matches no workload refuses the build; returns that name. */
export function findUnmatchedReplicas(items: readonly Item[], data: Data): string | undefined {
  const names = new Set(items.flatMap((item) => allIds(item).flatMap((id) => (scalable.has(id.kind) ? id.name : []))));
  return mapList(data.replicas)
    .map((entry) => scalarText(entry.name))
    .find((name) => !names.has(name));
}

/** The first object whose id another one has already. */
export function findDuplicate(items: readonly Item[]): Item | undefined {
  const seen = new Set<string>();
  return items.find((item) => {
    const key = idKey(item);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
