import type { Loc } from "../../contract/errors.ts";
import { effectiveNamespace } from "./builtin-kinds.ts";
import { type Data, mapAt, scalarText, textEntries } from "./data.ts";
import { BuildError } from "./failures.ts";
import { type Item, idKey, originalId, splitApiVersion } from "./item.ts";
import { matchesLabels } from "./label-selector.ts";
import type { Id } from "./types.ts";

/** A patch target compiled: name and namespace match the original or the current id, the rest the current one. */
export function compileTarget(target: Data, at: Loc): (item: Item) => boolean {
  const regex = (key: string) => anchor(scalarText(target[key]), at);
  const [group, version, kind, name, namespace] = ["group", "version", "kind", "name", "namespace"].map(regex);
  return (item) => {
    const original = originalId(item);
    const [itemGroup, itemVersion] = splitApiVersion(item.apiVersion);
    return (
      (matches(namespace, effectiveNamespace(original)) || matches(namespace, effectiveNamespace(item))) &&
      (matches(name, original.name) || matches(name, item.name)) &&
      matches(group, itemGroup) &&
      matches(version, itemVersion) &&
      matches(kind, item.kind) &&
      selects(target.labelSelector, item, "labels", at) &&
      selects(target.annotationSelector, item, "annotations", at)
    );
  };
}

/** Whether the labels or annotations of an object match a selector in kubectl's syntax; an empty one matches all. */
export function selects(selector: unknown, item: Item, field: "labels" | "annotations", at: Loc): boolean {
  const pairs = mapAt(item.body, "metadata")[field];
  if (Array.isArray(pairs) && pairs.length > 0)
    throw new BuildError(at, `kustomize crashes on ${field} that are a list`);
  if (scalarText(selector) === "") return true;
  const found = matchesLabels(scalarText(selector), Object.fromEntries(textEntries(pairs)));
  if (found === undefined) throw new BuildError(at, `unable to parse selector: ${scalarText(selector)}`);
  return found;
}

/** How replacements select: exact values, `''` for any. */
export function isSelectedBy(id: Id, selector: Data): boolean {
  const [group, version] = splitApiVersion(id.apiVersion);
  const wanted = (key: string) => scalarText(selector[key]);
  const equal = (key: string, value: string) => wanted(key) === "" || wanted(key) === value;
  return (
    equal("name", id.name) &&
    equal("group", group) &&
    equal("version", version) &&
    equal("kind", id.kind) &&
    (wanted("namespace") === "" || (wanted("namespace") || "default") === effectiveNamespace(id))
  );
}

/** Indexes of the objects that have or had an id. */
export function findById(items: readonly (Item | undefined)[], id: Id): number[] {
  const key = idKey(id);
  return items.flatMap((item, index) => {
    if (item === undefined) return [];
    if (idKey(item) === key) return [index];
    return item.previous.some((old) => idKey({ ...old, apiVersion: item.apiVersion }) === key) ? [index] : [];
  });
}

function matches(regex: RegExp | undefined, value: string): boolean {
  return regex === undefined || regex.test(value);
}

function anchor(pattern: string, at: Loc): RegExp | undefined {
  if (pattern === "") return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new BuildError(at, `invalid regular expression in patch target: ${pattern}`);
  }
}
