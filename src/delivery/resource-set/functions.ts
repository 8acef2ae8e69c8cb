import { cutEnd } from "../../contract/cut.ts";
import { isMap } from "../../yaml/is-map.ts";
import { escapeRegExp } from "../patterns.ts";
import { TemplateProblem } from "./syntax.ts";

type Call = (...values: unknown[]) => unknown;

/** Go's notion of a value that counts as no. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isMap(value) || Object.keys(value).length > 0;
}

const isNone = (value: unknown): value is null | undefined => value === undefined || value === null;

/** What an action writes. @throws TemplateProblem for what Go prints in ways of its own */
export function print(value: unknown): string {
  return isNone(value) ? "<no value>" : toText(value);
}

/** What functions take a value for that is no text. */
function toText(value: unknown): string {
  if (isNone(value)) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && Math.abs(value) < 1e6) return String(value);
  throw new TemplateProblem(`a ${Array.isArray(value) ? "list" : typeof value} as text`, false);
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TemplateProblem("a text expected", true);
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return inOrder(value);
  throw new TemplateProblem("a list expected", true);
}

/** What is no number counts as 0; a text that holds one in another way than digits is not read here. */
function whole(value: unknown): number {
  if (typeof value === "string" && /\d/.test(value)) {
    if (!/^-?(?:0|[1-9]\d{0,14})$/.test(value)) throw new TemplateProblem(`the number ${value}`, false);
    return Number(value);
  }
  return typeof value === "number" || value === true ? Math.trunc(Number(value)) : 0;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  throw new TemplateProblem("values of different kinds compared", true);
}

function isSame(a: unknown, b: unknown): boolean {
  if (isNone(a) || isNone(b)) return isNone(a) && isNone(b);
  if (isMap(a) || Array.isArray(a)) throw new TemplateProblem("a list or map compared", true);
  if (typeof a !== typeof b) throw new TemplateProblem("values of different kinds compared", true);
  return a === b;
}

function field(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    inOrder(value);
    const at = whole(key);
    if (at < 0 || at >= value.length) throw new TemplateProblem(`no item ${at}`, true);
    return value[at];
  }
  return own(value, key);
}

function map(value: unknown): Record<string, unknown> {
  if (isMap(value)) return value as Record<string, unknown>;
  throw new TemplateProblem("a map expected", true);
}

/** Keys of a map, through which Go goes in another order each time. */
class Keys extends Array<unknown> {}

