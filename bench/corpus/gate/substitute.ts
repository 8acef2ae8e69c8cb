import type { Data } from "./snapshot.ts";

/** Result of `substitute`: the object, and variables nobody in the repository defines (secrets, mostly). */
export interface Substituted {
  data: Data;
  unknown: string[];
}

const EXPRESSION = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)((?::?[-=+?])([^{}]*))?\}/g;

function replaceIn(text: string, variables: Map<string, string>, unknown: Set<string>): string {
  return text.replace(EXPRESSION, (whole, name: string | undefined, tail: string | undefined, fallback: string) => {
    if (whole === "$$") return "$";
    const value = variables.get(name ?? "");
    if (value !== undefined && (value !== "" || !tail)) return value;
    if (tail) return fallback;
    unknown.add(name ?? "");
    return whole;
  });
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
 * Post-build substitution of one object (flux-semantics 2.9). Works on string values, not on the re-serialised text, so
 * a value that would change its type by substitution keeps being a string. Unknown variables stay as they are written.
 */
export function substitute(data: Data, variables: Map<string, string>): Substituted {
  const metadata = data?.metadata ?? {};
  const key = "kustomize.toolkit.fluxcd.io/substitute";
  if (metadata.labels?.[key] === "disabled" || metadata.annotations?.[key] === "disabled") return { data, unknown: [] };
  const unknown = new Set<string>();
  return { data: walk(data, (text) => replaceIn(text, variables, unknown)), unknown: [...unknown] };
}
