import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

/** The labels that a selector asks for; undefined where it may ask for more. */
export function plainLabels(selector: YamlData): [string, unknown][] | undefined {
  if (!isMap(selector) || selector.matchExpressions !== undefined) return undefined;
  return Object.entries(selector.matchLabels ?? {});
}

/** Whether a list, such as the `operations` of a rule, holds one of some words. */
export const says = (list: unknown, ...words: string[]): boolean => itemsOf(list).some((one) => words.includes(one));
