import type { Data } from "../corpus/gate/snapshot.ts";

/** An object of an inventory: what identifies it, where it runs, and what Flux was told about it. */
export interface Held {
  /** `Kind namespace/name`, or `Kind name` without a namespace; as people and the tool write it. */
  resource: string;
  /** Identity with the group, and with the remote cluster where a `kubeConfig` names one. */
  id: string;
  data: Data;
}

/** How well the judge could read what a FluxKustomization applies. */
export type Reading =
  /** Built by the real kustomize. */
  | "built"
  /** Built without remote bases and files that the archive leaves out: what it shows is there, and more. */
  | "partial"
  /** It does not build: Flux applies and deletes nothing for it. */
  | "broken"
  /** Its source is not this repository. */
  | "foreign"
  /** It does not reconcile, so that what was applied stays. */
  | "suspended";

/** A FluxKustomization that lives in the cluster, and what it holds. */
export interface Live {
  /** `namespace/name`, behind the remote cluster where there is one. */
  key: string;
  data: Data;
  /** Remote cluster in which it lives itself, `''` for the one that Flux runs in. */
  target: string;
  parent?: string;
  reading: Reading;
  error?: string;
  held: Map<string, Held>;
  /** Files whose change can change what it builds, as one hash. */
  inputs: string;
}

/** What a merge takes away, as the real builds show it. */
export interface Fate {
  resource: string;
  /** `gone`: deleted for sure; `maybe`: in some order, or if what cannot be read does not hold it as well. */
  how: "gone" | "maybe";
  why: string;
}

export interface ClusterVerdict {
  root: string;
  fates: Fate[];
  /** Objects that another FluxKustomization applies from now on. */
  handovers: string[];
  /** Everything that any readable FluxKustomization holds before, and after. */
  before: string[];
  after: string[];
  /** FluxKustomizations that do not build after, and did before or come with the change. */
  breaks: string[];
  /** FluxKustomizations that build neither before nor after, or only after: their objects are unknown. */
  unread: string[];
  /** The unread ones that the change touches. */
  touched: string[];
}

export interface Truth {
  clusters: ClusterVerdict[];
  notes: string[];
}

/** What the tool said of a pair. */
export interface Said {
  exit: number;
  verdict: string;
  /** Resources said to be deleted or recreated. */
  deleted: string[];
  recreated: string[];
  /** Resources that are named in any other way than as kept, created, moved or adopted. */
  text: string;
  /** FluxKustomizations that are said not to build any more. */
  breaks: string[];
  unknown: string[];
  /** Whether a list of names was cut, so that a name may be missing from it. */
  cut: boolean;
  clusters: number;
  seconds: number;
}

export interface PairRow {
  pair: string;
  said: Said;
  went: Fate[];
  handovers: number;
  unread: string[];
  touched: string[];
  missed: string[];
  /** Losses that the tool did not name, under a verdict that says it could not read something. */
  covered: string[];
  invented: string[];
  notes: string[];
  /** Seconds that the judge took. */
  seconds: number;
}
