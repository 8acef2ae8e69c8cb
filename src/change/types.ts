import type { FrozenChange } from "../admission/immutable.ts";
import type { ObjectKey } from "../admission/key.ts";
import type { Refusal } from "../admission/refusal.ts";
import type { Loc } from "../contract/errors.ts";
import type { YamlData, YamlMap } from "../contract/objects.ts";
import type { ObjectFate } from "../contract/safety.ts";
import type { Tree } from "../files/tree.ts";
import type { Spoilt } from "./spoilt-install.ts";
import type { Words } from "./words.ts";

export interface TreeChange {
  before: Tree;
  after: Tree;
  /** Every path whose text differs between the two, comes or goes. */
  changed: ReadonlySet<string>;
}

/** What of a FluxKustomization decides what it applies and what it deletes. */
export interface FluxSpec {
  /** Equal for specs that build and prune alike, whatever they read from; no two different ones share it. */
  id: string;
  prune: boolean;
  suspend: boolean;
  /** Whether deleting the FluxKustomization deletes its inventory: `deletionPolicy`, else `prune` (flux-facts 2.4 item 3). */
  finalizes: boolean;
  /** `Kind/namespace/name` of what it reads, to tell artifacts that need not be equally new; `''` for other repositories. */
  source: string;
  /** What the API server refuses to change is deleted and made anew. */
  force?: true;
  /** The cluster it applies to, where `spec.kubeConfig` names another one. */
  remote?: string;
  /** The spec as data, for building it, and whether it reads this repository. */
  data: { spec: YamlMap; isLocal: boolean };
  /** No file holds it: what else it says, such as what it substitutes, is not known. */
  unseen?: true;
  /** Of a ResourceSet, or a release of a chart that lies in this repository: how it makes its objects. */
  own?: {
    build: () => Build;
    /** Errs towards true. */
    mayHoldFlux: boolean;
  };
}

/** One object of a build. */
export interface OwnedObject {
  key: ObjectKey;
  kind: string;
  namespace: string;
  name: string;
  /** An annotation or label that is in effect on the live object keeps kustomize-controller from deleting it. */
  spared: boolean;
  /** For a FluxKustomization, and what else applies objects. */
  flux?: FluxSpec;
  /** For a HelmRelease. */
  release?: ReleaseSpec;
  /** For a CustomResourceDefinition: `group|kind` of what it defines. */
  defines?: string;
  at?: Loc | undefined;
  doc?: number | undefined;
  /** The object as it is applied, where its text is known; shared, never to be changed. */
  body?: YamlData;
  /** Fills in the defaults of variables in a text of it that nothing sets; `literally` where nothing fills in any. */
  settle?: (text: string) => string;
  /** A patch that cannot be read may have set more, or it is laid over what others have set. */
  isPart?: true;
  /** Generated objects with a hash that cannot be known, `Secret player`, which kustomize names in it under that hash. */
  follows?: readonly string[];
  /** Annotated so that kustomize-controller leaves it out of what it applies: what is written in it never gets there. */
  ignored?: true;
  /** Encrypted with SOPS in Git. */
  encrypted?: true;
  /** A Namespace that `targetNamespace` of its FluxKustomization gives another name than its document says. */
  renamed?: true;
  /** Of a release of Flux that is not known: the nearest stands in for it, which may hold less. */
  guessed?: true;
  /** Where a part of its id cannot be known: differs between the trees where the change alters what decides it. */
  open?: string;
  /** What of it decides whether it can be changed in place; see `readFrozen`. */
  frozen?: YamlData;
  /** Annotated so that it is deleted and made anew where it cannot be changed. */
  force?: true;
  /** For a ResourceSet: what it is made from, which decides what it generates. */
  recipe?: string;
  /** Made by a template at its place, for one of several inputs. */
  made?: { template: string; input: string };
}

export interface ReleaseSpec {
  suspend: boolean;
  /** What its kubeconfig says; nothing for the cluster that Flux runs in. */
  cluster?: string;
  /** Changing it uninstalls the old release first: release name, target and storage namespace (trap 5). */
  identity: string;
  /** As Helm calls it. */
  name: string;
  /** Namespace it installs into. */
  target: string;
  /** Namespace in which Helm keeps its records, where `helm -n` finds it. */
  storage: string;
  /** So does changing the name of the chart; absent when `chartRef` names it, or when it is changed in place. */
  chart?: string;
  /** What holds the chart; absent when the chart may change in place. */
  chartRef?: ObjectKey;
  /** What the release is known to hold and uninstalls whatever the labels say. */
  holds: readonly ObjectKey[];
}

