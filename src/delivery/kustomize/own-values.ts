import { type Data, isMap, mapList, textEntries } from "./data.ts";
import { ExpressionError, expand, type Lookup, UnsetError } from "./expression.ts";
import { isText, retype } from "./retype.ts";
import { makeLookup } from "./substitute.ts";

/** A field that Git does not say in full, and what of its text. */
export interface Unfilled {
  path: readonly (string | number)[];
  written: string;
  /** A variable that is not known, where one is; else it would be read as something else than text. */
  variable?: string;
  isKnown: boolean;
  /** Nothing sets the variable. */
  isUnset?: true;
}

class UnfilledError extends Error {
  readonly field: Unfilled;

  constructor(field: Unfilled) {
    super(field.written);
    this.field = field;
  }
}

/**
 * An object after the substitution of a `postBuild` whose values stand in Git. Values may use each other, because a root
 * that builds itself fills in its own. Undefined where a variable is not known: it comes from a ConfigMap or Secret, is
 * not set and has no default, or would become something else than text.
 */
export function fillIn(body: Data, postBuild: Data): Data | undefined {
  const filled = tryFill(body, postBuild);
  return filled instanceof UnfilledError || !isMap(filled) ? undefined : filled;
}

/** The first field for which `fillIn` gives up; undefined where it does not. */
export function findUnfilled(body: Data, postBuild: Data): Unfilled | undefined {
  const filled = tryFill(body, postBuild);
  return filled instanceof UnfilledError ? filled.field : undefined;
}

function tryFill(body: Data, postBuild: Data): unknown {
  try {
    return fill(body, lookupIn(postBuild), []);
  } catch (error) {
    if (error instanceof UnfilledError) return error;
    throw error;
  }
}

function fill(value: unknown, lookup: Lookup, path: Unfilled["path"]): unknown {
  if (typeof value === "string") return value.includes("$") ? fillText(value, lookup, path) : value;
  if (Array.isArray(value)) return value.map((item, index) => fill(item, lookup, [...path, index]));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, lookup, [...path, key])]));
}

function fillText(written: string, lookup: Lookup, path: Unfilled["path"]): string {
  const read = readText(written, lookup, { isItem: typeof path.at(-1) === "number", strict: true });
  if (read.text === undefined) throw new UnfilledError({ path, written, ...read });
  return read.text;
}

/** What a text comes to; none where a variable is not known, or where YAML reads something else than a text there. */
function readText(
  written: string,
  lookup: Lookup,
  { isItem = false, strict = false },
): { text: string } | (Omit<Unfilled, "path" | "written"> & { text?: never }) {
  let isKnown = false;
  try {
    const { text, unknown } = expand(written, lookup, strict);
    if (unknown.length > 0) return { isKnown, variable: unknown[0]! };
    if (text === written) return { text };
    isKnown = true;
    const read = retype(written, text, isItem);
    const isKept = typeof read === "string" && (read !== text || written.includes("\n") || isText(text));
    return isKept ? { text: read } : { isKnown };
  } catch (error) {
    if (error instanceof UnsetError) return { isKnown, variable: error.variable, isUnset: true };
    if (error instanceof ExpressionError) return { isKnown };
    throw error;
  }
}

/** Values that lead to each other further than anybody writes them stay unknown. */
const DEEPEST = 100;

function lookupIn(postBuild: Data): Lookup {
  const written = textEntries(postBuild.substitute);
  const known = new Map(written.filter(([, value]) => !value.includes("$")));
  const own = new Set(written.map(([name]) => name));
  const isHidden = mapList(postBuild.substituteFrom).length > 0;
  const lookup = makeLookup(known, (name) => isHidden || own.has(name));
  let before = -1;
  for (let depth = 0; before < known.size && depth < DEEPEST; depth++) {
    before = known.size;
    for (const [name, value] of written) {
      if (known.has(name)) continue;
      const { text } = readText(value, lookup, {});
      if (text !== undefined && !text.includes("$")) known.set(name, text);
    }
  }
  return lookup;
}
