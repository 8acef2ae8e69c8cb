import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./types.ts";

type Path = Refusal["path"];
type Data = Record<string, YamlData>;

/** What a map of any kind is, so that no schema says more of it. */
const FREE =
  /^(?:values?|valuesObject|config|data|stringData|template|templates|settings|extra\w*|parameters|options|env|rules?|annotations|labels|metadata|status)$/i;

/**
 * Fields of a kind that is not known here that get to another depth by an edit, as they were: a line that lost or gained its
 * indentation. The API server refuses a field that its CRD does not have there. Beside `spec` none has what stood in it; anywhere
 * else both may be right.
 */
export function findSlips(old: YamlData, now: YamlData): Refusal[] {
  if (!isMap(old) || !isMap(now) || (old as Data).apiVersion !== (now as Data).apiVersion) return [];
  const found: Refusal[] = [];
  const queue: { was: Data; is: Data; path: Path; above?: { was: Data; is: Data } }[] = [
    { was: old as Data, is: now as Data, path: [] },
  ];
  for (const { was, is, path, above } of queue) {
    let gained: Map<string, string> | undefined;
    for (const [key, value] of Object.entries(was)) {
      const to: YamlData = is[key];
      if (Object.hasOwn(is, key)) {
        if (FREE.test(key)) continue;
        if (isMap(value) && isMap(to))
          queue.push({ was: value as Data, is: to as Data, path: [...path, key], above: { was, is } });
        else if (path.length > 0 && isOther(value, to))
          found.push({ path: [...path, key], what: `is ${sayShape(to)}, and was ${sayShape(value)}`, doubtful: true });
        else if (Array.isArray(value) && Array.isArray(to) && value.length === to.length)
          for (const [index, item] of value.entries())
            if (isMap(item) && isMap(to[index]))
              queue.push({ was: item as Data, is: to[index] as Data, path: [...path, key, index] });
        continue;
      }
      if (path.length === 0) continue;
      const text = JSON.stringify(value);
      if (
        above &&
        !Object.hasOwn(above.was, key) &&
        Object.hasOwn(above.is, key) &&
        JSON.stringify(above.is[key]) === text
      ) {
        const isTop = path.length === 1 && path[0] === "spec";
        found.push({
          path: [...path.slice(0, -1), key],
          what: `is no field there, but was one of ${path.join(".")}`,
          ...(isTop ? {} : { doubtful: true as const }),
        });
        continue;
      }
      gained ??= listGained(was, is);
      const into = gained.get(key);
      if (into !== undefined && JSON.stringify((is[into] as Data)[key]) === text)
        found.push({
          path: [...path, into, key],
          what: `is no field there, but was one of ${path.join(".")}`,
          doubtful: true,
        });
    }
  }
  return found;
}

/** Fields that maps beside each other did not have before, by the first that has one now. */
function listGained(was: Data, is: Data): Map<string, string> {
  const gained = new Map<string, string>();
  for (const [one, from] of Object.entries(was)) {
    const inner: YamlData = is[one];
    if (FREE.test(one) || !isMap(inner)) continue;
    for (const key of Object.keys(inner)) {
      if (!gained.has(key) && !(isMap(from) && Object.hasOwn(from, key))) gained.set(key, one);
    }
  }
  return gained;
}

const shapeOf = (value: YamlData): "map" | "list" | "plain" =>
  Array.isArray(value) ? "list" : isMap(value) ? "map" : "plain";
const sayShape = (value: YamlData): string =>
  ({ map: "a map", list: "a list", plain: "neither map nor list" })[shapeOf(value)];

/** A field of a CRD is of one type; without a value it is none. */
function isOther(value: YamlData, to: YamlData): boolean {
  if (value === null || to === null || isOpenText(value) || isOpenText(to)) return false;
  return shapeOf(value) !== shapeOf(to);
}