/** Something in a build that cannot be read here, such as a remote base: whole objects may be missing. */
export interface BuildUnknown {
  what: string;
  at?: Loc;
  /** Everything that decides what it is. Equal texts in both trees: the change does not touch it. */
  reads: string;
  /** It is objects beside those that are known, and changes none of these. */
  adds?: true;
  /** It lies in a file of the repository, which whoever makes the change has written. */
  own?: true;
  /** It is all there is: nothing of the build is known. */
  whole?: true;
}

/** What a FluxKustomization applies from one tree. A failed build neither applies nor prunes; an empty one prunes all. */
export type Build =
  | { ok: true; objects: ReadonlyMap<ObjectKey, OwnedObject>; unknown: readonly BuildUnknown[] }
  | FailedBuild;

export interface FailedBuild {
  ok: false;
  reason: string;
  at?: Loc;
  /** It may build in the cluster: only here it cannot be told what. */
  unread?: true;
  /** Its source is missing, which is said as a reference that leads nowhere. */
  sourceless?: true;
  /** All that it may read, as one text, where that can be said: one that reads the same builds the same. */
  reads?: string;
  /** What can be read of it all the same. */
  partial?: () => PartialBuild | undefined;
}

/** A build that fails, without the parts at which it does. */
export interface PartialBuild {
  /** Each object with everything that decides its fate, and whether Flux never deletes it. */
  objects: ReadonlyMap<ObjectKey, { object: OwnedObject; facts: string; spared: boolean }>;
  /** The parts at which it fails, and what else of it cannot be read. */
  unknown: readonly BuildUnknown[];
}

/** A FluxKustomization that builds on neither side, and that the change touches or takes something away from. */
export interface Gap {
  key: ObjectKey;
  reason: string;
  at?: Loc;
  /** At what it fails, as `printFailure` says it; undefined where nothing of it can be read on one of the sides. */
  failures: ReadonlySet<string> | undefined;
}

/** Something that the change touches and that nobody can read here. */
export interface OpenPoint {
  /** `Kind namespace/name`. */
  resource: string;
  /** Goes on from the resource, without a full stop. */
  what: string;
  look: string;
  at?: Loc;
  /** The same answer settles it wherever it stands: its place does not keep it apart from others that say the same. */
  anywhere?: true;
  /** The FluxKustomizations whose whole build hangs on it; without them, only what stands at its place. */
  specs?: readonly FluxSpec[];
  /** Flux reads something else altogether. */
  decides?: true;
  /** Of what can be read of it all the same, the objects that go if Flux can build it. */
  mayGo?: readonly ObjectKey[];
}

/** What each controller of Flux has been given beside what a release holds, as text. */
export type Grants = ReadonlyMap<string, ReadonlySet<string>>;

/** What the operator generates and adopts for a FluxInstance. */
export interface OperatorSet {
  objects: ReadonlyMap<ObjectKey, OwnedObject>;
  /** Objects that must not go, or the operator uninstalls Flux: the FluxInstance, or the HelmRelease that holds it. */
  carriers: readonly ObjectKey[];
  /** Objects the operator never deletes itself. */
  keeps: ReadonlySet<ObjectKey>;
  /** Why the operator cannot build it. Then it changes nothing, and `objects` are what could be read. */
  failure: { says: string; isSure: boolean } | undefined;
  /** What of it the API server refuses as it is patched, as text: then the operator applies nothing; what the operator leaves out; what fits no more. */
  refused?: readonly string[];
  dropped?: readonly string[];
  /** The address of `sync`, where the API server refuses it in the source. */
  refusedUrl?: string;
  /** For one of these reasons, for certain, the operator changes nothing as long as the FluxInstance says this. */
  isStuck?: boolean;
  spoilt?: readonly Spoilt[];
  /** What its patches give the controllers. */
  grants?: Grants;
  /** Targets of its patches that select nothing, as text. */
  idle?: readonly string[];
  /** No known release of Flux is the one that runs: what is here is that of the nearest. */
  isGuessed?: boolean;
}

