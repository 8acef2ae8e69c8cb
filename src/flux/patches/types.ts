import type { DraftFinding } from "../../engine/transform.ts";
import type { PatchMapping } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import type { FluxVersion } from "../releases.ts";
import type { InstallStyle, PatchTarget, SourcePatch, YamlData } from "../types.ts";

/** An item of `spec.kustomize.patches` of the FluxInstance. */
export interface PortedPatch {
  data: { patch: string; target?: PatchTarget };
  /** The item as YAML text of a map at indent 0, with the owner's comments and quoting where they could be kept. */
  raw: string;
  from: Loc;
}

/** First-class fields of the FluxInstance that say exactly what dropped patches said (flux-semantics 1.6). */
export interface InstanceFields {
  /** `cluster.networkPolicy: false`. */
  networkPolicy?: false;
  /** `cluster.multitenant: true`, and `cluster.tenantDefaultServiceAccount` when it is not `default`. */
  multitenant?: { tenantDefaultServiceAccount?: string };
  /** `cluster.objectLevelWorkloadIdentity: true`. */
  objectLevelWorkloadIdentity?: true;
  /** `cluster.domain`. */
  domain?: string;
  /** `distribution.imagePullSecret`. */
  imagePullSecret?: string;
}

export interface PortInput {
  patches: readonly SourcePatch[];
  style: InstallStyle;
  /** The installed version; the target is the newest embedded release of its minor unless `targetVersion` says else. */
  fluxVersion: FluxVersion;
  targetVersion?: FluxVersion;
  components: readonly string[];
  namespace: string;
  /** Whether the FluxKustomization chain that delivers the instance runs `postBuild` substitution. */
  substituted: boolean;
  /** Whether the text of the old patches is itself substituted before it reaches the cluster today. */
  oldSubstituted?: boolean;
  /** `spec.serviceAccountName` of the old root; multitenancy is only folded when it is `kustomize-controller`. */
  rootServiceAccountName?: string;
  /** Kind of the generated source; `GitRepository` when absent. */
  sourceKind?: string;
  /** Name of the generated source and root; the namespace when absent. */
  syncName?: string;
  readText: (path: string) => string | undefined;
}

export interface PortResult {
  patches: PortedPatch[];
  fields: InstanceFields;
  mapping: PatchMapping[];
  findings: DraftFinding[];
}

export interface JsonOp {
  op: string;
  path: string;
  from?: string;
  value?: YamlData;
}

/** One patch after normalising: exactly one kind of body, one document. */
export type PatchItem = {
  source: SourcePatch;
  /** Body text; for `merge` one document. */
  body: string;
  target?: PatchTarget;
  /** Whether body and target are those of the source, so that its text can be copied. */
  verbatim: boolean;
} & ({ type: "json"; ops: JsonOp[] } | { type: "merge"; doc: YamlData });

/** An object of a simulated kustomize build. */
export interface SimObject {
  /** Kind and name before any suffix: the same for one object in the old and in the new set. */
  id: string;
  data: YamlData;
  /** Every name it had; kustomize selects by the first and by the current one. */
  names: string[];
  /** Namespace as kustomize sees it while patches run; `''` stands for `default` and for cluster-scoped. */
  namespace: string;
  deleted?: boolean;
}
