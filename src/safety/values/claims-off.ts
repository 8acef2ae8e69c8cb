import { printKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { readApplied, readValues } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import { locateField } from "../../delivery/locations.ts";
import { isMap } from "../../yaml/is-map.ts";
import { manifestCommand } from "./helm-words.ts";

/** Keys below which charts say whether they make a claim, by the convention that nearly all of them follow. */
const STORAGE = /^(?:persistence|persistentVolume|persistentVolumeClaim|pvc)$/;
/** A chart of many parts has one entry for each volume below this key. */
const LIST = "persistence";
/** What of an entry says whether it makes a claim. */
const DECIDING = ["enabled", "type", "existingClaim"];
const SIZED = ["size", "storageClass", "storageClassName", "accessMode", "accessModes"];
/** By these an entry without a type says that it is another volume. */
const OTHER = ["hostPath", "emptyDir", "medium", "configMap", "secret", "nfs"];
/** Charts that make no claim but those that values name. */
const BY_VALUES = new Set(["app-template", "common"]);
const CLAIM = /^(?:pvc|persistentVolumeClaim)$/i;

/**
 * Releases of charts from elsewhere whose values come to make a claim no more: Helm deletes what a chart renders no more, and
 * the claim with its data, unless it is marked to be kept.
 */
export function findClaimsOff(
  { before, after, risks }: Given,
  change: ClusterChange,
  takes: (object: OwnedObject) => boolean,
): OpenPoint[] {
  return [...after.objects].flatMap(([key, { object: now, by }]): OpenPoint | [] => {
    const old = before.objects.get(key)?.object;
    const isOpen = now.release && !now.flux && !now.release.suspend && (!by?.fixed || takes(now)) && !risks.has(key);
    if (!isOpen || !old) return [];
    const [was, is] = [readApplied(old, before, change.objects.before), readApplied(now, after, change.objects.after)];
    if (!was || !is || was.use.chart !== is.use.chart) return [];
    const { values, isKnown } = readValues(is, change.after, after);
    const earlier = readValues(was, change.before, before).values;
    const lost = findLost(earlier, values) ?? (BY_VALUES.has(is.use.chart) ? undefined : findRefused(earlier, values));
    if (!lost) return [];
    const { path } = lost;
    const isWhole = isKnown && !lost.isOpen;
    const claim = lost.isDefault
      ? `comes to say by its values that it makes no claim (${path.join(".")}), and left that to its chart before: where the chart makes one by default, Helm`
      : isWhole
        ? `has no claim made by its values any more (${path.join(".")}): Helm`
        : `has no claim made by those of its values that can be read here any more (${path.join(".")}): where the others make none either, Helm`;
    return {
      resource: printKey(key),
      what: `${claim} deletes the claim that its chart has made, with the data in it, unless that is marked with helm.sh/resource-policy: keep, which cannot be seen here`,
      look: `look with ${manifestCommand(now)} which claims it holds, and move the data first`,
      at: locateField(change.after, is.release, ["spec", "values", ...path]),
      decides: true,
    };
  });
}

interface Node {
  path: string[];
  was: unknown;
  is: unknown;
}

interface Lost {
  path: string[];
  isOpen: boolean;
  isDefault?: boolean;
}

/** An entry that made a claim and makes none any more, and whether what it says now is open. */
function findLost(before: unknown, after: unknown): Lost | undefined {
  const open: Node[] = [{ path: [], was: before, is: after }];
  for (let node = open.pop(); node; node = open.pop()) {
    const { path, was, is } = node;
    if (!isMap(was) || was === is) continue;
    if (makesClaim(path, was)) {
      const isOpen = isMap(is) && DECIDING.some((key) => isOpenText(is[key]) && is[key] !== was[key]);
      if (isOpen || !makesClaim(path, is, was)) return { path, isOpen };
    }
    for (const [key, value] of Object.entries(was)) {
      if (isMap(value)) open.push({ path: [...path, key], was: value, is: isMap(is) ? is[key] : undefined });
    }
  }
  return undefined;
}

/** A part of a chart that says nothing of its claim before, and that it makes none after. */
function findRefused(before: unknown, after: unknown): Lost | undefined {
  const open: Node[] = [{ path: [], was: before, is: after }];
  for (let node = open.pop(); node; node = open.pop()) {
    const { path, was = {}, is } = node;
    if (!isMap(was) || !isMap(is)) continue;
    // A part that is off, or that comes on, has made nothing yet.
    if (node.was ? was.enabled === false : path.length > 0 && is.enabled === true) continue;
    for (const [key, now] of Object.entries(is)) {
      const said = was[key];
      const place = [...path, key];
      const wasOpen = said === undefined || (isMap(said) && DECIDING.every((one) => said[one] === undefined));
      if (STORAGE.test(key) && isMap(now) && wasOpen && (now.enabled === false || now.existingClaim))
        return { path: place, isOpen: false, isDefault: true };
      open.push({ path: place, was: said, is: now });
    }
  }
  return undefined;
}

/** @param like the same entry of before: what that says of its claim counts where this one leaves it out */
function makesClaim(path: readonly string[], entry: unknown, like?: Record<string, unknown>): boolean {
  const [parent, own = ""] = path.slice(-2);
  const isEntry = path.length > 1 && parent === LIST;
  if (!isMap(entry) || !(isEntry || STORAGE.test(path.at(-1) ?? own))) return false;
  const { enabled, type, existingClaim, retain, resourcePolicy, annotations } = entry;
  if (enabled === false || existingClaim) return false;
  const mark: unknown = isMap(annotations) ? annotations["helm.sh/resource-policy"] : undefined;
  if (!like && (retain === true || [resourcePolicy, mark].includes("keep"))) return false;
  if (typeof type === "string") return CLAIM.test(type);
  // Without a type it is one where it says how large it is, or that it is on.
  const isSized = SIZED.some((key) => entry[key]);
  if (isEntry && !isSized && OTHER.some((key) => entry[key])) return false;
  return like
    ? typeof like.type !== "string" && (enabled === true || isSized)
    : enabled === true || (isEntry && isSized);
}