/** One tree as one cluster sees it. */
export interface Snapshot {
  /** FluxKustomizations that exist whether or not another one delivers them. */
  roots: ReadonlyMap<ObjectKey, FluxSpec>;
  /** What the root reads from, which is there as well: applied by hand, nothing delivers it. */
  source?: OwnedObject | undefined;
  operator?: OperatorSet;
  /** What the operators of other clusters have adopted there, of what is applied to them through a kubeconfig. */
  adoptedElsewhere?: ReadonlySet<ObjectKey>;
  /** FluxKustomizations that the files show below another one, by its key. Where it does not build they may exist all the same. */
  believed?: ReadonlyMap<ObjectKey, { parent: ObjectKey; spec: FluxSpec }>;
  build(spec: FluxSpec): Build;
  /** Whether building it costs nothing. */
  isBuilt(spec: FluxSpec): boolean;
  /** Whether this build may differ from the one of the other snapshot; errs towards true. Never builds. */
  mayDiffer(spec: FluxSpec): boolean;
  /** Whether this build may hold FluxKustomizations; errs towards true. Never builds. */
  mayHoldFlux(spec: FluxSpec): boolean;
  /** Name of the chart behind a `chartRef`, as far as files tell it. */
  chartBehind?(ref: ObjectKey): string | undefined;
  /** Names that objects of this build may have; undefined where they stand nowhere. Never builds. */
  namesIn(spec: FluxSpec): ReadonlySet<string> | undefined;
  /** Whether this build may hold the object. Never builds. */
  mayHold(spec: FluxSpec, key: ObjectKey): boolean;
  /** Whether a file that this build reads, or what of the spec enters it, holds one of some words. Never builds. */
  mentions?(spec: FluxSpec, words: Words): boolean;
}

/** What becomes of an object. Its place is the one in the tree before if it was there. */
export interface Outcome extends Pick<OwnedObject, "key" | "kind" | "namespace" | "name" | "at" | "doc" | "made"> {
  fate: ObjectFate;
  /** Names of the FluxKustomizations that deliver it before and after; `flux-operator` for the operator. */
  before: readonly string[];
  after: readonly string[];
  /** One sentence: what Flux does. */
  reason: string;
  /** How it comes to that, the first cause first; empty unless it is deleted. */
  chain: readonly string[];
  /** Keys of what deletes it, along that chain. */
  causes: readonly ObjectKey[];
  /** What is deleted before it and takes it along, the first one first. */
  leads: readonly ObjectKey[];
  /** How the chain begins. */
  begins?: RiskKind;
  /** It is made anew without the volumes that it has today. */
  losesClaims?: true;
  /** Name of a FluxKustomization that is to deliver it, and is suspended. */
  paused?: string;
  /** What it holds is applied under another name. */
  renewed?: true;
  /** 0 is harmless; the higher, the worse (see `judgeLoss`). */
  danger: number;
}

/** Something that breaks though nothing goes at once. */
export interface Harm {
  resource: string;
  others?: readonly string[];
  at: Loc;
  what: string;
  why: string;
  next: string;
}

/** A field of an object that the API server refuses to change, so that its FluxKustomization applies nothing more. */
export interface StuckField {
  key: ObjectKey;
  /** `namespace/name` of the FluxKustomization. */
  owner: string;
  change: FrozenChange;
  /** Where its document lies in each tree. */
  old?: { file: string; doc: number } | undefined;
  now?: { file: string; doc: number } | undefined;
}

/** An object that the API server refuses, so that its FluxKustomization (`owner`) applies nothing more. */
export interface RefusedObject {
  key: ObjectKey;
  owner: string;
  refusal: Refusal;
  now?: { file: string; doc: number } | undefined;
}

export type RiskKind =
  | "stale"
  | "finalizer"
  | "namespace"
  | "crd"
  | "operator"
  | "uninstall"
  | "helm"
  | "reinstall"
  | "force"
  | "hollow";

/** Why an object may be deleted, and what was deleted before it. */
export interface Risk {
  how: RiskKind;
  /** The FluxKustomization, HelmRelease, Namespace or CRD that does it, absent for the operator; and whose deletion leads here. */
  by?: ObjectKey;
  after?: ObjectKey;
  /** Of `force`: the fields that cannot be changed in place. */
  fields?: readonly string[];
  /** Of `force`: what is made anew looks for other volumes, or its volumes go with it. */
  losesClaims?: true;
}
