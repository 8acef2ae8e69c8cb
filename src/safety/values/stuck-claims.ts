import { isOpenText } from "../../admission/open-text.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import { isMap } from "../../yaml/is-map.ts";
import { makesClaim, walkPairs } from "./claim-entries.ts";

/** What values do to a claim that their chart makes; `what` goes on from the name of the release. */
interface Found {
  path: readonly string[];
  what: string;
}

/** What the API server lets nobody change in a claim, as values of charts call it. */
const FIXED = ["storageClass", "storageClassName", "accessMode", "accessModes"];

/** An entry that goes on making a claim, whatever keeps that when its release goes, and asks for a change of it that the API server refuses. */
export function findStuck(before: unknown, after: unknown): Found | undefined {
  for (const { path, was, is, isOff } of walkPairs(before, after)) {
    if (isOff || !isMap(is) || !makesClaim(path, was, was) || !makesClaim(path, is, was)) continue;
    const [old, now] = [parseQuantity(was.size), parseQuantity(is.size)];
    const isSmaller = old !== undefined && now !== undefined && now < old;
    const field = isSmaller ? "size" : FIXED.find((key) => differs(was[key], is[key]));
    if (field === undefined) continue;
    const change = `from ${say(was[field])} to ${say(is[field])}`;
    const what = `asks for another claim by its values (${[...path, field].join(".")}, ${change}): the API server refuses that of a claim that is there, and Helm then fails to upgrade the release`;
    return { path: [...path, field], what };
  }
  return undefined;
}

/** Whether both are said, and not the same; one that is not said is what the cluster has by default. */
function differs(was: unknown, is: unknown): boolean {
  if (!was || !is || [was, is].flat().some((one) => isOpenText(one) || isMap(one))) return false;
  return JSON.stringify([was].flat()) !== JSON.stringify([is].flat());
}

const say = (value: unknown): string => [value].flat().join(", ");

const NAMES = ["fullnameOverride", "nameOverride"] as const;

/** Names that charts take by default; most of them that of the release for the first, and their own for the second. */
type OwnNames = Readonly<Record<(typeof NAMES)[number], readonly string[]>>;

/** Values that make a claim, and come to give all that the chart makes another name. */
export function findRenamed(before: unknown, after: unknown, own: OwnNames): Found | undefined {
  if (!isMap(before) || !isMap(after)) return undefined;
  for (const at of [[], ["global"]]) {
    const [was, is] = [before, after].map((values) => (at.length > 0 ? values[at[0]!] : values));
    const [old, now] = [was, is].map((values): Record<string, unknown> => (isMap(values) ? values : {}));
    // A whole name leaves the other one without effect.
    const isWhole = Boolean(old!.fullnameOverride && now!.fullnameOverride);
    const field = NAMES.slice(0, isWhole ? 1 : 2).find((key) => renames(old![key], now![key], own[key]));
    if (field === undefined) continue;
    const path = [...at, field];
    for (const one of walkPairs(before, after)) {
      if (!makesClaim(one.path, one.was)) continue;
      const what = `gives what its chart makes another name by its values (${path.join(".")}), the claim of ${one.path.join(".")} included: Helm makes a new one and deletes the old one, with the data in it, unless that is marked with helm.sh/resource-policy: keep, which cannot be seen here`;
      return { path, what };
    }
  }
  return undefined;
}

function renames(was: unknown, is: unknown, own: readonly string[]): boolean {
  const [old, now] = [was, is].map((one): readonly unknown[] => (one ? [one] : own));
  return !isOpenText(was) && !isOpenText(is) && !old!.some((one) => now!.includes(one));
}
