import type { TerraformBootstrap } from "../cluster/gotk/terraform.ts";
import type { Guard } from "../cluster/guards.ts";
import type { SyncNeed } from "../cluster/sync-needs.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Facts, Phase, SyncStrategy } from "../contract/options.ts";
import type { Ref } from "../contract/runbook.ts";

interface SourceFacts extends Ref {
  /** Without user and password. */
  url: string;
  /** In words: `branch main`. */
  ref: string;
}

/** A Helm release of the operator or the instance as the generated files describe it. */
export interface ChartApp {
  /** File whose `spec.values` are the values; undefined for a ResourceSet, which has none of its own. */
  file?: string;
  /** Files that hold the values in place of the HelmRelease, or below its own. */
  valuesFiles?: readonly string[];
  /** Whether the HelmRelease itself holds values. */
  inline: boolean;
  /** Name of the HelmRelease, where its file holds other documents too. */
  among?: string;
  release: string;
  namespace: string;
  chart: string;
  version?: string;
  /** Values hold `$$`, which Flux turns into `$` and Helm does not. */
  escaped: boolean;
  /** Values turn on a ServiceMonitor, whose CRD nothing installs before Flux. */
  monitored?: boolean;
}

/** Keys of a Secret, by who reads them. */
export type SecretKeys =
  | ("ssh" | "login" | "github-app" | "registry" | "bucket")
  | ("age" | "pgp" | "vault" | "aws" | "gcp" | "azure");

/** What the sync needs, and the file of this repository that has it. */
export interface ProvidedNeed extends SyncNeed {
  file?: string;
  encrypted: boolean;
  /** What a Secret that has to be made by hand holds; empty where nothing tells. */
  keys: readonly SecretKeys[];
}

/** All that the runbook of `migrate` speaks of: values of this repository, found by the plan. */
export interface RunbookFacts {
  cluster: string;
  phase: Exclude<Phase, "prepare" | "switch">;
  direct: boolean;
  /** Whether operator and instance are said to run already, though one phase is planned. */
  operatorRuns: boolean;
  strategy: SyncStrategy;
  /** Clusters in the order the user gave them. */
  order: readonly string[];
  blockers: number;
  /** Number of files the phase changes. */
  files: number;
  /** Whether the same run changes files for other clusters, too. */
  isOneOfSeveral: boolean;
  /** Branch that the change goes to. */
  branch?: string;
  /** The same in words, also where it is not known. */
  target: string;
  /** Tag that the cluster reads, and that has to be moved to the merge, or the range of which it reads the newest. */
  tag?: Cluster["tag"];
  /** Command that a person publishes the source with, as `Makefile:12`, where no job of CI does. */
  publisher?: string;
  /** The branch that is checked out, where it is another one. */
  checkedOut?: string;
  namespace: string;
  source?: SourceFacts;
  root: Ref & { path: string };
  /** Name of the generated source and root; undefined under `--sync keep`. */
  sync?: string;
  /** Old source that another one takes the place of. */
  oldSource?: Ref;
  /** What cleanup takes away for good: the old source, and a root of another name. */
  replaced: readonly Ref[];
  /** The generated root has another name than the old one. */
  isRenamed: boolean;
  /** What the findings of the phase say stays in the cluster when its file goes. */
  orphans: readonly Ref[];
  /** FluxKustomizations, sources and releases that apply the old install. */
  installers: readonly Ref[];
  /** Folder of an old install that was applied once and that nothing in the cluster applies. */
  appliedOnce?: string;
  /** Release of the flux2 chart, by the name and in the namespace Helm keeps it under. */
  chartRelease?: { name: string; namespace: string };
  operator?: ChartApp;
  instance?: ChartApp;
  /** File of a FluxInstance that is a plain manifest. */
  instanceFile?: string;
  /** The root fills variables into it when it applies it. */
  isInstanceFilled?: true;
  /** `v2.6.4` as detected, or what `--flux-version` says. */
  version?: string;
  /** It is what `--flux-version` says. */
  isAsked?: boolean;
  /** Minor of that version, such as `2.6`, which the instance follows; undefined where it names one release. */
  minor?: string;
  /** Whether the pods have labels today that the operator does not give them, as far as is known. */
  losesPodLabels: boolean;
  guards: readonly Guard[];
  /** What Git itself suspends, by an owner who means it. */
  suspended: readonly Ref[];
  needs: readonly ProvidedNeed[];
  /** Keys that FluxKustomizations below the root decrypt with, and nothing that Flux applies makes. */
  keys: readonly ProvidedNeed[];
  /** Helmfile of this cluster that installs the instance, and the one beside it that brings CRDs. */
  helmfile?: { file: string; crds?: string };
  /** FluxKustomizations that run beside the root, and that nothing but themselves delivers. */
  companions: readonly { name: string; file: string }[];
  /** FluxKustomizations that the root waits for and itself delivers, with their files. */
  rootWaits: readonly { name: string; file: string }[];
  /** Files of source and root. */
  syncFiles: readonly string[];
  /** Secret that the source reads with. */
  syncSecret: string;
  terraform: readonly TerraformBootstrap[];
  /** What `preflight.sh` measured on this cluster. */
  measured?: Facts;
  /** What Flux would do if the phase were reverted. */
  readonly reversal: readonly string[];
}
