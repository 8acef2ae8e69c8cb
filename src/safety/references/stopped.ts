import type { Loc } from "../../contract/errors.ts";
import type { Held } from "./world.ts";

/** An object that the change takes out of work, by its own fields or by what it relies on. */
export interface Stopped {
  held: Held;
  path: readonly (string | number)[];
  /** Where the field is not one of the object. */
  at?: Loc;
  rule:
    | "reconcile-stops"
    | "login-mismatch"
    | "setting-lost"
    | "build-breaks"
    | "reference-breaks"
    | "reference-missing"
    | "instance-harms";
  /** Goes on from the name of the object. */
  what: string;
  why: string;
  next: string;
  /** It may work all the same; what to look at. */
  look?: string;
}

/** Names that one finding lists: thousands of findings may have thousands of names each to list. */
export const LISTED = 12;
