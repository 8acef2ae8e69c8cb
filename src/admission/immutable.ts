import { groupBy } from "../contract/group-by.ts";
import { sortKeys, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isMap } from "../yaml/is-map.ts";
import { IMMUTABLE_KINDS, type ImmutableKind } from "./immutable-kinds.ts";
import { groupKindOf, type ObjectKey } from "./key.ts";
import { fillDefaults, isOpenText } from "./open-text.ts";
import { parseQuantity } from "./quantity.ts";

/** A field that differs although the API server refuses to change it. */
export interface FrozenChange {
  field: string;
  /** As the trees say it; undefined where one says nothing. */
  from: unknown;
  to: unknown;
  /** Whether the live value is known to be another one. */
  sure: boolean;
  /** In place of what is said of a field that can never be changed. */
  why?: string;
  next?: string;
}

export type ImmutableRows = ReadonlyMap<string, readonly ImmutableKind[]>;

/** @param more kinds that a user names beside those that are known */
export function makeImmutableRows(more: readonly ImmutableKind[] = []): ImmutableRows {
  return groupBy([...IMMUTABLE_KINDS, ...more], ({ kind }) => kind);
}

/** What of an object decides whether it can be changed; undefined for kinds in which everything can. */
export function readFrozen(key: ObjectKey, body: YamlData, rows: ImmutableRows): YamlData | undefined {
  const own = rowsOf(key, rows);
  if (own.length === 0) return undefined;
  const paths = own.flatMap(({ fields, grows = [], rises = [], stays = [], apart = [], when, unless, throughout }) => {
    const more = [when?.field, unless?.field, throughout?.field].filter((one) => one !== undefined);
    return [...fields, ...grows, ...rises, ...stays, ...apart, ...more];
  });
  return Object.fromEntries(paths.map((path) => [path, get(body, path.replace(/\.\*$/, ""))]));
}

/** Fields of one object that differ and cannot. Both are what `readFrozen` gave. */
export function diffFrozen(key: ObjectKey, old: YamlData, now: YamlData, rows: ImmutableRows): FrozenChange[] {
  if (!old || !now || old === now) return [];
  return rowsOf(key, rows).flatMap((row) => {
    const { fields, grows = [], rises = [], stays = [], when, unless, throughout, says } = row;
    if (when && old[when.field] !== when.is) return [];
    if (throughout && [old, now].some((side) => side[throughout.field] !== throughout.is)) return [];
    if (unless && (unless.is === undefined ? old[unless.field] !== undefined : old[unless.field] === unless.is))
      return [];
    const fixed = fields.flatMap((field) => (field.endsWith(".*") ? diffAll(field, old, now, row) : [field]));
    return [
      ...fixed.flatMap((field) => compare(field, pickedAt(old, field), pickedAt(now, field), row)),
      ...grows.flatMap((field) => compareSize(field, old[field], now[field])),
      ...rises.flatMap((field) => compareMajor(field, old[field], now[field])),
      ...stays.flatMap((field) => compareParts(field, old[field], now[field])),
      ...compareTogether(row, old, now),
    ].map((one) => ({ ...one, ...says }));
  });
}

/** The fixed fields of an object as text, what may grow left out. */
export function printFrozen(key: ObjectKey, frozen: YamlData, rows: ImmutableRows): string {
  const fields = rowsOf(key, rows).flatMap((row) =>
    row.fields.flatMap((field) => (field.endsWith(".*") ? diffAll(field, frozen, frozen, row) : [field])),
  );
  return print(fields.map((field) => [field, pickedAt(frozen, field)]));
}

function rowsOf(key: ObjectKey, rows: ImmutableRows): readonly ImmutableKind[] {
  return rows.get(groupKindOf(key)) ?? [];
}

/** `spec.*` as the fields that there are. */
function diffAll(field: string, old: YamlData, now: YamlData, { except = [] }: ImmutableKind): string[] {
  const names = new Set([old[field], now[field]].filter(isMap).flatMap((map) => Object.keys(map)));
  for (const name of except) names.delete(name);
  return [...names].map((name) => `${field.slice(0, -1)}${name}`);
}

function pickedAt(picked: YamlData, field: string): unknown {
  if (field in picked) return picked[field];
  const at = field.lastIndexOf(".");
  return picked[`${field.slice(0, at)}.*`]?.[field.slice(at + 1)];
}

function compare(
  field: string,
  from: unknown,
  to: unknown,
  { filled = {}, keeps = [], both, without, becomes }: ImmutableKind,
): FrozenChange[] {
  if (becomes !== undefined && to !== becomes) return [];
  const unset = filled[field] ?? undefined;
  const [live, wanted] = [from ?? unset, to ?? unset].map((value) => print(drop(value, without)));
  if (live === wanted || fillDefaults(live!) === fillDefaults(wanted!) || (!(to ?? "") && keeps.includes(field)))
    return [];
  if (both && (from === undefined || to === undefined)) return [];
  // A variable or a ciphertext may be the same value in other letters.
  const isOpen = isOpenText(`${live}${wanted}`);
  // A headless Service never was one with an address of its own.
  const isUnset = from === undefined && unset === undefined && field in filled && to !== "None";
  return [{ field, from, to, sure: !isOpen && !isUnset }];
}

