import { isFieldName, isFieldValue } from "../../admission/field-names.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Refusal } from "../../admission/refusal.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import type { YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { pushAll } from "../../contract/push-all.ts";
import { isMap } from "../../yaml/is-map.ts";

type Path = Refusal["path"];
type Data = Record<string, YamlData>;

/** What a map of any kind is, so that no schema says more of it. */
const FREE =
  /^(?:values?|valuesObject|config|data|stringData|template|templates|settings|extra\w*|parameters|options|env|annotations|labels|metadata|status)$/i;

/**
 * Fields of a kind that is not known here that get to another depth by an edit, as they were, or a slip in their name: a line that
 * lost or gained its indentation, or a letter. The API server refuses a field that its CRD does not have there. Beside `spec` none has what stood in it; anywhere
 * else both may be right.
 */
export function findSlips(old: YamlData, now: YamlData): Refusal[] {
  if (!isMap(old) || !isMap(now) || (old as Data).apiVersion !== (now as Data).apiVersion) return [];
  const found: Refusal[] = [];
  const queue: Pair[] = [{ was: old as Data, is: now as Data, path: [] }];
  for (const pair of queue) {
    const gained = once(() => listGained(pair.was, pair.is));
    const fresh = once(() => groupBy(listFresh(pair), (name) => JSON.stringify(pair.is[name])));
    pushAll(found, findBeside(pair));
    for (const [key, value] of Object.entries(pair.was)) {
      if (FREE.test(key) && Object.hasOwn(pair.is, key)) continue;
      if (Object.hasOwn(pair.is, key)) {
        pushAll(queue, pairBelow(pair, key));
        pushAll(found, findOther(pair, key));
      } else {
        const text = JSON.stringify(value);
        const moved = pair.path.length > 0 ? findGoneTo(pair, key, text, gained) : [];
        pushAll(found, moved.length > 0 ? moved : findRenamed(pair, key, fresh().get(text) ?? []));
      }
    }
  }
  return found;
}

/** One map on both sides, and the map that it stands in, unless that is a list. */
interface Pair {
  was: Data;
  is: Data;
  path: Path;
  above?: Pick<Pair, "was" | "is">;
}

/** Names that the map has now and had not before. */
const listFresh = ({ was, is }: Pick<Pair, "was" | "is">): string[] =>
  Object.keys(is).filter((name) => !Object.hasOwn(was, name));

function pairBelow({ was, is, path }: Pair, key: string): Pair[] {
  const [from, to]: YamlData[] = [was[key], is[key]];
  if (isMap(from) && isMap(to))
    return [{ was: from as Data, is: to as Data, path: [...path, key], above: { was, is } }];
  if (!Array.isArray(from) || !Array.isArray(to) || from.length !== to.length) return [];
  return from.flatMap((item: YamlData, index): Pair[] =>
    isMap(item) && isMap(to[index]) ? [{ was: item as Data, is: to[index] as Data, path: [...path, key, index] }] : [],
  );
}

/** A word that some field of some kind may be, and another one by a letter that none may be. */
function isMisspelt(from: YamlData, to: YamlData): boolean {
  if (typeof from !== "string" || typeof to !== "string" || !/^[A-Z][A-Za-z]+$/.test(to)) return false;
  return isFieldValue(from) && findNear(to, [from], { short: 5 }) !== undefined && !isFieldValue(to);
}

/** A map that becomes a list, or the like. */
function findOther({ was, is, path }: Pair, key: string): Refusal[] {
  const [from, to]: YamlData[] = [was[key], is[key]];
  if (isMisspelt(from, to)) return [{ path: [...path, key], what: `is ${to}, and was ${from}`, doubtful: true }];
  if (path.length === 0 || !isOther(from, to)) return [];
  return [{ path: [...path, key], what: `is ${sayShape(to)}, and was ${sayShape(from)}`, doubtful: true }];
}

/** A field that left its map: a level up, or down into what stands beside it. */
function findGoneTo({ path, above }: Pair, key: string, text: string, gained: () => Gained): Refusal[] {
  const what = `is no field there, but was one of ${path.join(".")}`;
  const isNewAbove = above && !Object.hasOwn(above.was, key) && Object.hasOwn(above.is, key);
  if (isNewAbove && JSON.stringify(above.is[key]) === text) {
    const isTop = path.length === 1 && path[0] === "spec";
    return [{ path: [...path.slice(0, -1), key], what, ...(isTop ? {} : { doubtful: true as const }) }];
  }
  const into = gained().lists.get(text) ?? findField(gained(), key, text);
  return into === undefined ? [] : [{ path: [...path, ...into], what, doubtful: true }];
}

/** Maps whose keys are words of the owner. */
const WORDS = /(?:labels|annotations|selector|headers|variables)$/i;

/** A field with the same value behind a name that no kind has, where a letter makes it one that others have. */
function findRenamed({ path }: Pair, key: string, names: readonly string[]): Refusal[] {
  if (names.length === 0 || WORDS.test(String(path.at(-1))) || !isFieldName(key)) return [];
  const name = names.find((one) => findNear(one, [key], { short: 2 }) !== undefined && !isFieldName(one));
  return name === undefined ? [] : [{ path: [...path, name], what: `was ${key} before`, doubtful: true }];
}

/** A field that comes beside one that stays and has a letter more or less, as where a patch means that one; one and many may well both be fields. */
function findBeside({ was, is, path }: Pair): Refusal[] {
  if (path.length === 0 || WORDS.test(String(path.at(-1)))) return [];
  const known = once(() => Object.keys(was).filter((key) => Object.hasOwn(is, key) && isFieldName(key)));
  return listFresh({ was, is }).flatMap((name): Refusal[] => {
    const near = isFieldName(name) ? undefined : findNear(name, known());
    const isCount = near !== undefined && (`${near}s` === name || `${name}s` === near);
    return near === undefined || isCount
      ? []
      : [{ path: [...path, name], what: `is one letter from ${near}, which is there as well`, doubtful: true }];
  });
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
