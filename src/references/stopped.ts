import { splitKey } from "../admission/key.ts";
import type { Given } from "../change/given.ts";
import type { Held } from "../change/world.ts";
import type { Loc } from "../contract/errors.ts";

/** What a change does to an object. */
export interface Stop {
  path: readonly (string | number)[];
  /** Where the field is not one of the object. */
  at?: Loc;
  /** Where it is not that Flux leaves off reconciling. */
  rule?:
    | "login-mismatch"
    | "object-refused"
    | "setting-lost"
    | "build-breaks"
    | "reference-breaks"
    | "reference-missing"
    | "reconcile-stops"
    | "instance-harms"
    | "waits-in-circle"
    | "secret-in-clear"
    | "claim-unread"
    | "variable-emptied";
  /** Where it does not stop anything. */
  level?: "caution";
  /** Goes on from the name of the object. */
  what: string;
  why: string;
  next: string;
  /** All others that this holds for, where the words only count them. */
  others?: readonly Held[];
  /** It may work all the same; what to look at. */
  look?: string;
}

/** An object that the change takes out of work or alters, by its own fields or by what it relies on. */
export interface Stopped extends Stop {
  held: Held;
}

/** Asks about each object after the change, given what it is before. */
export function stopsOf(
  { before, after }: Pick<Given, "before" | "after">,
  find: (held: Held, was: Held | undefined) => Stop | readonly Stop[],
): Stopped[] {
  return after.all.flatMap((held) =>
    held.object.ignored ? [] : [find(held, before.applied(held.object.key))].flat().map((stop) => ({ held, ...stop })),
  );
}

/** Whether Flux puts it to work in this cluster: nothing leaves it out or suspends it, and no other cluster gets it. */
export function isAtWork({ object: { key, body, ignored, release }, by }: Held): boolean {
  const isOut = ignored || by?.spec.suspend || body?.spec?.suspend === true;
  return !isOut && release?.cluster === undefined && splitKey(key).remote === "";
}

/** Names that one finding lists: thousands of findings may have thousands of names each to list. */
export const LISTED = 12;
