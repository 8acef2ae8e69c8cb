import { isOpenText } from "../../admission/open-text.ts";
import type { Refusal } from "../../admission/refusal.ts";
import { getOrMake } from "../../contract/group-by.ts";
import type { YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

type Path = Refusal["path"];
type Data = Record<string, YamlData>;

/** What a map of any kind is, so that no schema says more of it. */
const FREE =
  /^(?:values?|valuesObject|config|data|stringData|template|templates|settings|extra\w*|parameters|options|env|annotations|labels|metadata|status)$/i;

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
    let gained: Gained | undefined;
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
      const into = gained.lists.get(text) ?? findField(gained, key, text);
      if (into !== undefined)
        found.push({
          path: [...path, ...into],
          what: `is no field there, but was one of ${path.join(".")}`,
          doubtful: true,
        });
    }
  }
  return found;
}

/** How far down a field is looked for. */
const DEEPEST = 3;
/** Of one name more are no slip. */
const MOST = 4;

/** What the values beside a field gain: fields by their name, and the ends of lists by what they hold. */
interface Gained {
  fields: Map<string, { value: YamlData; path: Path }[]>;
  lists: Map<string, Path>;
}

/** Where a field may have got that left its map: down into another one beside it, or to the end of another list. */
function listGained(was: Data, is: Data): Gained {
  const gained: Gained = { fields: new Map(), lists: new Map() };
  const queue = Object.keys(is).map((one) => ({
    from: was[one],
    to: is[one],
    path: [one] as Path,
  }));
  for (const { from, to, path } of queue) {
    if (FREE.test(String(path.at(-1)))) continue;
    if (Array.isArray(from) && Array.isArray(to) && to.length > from.length)
      gained.lists.set(JSON.stringify(to.slice(from.length)), [...path, from.length]);
    if (!isMap(to)) continue;
    for (const [name, value] of Object.entries(to)) {
      const old: YamlData = isMap(from) ? (from as Data)[name] : undefined;
      if (!(isMap(from) && Object.hasOwn(from, name))) {
        const known = getOrMake(gained.fields, name, (): { value: YamlData; path: Path }[] => []);
        if (known.length < MOST) known.push({ value, path: [...path, name] });
      }
      if (path.length < DEEPEST) queue.push({ from: old, to: value, path: [...path, name] });
    }
  }
  return gained;
}

/** As it was, or with nothing behind it. */
function findField({ fields }: Gained, key: string, text: string): Path | undefined {
  return fields.get(key)?.find(({ value }) => value === null || JSON.stringify(value) === text)?.path;
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
