import { isOpenText } from "../../admission/open-text.ts";
import { isMap } from "../../yaml/is-map.ts";

/** Keys below which charts say whether they make a claim, by the convention that nearly all of them follow. */
export const STORAGE = /^(?:persistence|persistentVolume|persistentVolumeClaim|pvc)$/;
/** A chart of many parts has one entry for each volume below this key. */
const LIST = "persistence";
/** What of an entry says whether it makes a claim. */
export const DECIDING = ["enabled", "type", "existingClaim"];
const SIZED = ["size", "storageClass", "storageClassName", "accessMode", "accessModes"];
/** By these an entry without a type says that it is another volume. */
const OTHER = ["hostPath", "emptyDir", "medium", "configMap", "secret", "nfs"];
const CLAIM = /^(?:pvc|persistentVolumeClaim)$/i;

/**
 * Whether an entry of the values of a chart has it make a claim that goes with it.
 * @param like the same entry of before: what that says of its claim counts where this one leaves it out
 */
export function makesClaim(path: readonly string[], entry: unknown, like?: Record<string, unknown>): boolean {
  const isEntry = path.at(-2) === LIST;
  if (!isMap(entry) || !(isEntry || STORAGE.test(path.at(-1) ?? ""))) return false;
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

/** An entry as it is where variables that cannot be read let it make a claim. */
export function asIfMade(entry: unknown): unknown {
  if (!isMap(entry)) return entry;
  const { enabled, type, ...rest } = entry;
  return { ...rest, enabled: isOpenText(enabled) || enabled, type: isOpenText(type) ? undefined : type };
}

interface Pair {
  path: string[];
  was: unknown;
  is: unknown;
  /** It belongs to a part of the chart that is turned off from then on. */
  isOff: boolean;
}

/**
 * All maps of values, each with what stands at its place after the change: also those that stay, whose part of the chart may go
 * off or get another name. What belongs to a part that is off today makes nothing.
 */
export function* walkPairs(before: unknown, after: unknown): Generator<Pair & { was: Record<string, unknown> }> {
  const open: Pair[] = [{ path: [], was: before, is: after, isOff: false }];
  for (let node = open.pop(); node; node = open.pop()) {
    const { path, was, is } = node;
    if (!isMap(was)) continue;
    yield { ...node, was };
    if (path.length > 0 && was.enabled === false) continue;
    const isOff = node.isOff || (path.length > 0 && isMap(is) && is.enabled === false);
    for (const [key, value] of Object.entries(was)) {
      open.push({ path: [...path, key], was: value, is: isMap(is) ? is[key] : undefined, isOff });
    }
  }
}
