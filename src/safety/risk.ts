import type { ObjectKey, RiskKind } from "./types.ts";

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
