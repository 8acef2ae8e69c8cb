import type { Unknown } from "../../contract/answer.ts";
import { lineOf } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { type Data, isMap, mapAt, mapItems, mapList, scalarText, textEntries } from "./data.ts";
import { ExpressionError, expand, type Lookup } from "./expression.ts";
import { BuildError } from "./failures.ts";
import { type Item, printId, withBody } from "./item.ts";
import { retype } from "./retype.ts";

export interface SubstitutionValues {
  /** Values read from the ConfigMaps and Secrets of `substituteFrom`, merged in list order. */
  substitutions?: Readonly<Record<string, string>>;
  /** Whether `substitutions` holds all of them, so that a variable it lacks is certainly unset. */
  complete?: boolean;
  /** Whether a variable that is certainly unset fails the build: the default since Flux 2.9. */
  strict?: boolean;
}

/** Characters that values may put in place of variables in one build; beyond that they are unknown. */
const MAX_HANDED_OUT = 1 << 24;

const marker = "kustomize.toolkit.fluxcd.io/substitute";

/**
 * Post-build substitution on built objects (flux-facts 2.9), in every text of a body. Where a variable is not known,
 * the text stays, and a name or namespace that holds it is reported. Throws `BuildError` for an unparsable expression.
 */
export function substituteAll(
  items: readonly Item[],
  postBuild: Data,
  values: SubstitutionValues,
  unknowns: Unknown[],
): { items: Item[]; uncertain: Set<Item> } {
  const uncertain = new Set<Item>();
  const inline = new Map(textEntries(postBuild.substitute));
  const sources = mapList(postBuild.substituteFrom);
  // Shared by many builds, so nothing goes through all of it.
  const shared = values.substitutions ?? {};
  const get = (name: string) => inline.get(name) ?? (Object.hasOwn(shared, name) ? shared[name] : undefined);
  const hidden = sources.length > 0 && !values.complete;
  const runs = hidden || inline.size > 0 || !isEmpty(shared) || postBuild.substituteStrategy === "Always";
  if (!runs) return { items: [...items], uncertain };
  refuseNames(items, misnamedIn(inline.keys()) ?? misnamedOf(shared));
  const lookup = makeLookup({ get }, () => hidden);
  const result = items.map((item) => {
    if (isSubstitutionDisabled(item.body)) return item;
    const changed = substituteItem(item, lookup, values.strict ?? false);
    const names = expand([item.name, item.namespace, item.kind, item.apiVersion].join(" "), lookup).unknown;
    if (names.length === 0) return changed;
    uncertain.add(changed);
    const variables = [...new Set(names)];
    unknowns.push({
      at: lineOf(item.file),
      what: `value of ${variables.join(", ")} in the id of ${printId(item)}`,
      variables,
    });
    return changed;
  });
  return { items: result, uncertain };
}

const NAME = /^[_A-Za-z]\w*$/;

/** The first that is no name of a variable. */
export function misnamedIn(names: Iterable<string>): string | undefined {
  for (const name of names) if (!NAME.test(name)) return name;
  return undefined;
}

const misnamed = new WeakMap<object, { name: string | undefined }>();

/** The same of values that many builds share, looked for once. */
function misnamedOf(shared: Readonly<Record<string, string>>): string | undefined {
  return getOrMake(misnamed, shared, () => ({ name: misnamedIn(Object.keys(shared)) })).name;
}

/** A value whose key is no name of a variable fails the build, used or not; where nothing is substituted, nobody looks. */
function refuseNames(items: readonly Item[], wrong: string | undefined): void {
  const item = wrong === undefined ? undefined : items.find((one) => !isSubstitutionDisabled(one.body));
  if (!item) return;
  throw new BuildError(
    lineOf(item.file),
    `post-build substitution: ${JSON.stringify(wrong)} is no name of a variable, and one such key in postBuild fails all`,
  );
}

/** Values as Flux fills them in, without line ends. @param isHidden whether a variable that is not there may be elsewhere */
export function makeLookup(
  known: { get: (name: string) => string | undefined },
  isHidden: (name: string) => boolean,
): Lookup {
  let handedOut = 0;
  return (name) => {
    if (handedOut > MAX_HANDED_OUT) return "unknown";
    const value = known.get(name);
    if (value === undefined) return isHidden(name) ? "unknown" : { value: undefined };
    handedOut += value.length;
    return { value: value.replaceAll("\n", "") };
  };
}

function isEmpty(values: Readonly<Record<string, string>>): boolean {
  for (const _ in values) return false;
  return true;
}

/** Whether an object opts out of post-build substitution by label or annotation (flux-facts 2.9). */
export function isSubstitutionDisabled(body: unknown): boolean {
  const metadata = mapAt(body, "metadata");
  return [metadata.labels, metadata.annotations].some(
    (field) => isMap(field) && scalarText(field[marker]) === "disabled",
  );
}

function substituteItem(item: Item, lookup: Lookup, strict: boolean): Item {
  try {
    const body = expandValue(item.body, lookup, strict);
    return body === item.body ? item : withBody(item, body as Data);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new BuildError(lineOf(item.file), `post-build substitution of ${printId(item)}: ${error.message}`);
  }
}

function expandText(written: string, lookup: Lookup, strict: boolean, isItem: boolean): unknown {
  const { text, unknown } = expand(written, lookup, strict);
  return unknown.length > 0 || text === written ? text : retype(written, text, isItem);
}

/** The same value when nothing in it changes. */
function expandValue(value: unknown, lookup: Lookup, strict: boolean, isItem = false): unknown {
  if (typeof value === "string") return value.includes("$") ? expandText(value, lookup, strict, isItem) : value;
  if (Array.isArray(value)) return mapItems(value, (item) => expandValue(item, lookup, strict, true));
  if (!isMap(value)) return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, item]) => {
    const entry = expandEntry(key, item, lookup, strict);
    changed ||= entry[0] !== key || entry[1] !== item;
    return entry;
  });
  return changed ? Object.fromEntries(entries) : value;
}

/** Flux fills in an object as one text (flux-facts 2.9), where an expression may begin in a key and end in its value: `${ref=branch: main}`. */
function expandEntry(key: string, item: unknown, lookup: Lookup, strict: boolean): [string, unknown] {
  if (!key.includes("$")) return [key, expandValue(item, lookup, strict)];
  try {
    return [expand(key, lookup, strict).text, expandValue(item, lookup, strict)];
  } catch (error) {
    if (!(error instanceof ExpressionError) || typeof item !== "string") throw error;
    const { text, unknown } = expand(`${key}: ${item}`, lookup, strict);
    const end = text.indexOf(": ");
    if (unknown.length > 0) return [key, item];
    // A line of nothing is none, and a key alone has no value.
    if (end < 0 && /^$|:$/.test(text.trimEnd())) return [key, item];
    if (end < 0) throw new ExpressionError(`what ${JSON.stringify(key)} and its value become is no key with a value`);
    return [text.slice(0, end), retype(item, text.slice(end + 2), false)];
  }
}
