import type { PatchTarget, SourcePatch, YamlData } from "../contract/objects.ts";
import type { startPatching } from "../delivery/kustomize/index.ts";

/** First-class fields of the FluxInstance that say exactly what dropped patches said (flux-facts 1.6). */
export interface InstanceFields {
  /** `cluster.networkPolicy: false`. */
  networkPolicy?: false;
  /** `cluster.multitenant: true`, and `cluster.tenantDefaultServiceAccount` when it is not `default`. */
  multitenant?: { tenantDefaultServiceAccount?: string };
  /** `cluster.objectLevelWorkloadIdentity: true`. */
  objectLevelWorkloadIdentity?: true;
  /** `cluster.domain`. */
  domain?: string;
  /** `distribution.registry`, where values of the chart say it. */
  registry?: string;
  /** `distribution.imagePullSecret`. */
  imagePullSecret?: string;
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
  /** With the namespace that kustomize sees while patches run, none for `default`. */
  data: YamlData;
  /** Every name it had; kustomize selects by the first and by the current one. */
  names: string[];
  /** A kustomization gave it the namespace that it has: kustomize finds it without one as well. */
  hadNoNamespace?: true;
  deleted?: boolean;
  /** As the engine keeps it between patches. */
  item?: ReturnType<typeof startPatching>;
}
