import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { isAside } from "./refused.ts";
import { cut, show } from "./refused-words.ts";

/** What of an object its own definition does not take. */
export interface Misfit extends Pick<Refusal, "path" | "what"> {
  /** What is there already and stays as it is may go on being so (`KEP-4008`, on by default since Kubernetes 1.30). */
  isSpared: boolean;
}

const PRESERVED = "x-kubernetes-preserve-unknown-fields";
/** What every object has, and nobody writes. */
const TOP = new Set(["apiVersion", "kind", "metadata", "status"]);
const EMBEDDED = new Set(["apiVersion", "kind", "metadata"]);

/** The schema of the version that an object is written in. */
export function schemaIn(definition: YamlData, apiVersion: unknown): YamlData {
  const { group, versions, preserveUnknownFields } = definition?.spec ?? {};
  if (preserveUnknownFields === true) return undefined;
  const version = itemsOf(versions).find(({ name }) => `${group}/${name}` === apiVersion);
  return version?.served === true ? version.schema?.openAPIV3Schema : undefined;
}

/**
 * Fields that a structural schema does not have, which a server-side apply refuses ("field not declared in schema"), those that
 * it wants and that are not there, and values that are none of its words (Kubernetes: Extend the API with
 * CustomResourceDefinitions, Specifying a structural schema, Field pruning, Validation). What stands in `anyOf` and its like is
 * not looked at.
 * @param isWhole false where a patch that cannot be read may have set what is missing
 */
export function findMisfits(body: YamlData, schema: YamlData, isWhole: boolean): Misfit[] {
  const found: Misfit[] = [];
  const queue: { node: YamlData; value: YamlData; path: Refusal["path"] }[] = [{ node: schema, value: body, path: [] }];
  for (const { node, value, path } of queue) {
    if (!isMap(node) || value === null || value === undefined || isOpenText(value)) continue;
    const { properties, additionalProperties, items, required, enum: words }: YamlData = node;
    if (Array.isArray(value)) {
      if (isMap(items))
        for (const [at, one] of value.entries()) queue.push({ node: items, value: one, path: [...path, at] });
    } else if (isMap(value)) {
      const fields: YamlData = isMap(properties) ? properties : {};
      const isOpen = node[PRESERVED] === true || !isMap(properties) || additionalProperties === true;
      for (const [name, one] of Object.entries(value)) {
        if (path.length === 0 && TOP.has(name)) continue;
        const own = Object.hasOwn(fields, name) ? fields[name] : undefined;
        const isFree = isOpen || path.length === 0 || isOpenText(name) || isAside(name);
        if (own !== undefined || isMap(additionalProperties))
          queue.push({ node: own ?? additionalProperties, value: one, path: [...path, name] });
        else if (!isFree && !(isEmbedded(node) && EMBEDDED.has(name)))
          found.push({ path: [...path, name], what: "is no field there", isSpared: false });
      }
      if (!isWhole || Object.keys(value).some(isOpenText)) continue;
      for (const name of Array.isArray(required) ? required : []) {
        const isNull = value[name] === null && fields[name]?.nullable === true;
        const isThere = isNull || (value[name] ?? fields[name]?.default ?? undefined) !== undefined;
        const isOwn = path.length > 0 || !TOP.has(String(name));
        if (!isThere && isOwn) found.push({ path: [...path, name], what: "is missing", isSpared: true });
      }
    } else if (Array.isArray(words) && words.length > 0 && !words.includes(value))
      found.push({
        path,
        what: `has to be one of ${cut(words.join(", "))}, and is ${show(String(value))}`,
        isSpared: true,
      });
  }
  return found;
}

const isEmbedded = (node: YamlData): boolean => node["x-kubernetes-embedded-resource"] === true;
