import type { SharedAutomation } from "../cluster/branch-automation.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import type { Loc } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { Yaml } from "../contract/media.ts";
import type { InstallStyle, PatchTarget, SourcePatch, YamlData } from "../contract/objects.ts";
import type { SyncStrategy } from "../contract/options.ts";
import type { PatchMapping } from "../contract/plan.ts";
import type { Tree } from "../files/tree.ts";
import type { FluxVersion } from "../release/releases.ts";
import type { InstanceFields, SimObject } from "../release/types.ts";

/** Where post-build substitution acts on text. */
export interface Passage {
  /** In the FluxKustomizations that will deliver the instance. */
  substituted: boolean;
  /** Where the text stands today. */
  oldSubstituted?: boolean;
}

/** An item of `spec.kustomize.patches` of the FluxInstance. */
export interface PortedPatch {
  data: { patch: string; target?: PatchTarget };
  /** The item as YAML text of a map at indent 0, with the owner's comments and quoting where they could be kept. */
  raw: Yaml;
  from: Loc;
}

export interface PortInput extends Passage {
  patches: readonly SourcePatch[];
  style: InstallStyle;
  /** Of style `gotk`: how the names of its RBAC end. */
  suffix?: string;
  /** The installed version; the target is the newest embedded release of its minor unless `targetVersion` says else. */
  fluxVersion: FluxVersion;
  targetVersion?: FluxVersion;
  components: readonly string[];
  /** The old install has no network policies. */
  lacksPolicies?: true;
  namespace: string;
  /** `spec.serviceAccountName` of the old root; multitenancy is only folded when it is `kustomize-controller`. */
  rootServiceAccountName?: string;
  /** Kind of the generated source; `GitRepository` when absent. */
  sourceKind?: string;
  /** Name of the generated source and root; the namespace when absent. */
  syncName?: string;
  /** What is to say of the old install as its patches make it. */
  checkOld?: (objects: readonly SimObject[]) => DraftFinding[];
  readText: (path: string) => string | undefined;
}

export interface PortResult {
  /** For the controllers and the namespace. */
  patches: PortedPatch[];
  fields: InstanceFields;
  /** What the owner wrote above patches that a field says now, by its path: `cluster.networkPolicy`. */
  fieldComments?: Readonly<Record<string, readonly string[]>>;
  /** Where each patch and setting of the old install went. */
  mapping: PatchMapping[];
  findings: DraftFinding[];
}

/** What an install says beside its versions. */
export interface InstallResult extends PortResult {
  components: string[];
}

/** The install that the instance takes over, and the versions that come with it. */
export interface Versions {
  install: Install;
  /** The version that the instance starts with: the installed one, or the one that was asked for. */
  version: FluxVersion;
  /** What the files of the install are of; edits by hand are what differs from this release. */
  written: FluxVersion;
  /** What applies new files when they are merged: they must hold nothing that only a later release knows. */
  runs: FluxVersion;
  /** `distribution.version`: the installed minor, such as `2.6.x`. */
  range: string;
  operatorVersion: string;
}

/** Whether text is subject to post-build substitution where it stands today and where it will stand. */
export interface Substitution {
  /** For what the install says. */
  old: boolean;
  /** The `postBuild` that fills it in. */
  values?: YamlData;
  /** For source and root. */
  sync: boolean;
  next: boolean;
  /** The `postBuild` that fills in what is delivered anew. */
  nextValues?: YamlData;
}

export interface WantInput {
  tree: Tree;
  cluster: Cluster;
  versions: Versions;
  strategy: SyncStrategy;
  substitution: Substitution;
  /** See `CarryInput`. */
  branchReader?: SharedAutomation;
}