/** @throws TemplateProblem where the order of keys would count; `range` and `sortAlpha` do without */
function inOrder<T>(all: T): T {
  if (all instanceof Keys && all.length > 1) throw new TemplateProblem("keys in an order that nobody knows", false);
  return all;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function trimOf(letters: unknown, one: unknown): string {
  const out = new Set(text(letters));
  const all = [...text(one)];
  const start = all.findIndex((letter) => !out.has(letter));
  return start < 0 ? "" : all.slice(start, all.findLastIndex((letter) => !out.has(letter)) + 1).join("");
}

/** What every object of JavaScript has is no key of a map. */
function own(map: unknown, key: unknown): unknown {
  return isMap(map) && Object.hasOwn(map, String(key)) ? map[String(key)] : undefined;
}

/** More than a list that somebody goes through, or a text, holds; what takes so many is not told here. */
const MOST = 10_000;
const LONGEST = 1 << 20;

/** @throws TemplateProblem where a text becomes longer than any that is meant */
function inLength(length: number): void {
  if (length > LONGEST) throw new TemplateProblem("a value that grows very long", false);
}

/** The numbers below one. */
export function countTo(end: number): number[] {
  if (end > MOST) throw new TemplateProblem("a very long list", false);
  return Array.from({ length: Math.max(end, 0) }, (_, at) => at);
}

function format(pattern: unknown, ...values: unknown[]): string {
  let next = 0;
  const said = text(pattern).replace(/%(?:%|[^%])/g, (verb) => {
    if (verb === "%%") return "%";
    const value = values[next++];
    if (verb === "%v" || (verb === "%s" && typeof value === "string") || (verb === "%d" && Number.isInteger(value)))
      return toText(value);
    if (verb === "%q") return JSON.stringify(text(value));
    throw new TemplateProblem(`printf with ${verb}`, false);
  });
  if (next !== values.length) throw new TemplateProblem("printf with other values than its text has places", false);
  return said;
}

/** What a name in an address or an object may be made of; other letters are written out in ways of their own. */
function slugify(value: unknown): string {
  const said = text(value);
  if (/[^\x20-\x7e]|[&@]/.test(said)) throw new TemplateProblem("slugify of other letters", false);
  const slug = said
    .toLowerCase()
    .replace(/['"`]/g, "")
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/-{2,}/g, "-");
  const trimmed = cutEnd(slug.replace(/^[-_]+/, ""), "-_");
  if (trimmed.length > 63) throw new TemplateProblem("slugify of a long text", false);
  return trimmed;
}

const pad = (by: unknown, value: unknown) => {
  inLength(whole(by) * text(value).split("\n").length);
  if (whole(by) < 0) throw new TemplateProblem("a negative indent", true);
  return replaceAll(" ".repeat(whole(by)) + text(value), "\n", `\n${" ".repeat(whole(by))}`);
};

function replaceAll(value: string, from: string, to: string): string {
  const parts = value.split(from);
  inLength(parts.length * to.length);
  return parts.join(to);
}

/** Of all that says something. */
const textsOf = (all: readonly unknown[]): string[] => [...all].filter((one) => !isNone(one)).map(toText);

/** JSON is YAML, whatever it is indented by. */
const toYaml = (value: unknown) => `${JSON.stringify(inOrder(value) ?? null)}\n`;

/** Functions of text/template, slim-sprig and the operator that templates are commonly written with. */
export const FUNCTIONS: Readonly<Record<string, Call>> = {
  not: (one) => !isTrue(one),
  eq: (first, ...others) => others.some((one) => isSame(first, one)),
  ne: (a, b) => !isSame(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  len: (one) =>
    isMap(one) ? Object.keys(one).length : typeof one === "string" ? Buffer.byteLength(one) : list(one).length,
  index: (of, ...keys) => keys.reduce(field, of),
  print: (...all) => (all.length === 1 ? toText(all[0]) : unread("print")),
  printf: format,
  default: (preset, value) => (isTrue(value) ? value : preset),
  empty: (one) => !isTrue(one),
  coalesce: (...all) => all.find(isTrue),
  ternary: (yes, no, is) => (is === true ? yes : no),
  quote: (...all) =>
    textsOf(all)
      .map((one) => JSON.stringify(one))
      .join(" "),
  squote: (...all) =>
    textsOf(all)
      .map((one) => `'${one}'`)
      .join(" "),
  lower: (one) => text(one).toLowerCase(),
  upper: (one) => text(one).toUpperCase(),
  trim: (one) => text(one).trim(),
  trimPrefix: (part, one) => (text(one).startsWith(text(part)) ? text(one).slice(text(part).length) : one),
  trimSuffix: (part, one) =>
    text(one).endsWith(text(part)) ? text(one).slice(0, text(one).length - text(part).length) : one,
  replace: (from, to, one) => (text(from) === "" ? unread("replace") : replaceAll(text(one), text(from), text(to))),
  contains: (part, one) => text(one).includes(text(part)),
  hasPrefix: (part, one) => text(one).startsWith(text(part)),
  hasSuffix: (part, one) => text(one).endsWith(text(part)),
  nospace: (one) => text(one).replace(/\s/g, ""),
  trunc: (count, one) => (whole(count) < 0 ? text(one).slice(whole(count)) : text(one).slice(0, whole(count))),
  cat: (...all) => textsOf(all).join(" "),
  indent: pad,
  nindent: (by, one) => `\n${pad(by, one)}`,
  join: (by, all) => {
    const texts = textsOf(Array.isArray(all) ? inOrder(all) : [all]);
    inLength(texts.length * text(by).length);
    return texts.join(text(by));
  },
  splitList: (by, one) => text(one).split(text(by)),
  first: (all) => list(all)[0],
  last: (all) => list(all).at(-1),
  rest: (all) => list(all).slice(1),
  initial: (all) => list(all).slice(0, -1),
  list: (...all) => all,
  has: (one, all) => list(all ?? []).includes(one),
  uniq: (all) => [...new Set(list(all))],
  concat: (...all) => all.flatMap(list),
  append: (all, one) => [...list(all), one],
  dict: (...all) =>
    Object.fromEntries(
      all.flatMap((key, at) => (at % 2 === 0 ? [[toText(key), at + 1 < all.length ? all[at + 1] : ""]] : [])),
    ),
  get: (of, key) => (isMap(of) ? (own(of, text(key)) ?? "") : unread("get")),
  hasKey: (of, key) => (isMap(of) ? Object.hasOwn(of, text(key)) : unread("hasKey")),
  toString: toText,
  int: whole,
  int64: whole,
  add: (...all) => all.map(whole).reduce((a, b) => a + b, 0),
  add1: (one) => whole(one) + 1,
  sub: (a, b) => whole(a) - whole(b),
  mul: (...all) => all.map(whole).reduce((a, b) => a * b, 1),
  until: (count) => (whole(count) < 0 ? unread("until") : countTo(whole(count))),
  toYaml,
  mustToYaml: toYaml,
  toJson: (one) => JSON.stringify(one ?? null),
  b64enc: (one) => Buffer.from(text(one)).toString("base64"),
  b64dec: (one) => Buffer.from(text(one), "base64").toString(),
  slugify,
  regexQuoteMeta: (one) => escapeRegExp(text(one)),
  trimAll: trimOf,
  trimall: trimOf,
  repeat: (count, one) => {
    inLength(whole(count) * text(one).length);
    if (whole(count) < 0) throw new TemplateProblem("a negative count", true);
    return text(one).repeat(whole(count));
  },
  split: (by, one) =>
    Object.fromEntries(
      text(one)
        .split(text(by))
        .map((part, at) => [`_${at}`, part]),
    ),
  sortAlpha: (all) => textsOf(Array.isArray(all) ? all : [all]).sort(byBytes),
  without: (all, ...out) => list(all).filter((one) => !out.includes(one)),
  compact: (all) => list(all).filter(isTrue),
  reverse: (all) => list(all).toReversed(),
  prepend: (all, one) => [one, ...list(all)],
  tuple: (...all) => all,
  keys: (...all) => Keys.from(all.flatMap((one) => Object.keys(map(one)))),
  pick: (of, ...names) => Object.fromEntries(Object.entries(map(of)).filter(([key]) => names.includes(key))),
  omit: (of, ...names) => Object.fromEntries(Object.entries(map(of)).filter(([key]) => !names.includes(key))),
  dig: (...all) => {
    if (all.length < 3) throw new TemplateProblem("dig without a key or a default", true);
    let value = all.at(-1);
    for (const key of all.slice(0, -2)) {
      if (!Object.hasOwn(map(value), text(key))) return all.at(-2);
      value = own(value, key);
    }
    return value;
  },
  max: (...all) => Math.max(...all.map(whole)),
  min: (...all) => Math.min(...all.map(whole)),
  all: (...all) => all.every(isTrue),
  any: (...all) => all.some(isTrue),
  mustToJson: (one) => JSON.stringify(one ?? null),
  fail: (why) => {
    throw new TemplateProblem(`what the template says itself: ${text(why)}`, true);
  },
};

function unread(name: string): never {
  throw new TemplateProblem(`the function ${name}`, false);
}
