import { type Data, isMap, mapList, textEntries } from "./data.ts";
import { ExpressionError, expand, type Lookup } from "./expression.ts";
import { isText } from "./retype.ts";
import { makeLookup } from "./substitute.ts";

/**
 * An object after the substitution of a `postBuild` whose values stand in Git. Values may use each other, because a root
 * that builds itself fills in its own. Undefined where a variable is not known: it comes from a ConfigMap or Secret, is
 * not set and has no default, or would become something else than text.
 */
export function fillIn(body: Data, postBuild: Data): Data | undefined {
  try {
    const filled = fill(body, lookupIn(postBuild));
    return isMap(filled) ? filled : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function fill(value: unknown, lookup: Lookup): unknown {
  if (typeof value === "string") return value.includes("$") ? fillText(value, lookup) : value;
  if (Array.isArray(value)) return value.map((item) => fill(item, lookup));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, lookup)]));
}

function fillText(written: string, lookup: Lookup): string {
  const { text, unknown } = expand(written, lookup, true);
  if (unknown.length > 0 || (text !== written && !written.includes("\n") && !isText(text)))
    throw new ExpressionError(written);
  return text;
}

function lookupIn(postBuild: Data): Lookup {
  const written = textEntries(postBuild.substitute);
  const known = new Map(written.filter(([, value]) => !value.includes("$")));
  const own = new Set(written.map(([name]) => name));
  const isHidden = mapList(postBuild.substituteFrom).length > 0;
  const lookup = makeLookup(known, (name) => isHidden || own.has(name));
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const [name, value] of written) {
      if (known.has(name)) continue;
      const { text, unknown } = expand(value, lookup);
      if (unknown.length === 0 && !text.includes("$")) known.set(name, text);
    }
  }
  return lookup;
}
