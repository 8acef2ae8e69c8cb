import { namespaceKey } from "../../admission/key.ts";
import type { World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

/** The labels that a selector asks for; undefined where it may ask for more. */
export function plainLabels(selector: YamlData): [string, unknown][] | undefined {
  if (!isMap(selector) || selector.matchExpressions !== undefined) return undefined;
  return Object.entries(selector.matchLabels ?? {});
}

/** Whether a list, such as the `operations` of a rule, holds one of some words. */
export const says = (list: unknown, ...words: string[]): boolean => itemsOf(list).some((one) => words.includes(one));

/** Labels of an object, as far as they are known. */
interface Labels {
  known: Readonly<Record<string, unknown>>;
  /** There are no others. */
  isWhole: boolean;
}

/** Those that Git says, and the one that every Namespace has. */
export function labelsOfNamespace(world: World, name: string): Labels {
  const key = namespaceKey(name);
  world.has(key);
  const body: YamlData = world.objects.get(key)?.object.body;
  const own = body?.metadata?.labels;
  return { known: { ...own, "kubernetes.io/metadata.name": name }, isWhole: isMap(body) };
}

/** Errs towards no: what hangs on a label that is not known is taken as left out. */
export function isSelected(selector: YamlData, { known, isWhole }: Labels): boolean {
  const all = itemsOf(selector?.matchExpressions);
  const isKnown = (key: string) => isWhole || Object.hasOwn(known, key);
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => known[key] === value);
  return (
    equal &&
    all.every(({ key, operator, values }) => {
      if (!isKnown(key)) return false;
      const has = Object.hasOwn(known, key);
      if (operator === "Exists") return has;
      if (operator === "DoesNotExist") return !has;
      const isIn = has && itemsOf(values).includes(known[key]);
      return operator === "In" ? isIn : operator === "NotIn" && !isIn;
    })
  );
}
