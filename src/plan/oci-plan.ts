import type { Transform } from "../../transforms/contract.ts";
import { repositoryIdentity } from "../contract/address.ts";
import type { Options } from "../contract/options.ts";
import type { Plan } from "../contract/plan.ts";
import type { Workspace } from "../files/snapshot.ts";
import { OCI } from "./oci-route.ts";
import { withOwn } from "./own-transforms.ts";
import { makePlan } from "./plan.ts";

/**
 * Makes the plan of one phase of the move from Git to OCI, or of all of them on the direct route. Nothing is written.
 * @param own transforms that a configuration brings
 * @throws UsageError as `makePlan` does
 */
export function makeOciPlan(workspace: Workspace, options: Options, own: readonly Transform[] = []): Plan {
  const origin = workspace.git?.remotes().find(({ name }) => name === "origin") ?? workspace.git?.remotes()[0];
  const oci = { sign: false, ...options.oci, ...(origin ? { remote: repositoryIdentity(origin.url) } : {}) };
  return makePlan(workspace, { ...options, oci }, withOwn(OCI, own));
}

export { OCI_TRANSFORMS } from "../../transforms/oci-index.ts";
