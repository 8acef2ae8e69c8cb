import type { KubeObject } from "../world/kube.ts";

/** One object, with one thing in it that somebody may write by mistake. */
export interface Mutant {
  object: KubeObject;
  path: readonly (string | number)[];
  how: string;
}

type Value = unknown;
type Maker = readonly [how: string, make: (value: Value) => Value];

const LEFT_OUT = Symbol("left out");
const isMap = (value: Value): value is Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TEXTS: readonly Maker[] = [
  ["empty text", () => ""],
  ["a number", () => 5],
  ["true", () => true],
  ["capitals", (value) => String(value).toUpperCase()],
  ["an underscore", (value) => `${value}_x`],
  ["a blank", (value) => `${value} x`],
  ["a letter too many", (value) => `${value}x`],
  ["long", (value) => `${value}${"x".repeat(300)}`],
  ["64 letters", (value) => `${value}${"x".repeat(64)}`],
  ["a dot", (value) => `${value}.x`],
  ["a list", (value) => [value]],
  ["a map", (value) => ({ a: value })],
];
const NUMBERS: readonly Maker[] = [
  ["zero", () => 0],
  ["negative", () => -1],
  ["huge", () => 70000],
  ["beyond 32 bits", () => 2 ** 40],
  ["a fraction", () => 1.5],
  ["text", (value) => String(value)],
  ["words", () => "many"],
  ["true", () => true],
];
const SWITCHES: readonly Maker[] = [
  ["text", (value) => String(value)],
  ["a number", () => 1],
  ["yes", () => "yes"],
];
const MAPS: readonly Maker[] = [
  ["empty", () => ({})],
  ["text", () => "text"],
  ["a list", (value) => [value]],
];
const LISTS: readonly Maker[] = [
  ["empty", () => []],
  ["its first item alone", (value) => (value as Value[])[0]],
  ["its first item twice", (value) => [...(value as Value[]), (value as Value[])[0]]],
  ["an item without a value", (value) => [...(value as Value[]), null]],
];
const ALL: readonly Maker[] = [
  ["left out", () => LEFT_OUT],
  ["without a value", () => null],
];

function makersOf(value: Value): readonly Maker[] {
  if (Array.isArray(value)) return [...LISTS, ...ALL];
  if (isMap(value)) return [...MAPS, ...ALL];
  if (typeof value === "number") return [...NUMBERS, ...ALL];
  return typeof value === "boolean" ? [...SWITCHES, ...ALL] : [...TEXTS, ...ALL];
}

/** Every place of an object, with every mistake that may be made there. */
export function* mutate(object: KubeObject): Generator<Mutant> {
  const places: { path: (string | number)[]; value: Value }[] = [{ path: [], value: object }];
  for (let place = places.pop(); place; place = places.pop()) {
    const { path, value } = place;
    const isOwn =
      path.length > 0 && !(path.length === 1 && ["apiVersion", "kind", "metadata"].includes(String(path[0])));
    if (isOwn && path.join() !== "metadata,namespace")
      for (const [how, make] of makersOf(value)) yield { object: withChange(object, path, make(value)), path, how };
    if (isMap(value)) {
      yield { object: withChange(object, [...path, "unheardOf"], "x"), path: [...path, "unheardOf"], how: "unknown" };
      for (const [name, one] of Object.entries(value)) places.push({ path: [...path, name], value: one });
    } else if (Array.isArray(value))
      for (const [index, one] of value.entries()) places.push({ path: [...path, index], value: one });
  }
}

function withChange(object: KubeObject, path: readonly (string | number)[], value: Value): KubeObject {
  const copy = structuredClone(object);
  // biome-ignore lint/suspicious/noExplicitAny: any object of Kubernetes
  let at: any = copy;
  for (const step of path.slice(0, -1)) at = at[step];
  const last = path.at(-1)!;
  if (value !== LEFT_OUT) at[last] = value;
  else if (Array.isArray(at)) at.splice(last as number, 1);
  else delete at[last];
  return copy;
}
