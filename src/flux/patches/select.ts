import { matchesLabels } from "../../kustomize/index.ts";
import { groupOf } from "../kinds.ts";
import type { PatchTarget } from "../types.ts";
import type { SimObject } from "./types.ts";

/**
 * The objects a patch target selects, by kustomize's rules: every field an anchored regular expression, empty matches
 * all; a name matches by the first or the current name (flux-semantics 3).
 * @returns undefined when an expression or a selector cannot be read, which fails the whole build.
 */
export function selectObjects(objects: readonly SimObject[], target: PatchTarget): SimObject[] | undefined {
  const group = anchored(target.group);
  const version = anchored(target.version);
  const kind = anchored(target.kind);
  const name = anchored(target.name);
  const namespace = anchored(target.namespace);
  if (!group || !version || !kind || !name || !namespace) return undefined;
  const selected: SimObject[] = [];
  for (const object of objects) {
    if (object.deleted) continue;
    const apiVersion = String(object.data.apiVersion);
    if (!group.test(groupOf(apiVersion)) || !version.test(apiVersion.slice(apiVersion.indexOf("/") + 1))) continue;
    if (!kind.test(object.data.kind) || !object.names.some((candidate) => name.test(candidate))) continue;
    if (target.namespace && !namespace.test(object.namespace || "default")) continue;
    const labels = target.labelSelector ? matchesLabels(target.labelSelector, object.data.metadata.labels ?? {}) : true;
    const annotations = target.annotationSelector
      ? matchesLabels(target.annotationSelector, object.data.metadata.annotations ?? {})
      : true;
    if (labels === undefined || annotations === undefined) return undefined;
    if (labels && annotations) selected.push(object);
  }
  return selected;
}

/** What a body without target selects: exactly one object with its group, version, kind, name and namespace. */
export function selectById(
  objects: readonly SimObject[],
  id: { apiVersion: string; kind: string; name: string; namespace: string },
): SimObject | undefined {
  const matches = objects.filter(
    (object) =>
      !object.deleted &&
      object.data.apiVersion === id.apiVersion &&
      object.data.kind === id.kind &&
      object.names.includes(id.name) &&
      (object.namespace || "default") === (id.namespace || "default"),
  );
  return matches.length === 1 ? matches[0] : undefined;
}

function anchored(pattern: string | undefined): RegExp | undefined {
  if (!pattern) return /^/;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}
