import { compile } from "../../src/delivery/kustomize/regex.ts";
import { matchesGlob } from "../shared/automation/renovate-files.ts";

export const OLD_ARTIFACT = "ghcr.io/fluxcd/flux-manifests";
export const OLD_CHART = "ghcr.io/fluxcd-community/charts/flux2";
const OLD_RELEASE = "fluxcd/flux2";

type Matcher = (name: string) => boolean;

interface Missed {
  /** The item that matches the old artifact, without quotes. */
  name: string;
  /** Where to add, within the list, as an offset. */
  at: number;
  /** What goes in there, so that the charts are matched as well; undefined where nothing like the item would do. */
  add?: string;
}

/**
 * A list of patterns, prefixes or names that matches the flux-manifests artifact but not all of the packages that take its
 * place. `^ghcr.io/fluxcd/` gets `^ghcr.io/controlplaneio-fluxcd/` beside it, in the same quotes and on a line of its own
 * where the item has one. A list with an exception (`!name`) is only named.
 * @param key as Renovate names it: says how an item is meant
 * @param items text between the brackets
 */
export function findMissed(key: string, items: string, packages: readonly string[]): Missed | undefined {
  const all = [...items.matchAll(/(["'])([^"']*)\1/g)].map(({ 0: whole, 1: quote = "", 2: raw = "", index }) => {
    return { quote, raw, index, end: index + whole.length, matches: matcherOf(key, raw) };
  });
  const old = all.find(({ raw, matches }) => raw !== OLD_ARTIFACT && matches?.(OLD_ARTIFACT));
  const missed = packages.filter((name) => !all.some(({ matches }) => matches?.(name)));
  if (!old || missed.length === 0) return undefined;
  const { quote, raw, index, end } = old;
  const beside = raw.replace("fluxcd", "controlplaneio-fluxcd");
  const isEnough = missed.every((name) => matcherOf(key, beside)?.(name));
  if (!isEnough || all.some((item) => item.raw.startsWith("!"))) return { name: raw, at: end };
  const ownLine = /\n[ \t]*$/.exec(items.slice(0, index))?.[0];
  // Before an item on a line of its own, so that the comment behind that stays behind it.
  if (ownLine) return { name: raw, at: index, add: `${quote}${beside}${quote},${ownLine}` };
  return { name: raw, at: end, add: `, ${quote}${beside}${quote}` };
}

/**
 * The item of a list that matches the release of a bootstrapped Flux, where nothing in the list matches the charts: Renovate
 * reads `fluxcd/flux2` from gotk-components.yaml and from the URL of a remote base.
 */
export function findInstallRule(
  key: string,
  items: string,
  packages: readonly string[],
): Pick<Missed, "name" | "at"> | undefined {
  const all = [...items.matchAll(/(["'])([^"']*)\1/g)].map(({ 2: raw = "", index }) => {
    return { raw, index, matches: matcherOf(key, raw) };
  });
  const old = all.find(({ matches }) => matches?.(OLD_RELEASE));
  const isKnown = packages.every((name) => all.some(({ matches }) => matches?.(name)));
  return old && !isKnown ? { name: old.raw, at: old.index } : undefined;
}

/** @returns undefined for an exception, and for an expression that Renovate could not read either */
function matcherOf(key: string, raw: string): Matcher | undefined {
  const item = raw.replace(/\\(.)/g, "$1");
  if (key.includes("Prefix")) return (name) => name.startsWith(item);
  if (key.includes("Pattern")) return expression(item);
  if (item.startsWith("!")) return undefined;
  const [, body] = /^\/(.*)\/i?$/s.exec(item) ?? [];
  if (body !== undefined) return expression(body);
  return item.includes("*") ? (name) => matchesGlob(item, name) : (name) => name === item;
}

function expression(body: string): Matcher | undefined {
  const pattern = compile(body, true);
  return pattern && ((name) => pattern.test(name));
}
