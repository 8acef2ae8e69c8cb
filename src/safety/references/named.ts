import { isMap } from "../../yaml/is-map.ts";
import { splitKey } from "../key.ts";
import type { ObjectKey } from "../types.ts";
import { listReferencesAndOptional, type Reference } from "./read.ts";
import type { Held, World } from "./world.ts";

/** How fields are called that hold the name of such an object: `existingClaim`, `apiTokenSecretRef.name`, `configMaps[]`. */
const WORDS: Readonly<Record<string, RegExp>> = {
  Secret: /secrets?(?:name|ref|keyref)?$/i,
  ConfigMap: /config-?maps?(?:name|ref|keyref)?$/i,
  PersistentVolumeClaim: /(?:claims?(?:name|ref)?|pvc)$/i,
};

/**
 * Objects of any kind that go on naming what goes, in values of charts and in fields of other operators that no table
 * knows. Told by the field: `existingClaim: player` in the namespace of the claim. What stands elsewhere, or is optional,
 * is left out. Errs towards missing one.
 */
export function findNaming(after: World, gone: ReadonlySet<ObjectKey>): (Reference & { from: Held })[] {
  const wanted = [...gone].filter((key) => splitKey(key).group === "" && Object.hasOwn(WORDS, splitKey(key).kind));
  if (wanted.length === 0) return [];
  return [...after.objects.values()].flatMap((from) => {
    const { object } = from;
    if (!isMap(object.body) || splitKey(object.key).remote !== "") return [];
    const home = splitKey(object.key).namespace;
    const known = new Set(listReferencesAndOptional(object).map(({ target }) => target));
    return wanted.flatMap((target) => {
      const { kind, namespace, name } = splitKey(target);
      if (known.has(target) || (home !== "" && home !== namespace)) return [];
      const path = findName(object.body, WORDS[kind]!, kind, name);
      return path === undefined
        ? []
        : [{ from, target, path, field: path.filter((one) => typeof one === "string").join(".") }];
    });
  });
}

interface Place {
  value: unknown;
  path: readonly (string | number)[];
  /** The nearest key above that is a word, lists left out. */
  above: string;
}

function findName(body: unknown, word: RegExp, kind: string, name: string): readonly (string | number)[] | undefined {
  const queue: Place[] = [{ value: body, path: [], above: "" }];
  for (const { value, path, above } of queue) {
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) {
        if (one === name && word.test(above)) return [...path, index];
        if (typeof one === "object") queue.push({ value: one, path: [...path, index], above });
      }
    } else if (isMap(value)) {
      if ((value as Record<string, unknown>).optional === true) continue;
      const said = [value.kind, value.type].map((one) => String(one).toLowerCase());
      for (const [key, one] of Object.entries(value)) {
        if (path.length === 0 && key === "metadata") continue;
        const isName = word.test(key) || (key === "name" && (word.test(above) || said.includes(kind.toLowerCase())));
        if (one === name && isName) return [...path, key];
        if (typeof one === "object") queue.push({ value: one, path: [...path, key], above: key });
      }
    }
  }
  return undefined;
}
