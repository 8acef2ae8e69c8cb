import type { Data } from "./snapshot.ts";

/** Result of `substitute`: the object, and variables nobody in the repository defines (secrets, mostly). */
export interface Substituted {
  data: Data;
  unknown: string[];
}

const EXPRESSION = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)((?::?[-=+?])([^{}]*))?\}/g;

/** Stands for an escaped dollar until everything else is replaced. */
const ESCAPED = "\uE000";
/** Defaults can hold variables: `${A:-${B}}` takes two rounds, inner ones first. */
const MAX_ROUNDS = 8;

function replaceIn(text: string, variables: Map<string, string>, unknown: Set<string>): string {
  let now = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = now;
    now = before.replace(EXPRESSION, (whole, name: string | undefined, tail: string | undefined, fallback: string) => {
      if (whole === "$$") return ESCAPED;
      const value = variables.get(name ?? "");
      if (value !== undefined && (value !== "" || !tail)) return value;
      if (tail) return fallback;
      unknown.add(name ?? "");
      return whole;
    });
    if (now === before) break;
  }
  return now.replaceAll(ESCAPED, "$");
}

function walk(value: Data, change: (text: string) => string): Data {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), walk(item, change)]));
  }
  return value;
}

/**
 * Post-build substitution of one object (flux-facts 2.9). Works on string values, not on the re-serialised text, so
 * a value that would change its type by substitution keeps being a string. Unknown variables stay as they are written.
 */
export function substitute(data: Data, variables: Map<string, string>): Substituted {
  const metadata = data?.metadata ?? {};
  const key = "kustomize.toolkit.fluxcd.io/substitute";
  if (metadata.labels?.[key] === "disabled" || metadata.annotations?.[key] === "disabled") return { data, unknown: [] };
  const unknown = new Set<string>();
  return { data: walk(data, (text) => replaceIn(text, variables, unknown)), unknown: [...unknown] };
}
