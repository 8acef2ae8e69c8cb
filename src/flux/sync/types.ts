import type { DraftFinding } from "../../engine/transform.ts";
import type { PatchMapping, SyncStrategy } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import type { PortedPatch } from "../patches/types.ts";
import type { FluxVersion } from "../releases.ts";
import type { KubeObject, YamlData } from "../types.ts";

/** `spec.sync` of a FluxInstance (flux-semantics 1.2). */
export interface SyncSpec {
  /** Absent when it equals the namespace of the instance. */
  name?: string;
  kind: string;
  url: string;
  ref: string;
  path: string;
  pullSecret?: string;
  provider?: string;
  interval: string;
}

export interface CarryInput {
  /** The old source S; its `data` may be the object after patches of its parents. */
  source: KubeObject;
  /** The old root R, likewise. */
  root: KubeObject;
  strategy: SyncStrategy;
  /** Namespace of the FluxInstance. */
  namespace: string;
  fluxVersion: FluxVersion;
  /** Whether the FluxKustomization chain that delivers the instance runs `postBuild` substitution. */
  substituted: boolean;
  /** Whether S and R are themselves substituted on their way to the cluster today. */
  oldSubstituted?: boolean;
  /** Whether the instance sets `cluster.multitenant`, which gives the root a service account. */
  multitenant?: boolean;
  /** For copying the owner's text with its comments; without it patches are printed from data. */
  readText?: (path: string) => string | undefined;
  /** For findings and the mapping; without it they point at the top of the file. */
  locate?: (object: KubeObject, path: readonly (string | number)[]) => Loc;
}

export interface CarryResult {
  /** Absent for strategy `keep`, and where a blocker says why there can be none. */
  sync?: SyncSpec;
  patches: PortedPatch[];
  findings: DraftFinding[];
  mapping: PatchMapping[];
}

/** What has to change in a generated object so that it says what the old one said. */
export interface ObjectDiff {
  /** Spec fields to set to the old value. */
  set: Record<string, YamlData>;
  /** Spec fields the operator writes and the old object lacks. */
  remove: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
}