function compareSize(field: string, from: unknown, to: unknown): FrozenChange[] {
  const size = (value: unknown) => parseQuantity(typeof value === "string" ? fillDefaults(value) : value);
  const [old, now] = [size(from), size(to)];
  const isOpen = `${from}${to}`.includes("${");
  if (old !== undefined && now !== undefined) return now < old ? [{ field, from, to, sure: !isOpen }] : [];
  const isSame = to === undefined || from === undefined || print(from) === print(to);
  return isSame ? [] : [{ field, from, to, sure: false }];
}

/** `17` of `ghcr.io/cloudnative-pg/postgresql:17.6-standard`, and of a plain number. */
function majorOf(value: unknown): number | undefined {
  const [name = ""] = String(value).split("@");
  const tag = typeof value === "number" ? name : (name.slice(name.lastIndexOf("/") + 1).split(":")[1] ?? "");
  const [, major] = /^(\d{1,4})(?!\w)/.exec(tag) ?? [];
  return major === undefined ? undefined : Number(major);
}

function compareMajor(field: string, from: unknown, to: unknown): FrozenChange[] {
  const [old, now] = [majorOf(from), majorOf(to)];
  const isOpen = isOpenText(`${from}${to}`);
  return isOpen || old === undefined || now === undefined || now >= old ? [] : [{ field, from, to, sure: true }];
}

function compareParts(field: string, from: unknown, to: unknown): FrozenChange[] {
  if (isEmpty(from) || isOpenText(print(to))) return [];
  const namesOf = (value: unknown) => (Array.isArray(value) ? value.map((one: YamlData) => String(one?.name)) : []);
  const left = new Set(namesOf(to));
  const isKept = isEmpty(to) ? false : namesOf(from).every((name) => left.has(name));
  return isKept ? [] : [{ field, from, to, sure: true }];
}

/**
 * The first of some fields that all change; where one of them may be the same after all, that one. Where Git says nothing, the
 * controller has filled it in.
 */
function compareTogether({ apart = [], given = {} }: ImmutableKind, old: YamlData, now: YamlData): FrozenChange[] {
  const changes = apart.map((field) => {
    const [from, to] = [old[field], now[field]];
    if (isEmpty(from) || isEmpty(to) || isOpenText(`${print(from)}${print(to)}`)) return undefined;
    if (isMap(from) && isMap(to)) return compareGiven(field, from, to, given);
    return print(from) === print(to) ? undefined : { field, from, to, sure: true };
  });
  const all = changes.filter((one) => one !== undefined);
  const [first] = all;
  return first && all.length === apart.length ? [all.find(({ sure }) => !sure) ?? first] : [];
}

/** Two maps into which a controller writes what Git does not say. */
function compareGiven(
  field: string,
  from: YamlData,
  to: YamlData,
  given: Readonly<Record<string, string>>,
): FrozenChange | undefined {
  let doubtful: FrozenChange | undefined;
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [was, is, filled] = [from[name], to[name], ofOwn(given, name)];
    if (print(was ?? filled) === print(is ?? filled)) continue;
    if (filled === undefined || (was !== undefined && is !== undefined)) return { field, from, to, sure: true };
    doubtful ??= { field: `${field}.${name}`, from: was, to: is, sure: false };
  }
  return doubtful;
}

function get(body: YamlData, path: string): unknown {
  return path
    .split(".")
    .reduce((at: YamlData, name) => (isMap(at) || Array.isArray(at) ? (at as YamlData)[name] : undefined), body);
}

/** A list without some fields of its entries. */
function drop(value: unknown, fields: readonly string[] = []): unknown {
  if (fields.length === 0 || !Array.isArray(value)) return value;
  const none = Object.fromEntries(fields.map((field) => [field, undefined]));
  return value.map((one: YamlData) => (isMap(one) ? { ...one, ...none } : one));
}

/** What a field is where nothing is said, at whatever depth. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  ...{ volumeMode: "Filesystem", readOnly: false },
  ...{ allocationMode: "ExactCount", count: 1 },
};

/** The same in as few words as it takes: no empty fields, no defaults, an amount of storage as a number. */
function simplify(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplify);
  if (!isMap(value)) return value;
  const fields = Object.entries(value).map(([name, one]) => {
    return [name, name === "storage" ? (parseQuantity(one) ?? one) : simplify(one)] as const;
  });
  const isSaid = ([name, one]: readonly [string, unknown]) => !isEmpty(one) && ofOwn(DEFAULTS, name) !== one;
  return Object.fromEntries(fields.filter(isSaid));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function print(value: unknown): string {
  return JSON.stringify(sortKeys(simplify(value) as YamlData)) ?? "";
}
