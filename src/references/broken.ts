import type { Reference } from "../change/read.ts";
import type { Held } from "../change/world.ts";

/** A reference that leads nowhere after the change. */
export interface BrokenReference extends Reference {
  from: Held;
  /** The change takes its target away; otherwise the reference is new, and nothing makes its target. */
  isGone: boolean;
  /** A name that is there and differs by a letter or two. */
  near?: string;
  /** Git generates it under a name with a hash, and nothing writes that into the reference. */
  hashed?: true;
  /** What it names stays as it is, and runs out: no Certificate renews it. */
  lapses?: true;
  /** It is optional, and what it names is taken out rather than renamed, or nothing may need it: whoever wrote both may mean it. */
  level?: "caution";
}

/** One to what may be made by something that cannot be seen here. */
export interface UnprovenReference extends BrokenReference {
  because: string;
  look: string;
}

export interface ReferenceAnswer {
  broken: BrokenReference[];
  unproven: UnprovenReference[];
}
