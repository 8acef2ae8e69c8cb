import { printKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { readApplied, readValues } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import { locateField } from "../../delivery/locations.ts";
import { isMap } from "../../yaml/is-map.ts";
import { asIfMade, DECIDING, makesClaim, STORAGE, walkPairs } from "./claim-entries.ts";
import { findDataOff } from "./data-off.ts";
import { manifestCommand } from "./helm-words.ts";
import { findRenamed, findStuck } from "./stuck-claims.ts";

/** Charts that make no claim but those that values name. */
const BY_VALUES = new Set(["app-template", "common"]);

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
    const data = findDataOff(is.use.chart, earlier, values);
    const lost = data ? undefined : findClaimLost(earlier, values, is.use.chart);
    const place = (path: readonly string[]) => locateField(change.after, is.release, ["spec", "values", ...path]);
    const look = `look with ${manifestCommand(now)} which ${data ? "data" : "claims"} it holds, and move the data first`;
    if (!lost) {
      const found = data ?? findClaimLeft(earlier, values, { name: now.release!.name, chart: is.use.chart });
      if (!found) return [];
      return { resource: printKey(key), what: found.what, look, at: place(found.path), decides: true };
    }
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
      look,
      at: place(path),
      decides: true,
    };
  });
}

/** Whether a release that gets other values may lose a claim, or other data that its chart makes. */
export function losesClaim(before: unknown, after: unknown, names: ReleaseNames): boolean {
  return Boolean(
    findDataOff(names.chart ?? "", before, after) ??
      findClaimLost(before, after, names.chart) ??
      findClaimLeft(before, after, names),
  );
}

interface ReleaseNames {
  name: string;
  chart?: string;
}

function findClaimLost(before: unknown, after: unknown, chart = ""): Lost | undefined {
  return findLost(before, after) ?? (BY_VALUES.has(chart) ? undefined : findRefused(before, after));
}

function findClaimLeft(before: unknown, after: unknown, { name, chart = name }: ReleaseNames) {
  const own = { fullnameOverride: [name], nameOverride: [name, chart] };
  return findStuck(before, after) ?? findRenamed(before, after, own);
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

/** An entry that made a claim and makes none any more, as it says or as its part of the chart is off; and whether what it says now is open. */
function findLost(before: unknown, after: unknown): Lost | undefined {
  for (const { path, was, is, isOff } of walkPairs(before, after)) {
    const made = asIfMade(was);
    if (!isMap(made) || !makesClaim(path, made)) continue;
    if (isOff) return { path, isOpen: false };
    const isOpen = isMap(is) && DECIDING.some((key) => isOpenText(is[key]) && is[key] !== was[key]);
    if (isOpen || !makesClaim(path, asIfMade(is), made)) return { path, isOpen };
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
