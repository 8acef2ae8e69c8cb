import type { SharedAutomation } from "../../cluster/branch-automation.ts";
import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import type { KubeObject, SourcePatch, YamlData } from "../../contract/objects.ts";
import type { SyncStrategy } from "../../contract/options.ts";
import type { PatchMapping } from "../../contract/plan.ts";
import type { Unfilled } from "../../delivery/kustomize/index.ts";
import type { SyncSpec } from "../../release/generated-sync.ts";
import type { FluxVersion } from "../../release/releases.ts";
import type { Passage, PortedPatch } from "../types.ts";

export interface CarryInput extends Passage {
  /** The old source S; its `data` may be the object after patches of its parents. */
  source: KubeObject;
  /** The old root R, likewise. */
  root: KubeObject;
  strategy: SyncStrategy;
  /** Namespace of the FluxInstance. */
  namespace: string;
  fluxVersion: FluxVersion;
  /** Whether the instance sets `cluster.multitenant`, which gives the root a service account. */
  multitenant?: boolean;
  /** For copying the owner's text with its comments; without it patches are printed from data. */
  readText?: (path: string) => string | undefined;
  /** Patches that shape source and root on their way to the cluster, for copying their text likewise. */
  overlays?: readonly SourcePatch[];
  /** Image automation for which the generated source has to go on saying `ref.branch`. */
  branchReader?: SharedAutomation;
  /** What stops the variables of source and root from being filled in. */
  unfilled?: Unfilled & { object: KubeObject };
  /** For findings and the mapping; without it they point at the top of the file. */
  locate?: (object: KubeObject, path: readonly (string | number)[]) => Loc;
}

export interface CarryResult {
  /** Absent for strategy `keep`, and where a blocker says why there can be none. */
  sync?: SyncSpec;
  /** What the owner wrote in and above patches of source and root of which no patch is left, as `sync` says it now. */
  comments: string[];
  patches: PortedPatch[];
  findings: DraftFinding[];
  mapping: PatchMapping[];
}

/** Where an object or a field of it stands. */
export type At = (object: KubeObject, path?: (string | number)[]) => Loc;

/** What has to change in a generated object so that it says what the old one said. */
export interface ObjectDiff {
  /** Spec fields to set to the old value. */
  set: Record<string, YamlData>;
  /** Spec fields the operator writes and the old object lacks. */
  remove: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
