import type { Loc } from "./errors.ts";

/**
 * `safe`: nothing goes. `deletes`: what goes is named, and each was taken out on purpose or accepted. `unsafe`: something
 * still wanted or Flux itself goes, or something stops being applied. `unproven`: the change touches what cannot be read.
 */
export type Verdict = "safe" | "deletes" | "unsafe" | "unproven";

/** What happens to an object when a phase is merged; see docs/commands/verify.md. */
export type ObjectFate = "kept" | "adopted" | "moved" | "recreated" | "orphaned" | "deleted" | "created" | "unknown";

/**
 * Who settled a loss or an unknown: the caller of fluxlift, the configuration of the base, or the author of a commit, in a
 * trailer of its message.
 */
export type Acceptor =
  | { how: "flag" }
  | { how: "config"; at: Loc }
  | { how: "trailer"; commit: string; author: string };

/** An object that Flux may delete. */
export interface SafetyDanger {
  /** `Kind namespace/name`. */
  resource: string;
  outcome: "deleted" | "recreated";
  /** Whether the tree shows that it is still wanted. */
  wanted: boolean;
  /** 0 to 9, 9 being Flux itself. */
  rank: number;
  what: string;
  why: string;
  /** The line of the change at which that begins; `says` goes on from the place. */
  origin?: { at: Loc; says: string };
  /** How it comes to that, the first cause first. */
  chain: string[];
  at?: Loc;
  /** Settled by a person. */
  accepted?: true;
  acceptedBy?: Acceptor;
}

/** Something that the change touches and that cannot be read in the repository. */
export interface SafetyUnknown {
  /** `Kind namespace/name` of what it is about; several that share one place. */
  resources: string[];
  what: string;
  /** What to look at. */
  look: string;
  at?: Loc;
  /** Objects, as `resources` names them, that go if Flux can build it: what can be read of it all the same. */
  mayGo?: string[];
  /** Whether Flux, its operator, the instance, the source, the root or a guarded object stays depends on it. */
  decides?: true;
  /** Settled by a person. */
  accepted?: true;
  acceptedBy?: Acceptor;
}

/** Objects that go from one owner to another, for the map of owners. */
export interface SafetyTransfer {
  /** `namespace/name` of FluxKustomizations, or `flux-operator`; absent for none. */
  from?: string;
  to?: string;
  outcome: ObjectFate;
  count: number;
  names: string[];
}

/** What Flux does when a phase is merged, under every order of reconciling (docs/commands/verify.md). */
export interface MergeSafety {
  verdict: Verdict;
  /** Whether it was assumed that the operator owns what it generates. */
  adopted: boolean;
  /** Of the objects that the change touches; unchanged FluxKustomizations are not counted. */
  outcomes: Partial<Record<ObjectFate, { count: number; names: string[] }>>;
  /** Biggest first. */
  dangers: SafetyDanger[];
  transfers: SafetyTransfer[];
  /** What the change touches and cannot be read; never assumed safe. */
  unknown: SafetyUnknown[];
}
