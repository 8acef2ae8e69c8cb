import { isCommitId } from "../contract/names.ts";

/** Reads a value, or throws with its place. */
export type Reader<T> = (value: unknown, at: string) => T;

/** Control characters but line breaks, and those that turn the direction of a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

class Wrong extends Error {
  constructor(at: string, says: string) {
    super(`${at === "" ? "it" : at} ${says}`);
  }
}

/** A text of at most so many characters. */
export function text(most: number): Reader<string> {
  return (value, at) => {
    if (typeof value !== "string") throw new Wrong(at, "is no text");
    if (value.length > most) throw new Wrong(at, "is too long");
    if (CONTROLS.test(value)) throw new Wrong(at, "has control characters");
    return value;
  };
}

/** An id of a rule, or a version. */
export const word: Reader<string> = (value, at) => {
  if (!/^[@\w][\w@./+-]{0,199}$/.test(text(200)(value, at))) throw new Wrong(at, "is no id");
  return value as string;
};

export const commitId: Reader<string> = (value, at) => {
  if (!isCommitId(text(64)(value, at))) throw new Wrong(at, "is no commit");
  return value as string;
};

export const count: Reader<number> = (value, at) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Wrong(at, "is no number");
  return value as number;
};

export const bool: Reader<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw new Wrong(at, "is neither true nor false");
  return value;
};

export function oneOf<const T extends string | number | boolean>(known: readonly T[]): Reader<T> {
  return (value, at) => {
    const found = known.find((one) => one === value);
    if (found === undefined) throw new Wrong(at, `is none of ${known.join(", ")}`);
    return found;
  };
}

export function list<T>(read: Reader<T>, most: number, least = 0): Reader<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Wrong(at, "is no list");
    if (value.length > most || value.length < least) throw new Wrong(at, "has too many or too few entries");
    return value.map((item, index) => read(item, `${at}[${index}]`));
  };
}

/** What may be missing. */
export interface Maybe<T> {
  maybe: Reader<T>;
}

export function maybe<T>(read: Reader<T>): Maybe<T> {
  return { maybe: read };
}

type Fields = Readonly<Record<string, Reader<unknown> | Maybe<unknown>>>;
type Needed<F extends Fields> = {
  [K in keyof F as F[K] extends Reader<unknown> ? K : never]: F[K] extends Reader<infer T> ? T : never;
};
type Free<F extends Fields> = {
  [K in keyof F as F[K] extends Maybe<unknown> ? K : never]?: F[K] extends Maybe<infer T> ? T : never;
};

/** An object with these fields; others in it are left out. */
export function record<const F extends Fields>(fields: F): Reader<Needed<F> & Free<F>> {
  const known = Object.entries(fields);
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Wrong(at, "is no object");
    const read: [string, unknown][] = [];
    for (const [name, field] of known) {
      const has = Object.hasOwn(value, name);
      const inner = has ? (value as Record<string, unknown>)[name] : undefined;
      const path = at === "" ? name : `${at}.${name}`;
      if (typeof field === "function") read.push([name, field(inner, path)]);
      else if (inner !== undefined) read.push([name, field.maybe(inner, path)]);
    }
    return Object.fromEntries(read) as Needed<F> & Free<F>;
  };
}
