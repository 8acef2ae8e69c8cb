import type { ObjectKey } from "../../admission/key.ts";
import type { ObjectFate } from "../../contract/safety.ts";
import { isFluxCore } from "./danger.ts";

/** Who has an object before and after a change. */
interface Owners {
  key: ObjectKey;
  /** FluxKustomizations that apply it. */
  before: ReadonlyMap<ObjectKey, unknown>;
  after: ReadonlySet<ObjectKey>;
  /** The operator has it for its FluxInstance, or another cluster's. */
  isOwnedToday: boolean;
  isOwnedLater: boolean;
  /** Something may delete it. */
  isAtRisk: boolean;
  /** Something may delete Flux itself. */
  isFluxAtRisk: boolean;
}

/** What becomes of an object once the change is applied. */
export function fateOf({ key, before, after, isOwnedToday, isOwnedLater, isAtRisk, isFluxAtRisk }: Owners): ObjectFate {
  if (before.size === 0 && !isOwnedToday) return "created";
  if (isAtRisk) return after.size > 0 && !isFluxCore(key) ? "recreated" : "deleted";
  // Without Flux nothing else can be called safe.
  if (isFluxAtRisk) return "unknown";
  if (isOwnedLater) return before.size > 0 || !isOwnedToday ? "adopted" : "kept";
  if (after.size === 0) return "orphaned";
  return isOwnedToday || [...before.keys()].some((owner) => after.has(owner)) ? "kept" : "moved";
}
