import { findRefusals, sayRefusal } from "../../src/admission/refused.ts";
import { deliverAny } from "../../src/cluster/graph.ts";
import { hiddenIn, readable } from "../../src/contract/answer.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { describeUninstall, waitsForOperator } from "../shared/apps/complete.ts";
import type { AppContext, AppName, InstanceTarget } from "../shared/apps/types.ts";

/** An app that fluxlift writes, and the FluxKustomization that delivers the app's own. */
export interface Generated {
  app: AppContext;
  name: AppName;
  parent: DeliveredFluxObject;
  kustomization: KubeObject;
  release: KubeObject;
  artifactRoot: string;
  version: FluxVersion;
  /** The instance that generates the parent anew, and says in a patch of its own what the parent patches. */
  successor?: InstanceTarget;
  /** Whether Flux cannot build the parent today, or what delivers it: that is said elsewhere, and is none of the apps' doing. */
  isStuck: boolean;
}

/** A protection that does not hold. */
export interface Broken {
  how: string;
  /** Nobody suspends or deletes everything by accident: no patch is narrowed for it. */
  isMeant?: true;
}

/** What the parents break; undefined when every protection holds. */
export function findBroken(tree: Tree, generated: Generated): Broken | undefined {
  const { name, parent, kustomization, release, artifactRoot } = generated;
  const delivered = deliverAny(tree, kustomization, parent, artifactRoot);
  if (!delivered) return { how: `a patch of the parent deletes the FluxKustomization ${name}`, isMeant: true };
  const stuck = generated.isStuck ? undefined : findStop(delivered);
  if (stuck) return { how: `Flux cannot build ${describe(parent.object)} any more: ${stuck}` };
  const lost = findLost(generated, delivered);
  if (lost) return { how: lost };
  if (readableSpec(delivered)?.suspend === true) return { how: `${name} is suspended`, isMeant: true };
  const built = deliverAny(tree, release, delivered, artifactRoot);
  if (!built) return { how: `a nested patch deletes the HelmRelease ${name}`, isMeant: true };
  const stop = generated.isStuck ? undefined : findStop(built);
  if (stop) return { how: `Flux cannot build ${name}: ${stop}` };
  const nested = findLostInRelease(generated, built);
  if (nested) return { how: nested };
  if (name !== "flux-instance" || readableSpec(built)?.suspend !== true) return undefined;
  return { how: "the HelmRelease flux-instance is suspended", isMeant: true };
}

/**
 * How parents have the release of the operator uninstalled. It comes back with the next retry, so no patch is narrowed for it and
 * nothing stops.
 */
export function findRisk(tree: Tree, generated: Generated): string | undefined {
  const { parent, kustomization, release, artifactRoot, version } = generated;
  const delivered = deliverAny(tree, kustomization, parent, artifactRoot);
  const built = delivered && deliverAny(tree, release, delivered, artifactRoot);
  return describeUninstall(readableSpec(built), version);
}

/** What is lost of the FluxKustomization. */
function findLost({ name, app, kustomization }: Generated, delivered: DeliveredFluxObject): string | undefined {
  const hidden = findHidden(delivered);
  if (hidden) return `what reaches ${name} cannot be known here (${hidden})`;
  const spec = readableSpec(delivered) ?? {};
  // A patch for the root that has no other FluxKustomization beside it, and so names none.
  if (spec.path !== kustomization.data.spec?.path) return `spec.path of ${name} becomes ${JSON.stringify(spec.path)}`;
  if (spec.prune !== false) return `spec.prune of ${name} becomes ${JSON.stringify(spec.prune)}`;
  if (["Delete", "WaitForTermination"].includes(String(spec.deletionPolicy)))
    return `spec.deletionPolicy of ${name} becomes ${spec.deletionPolicy}`;
  if (name === "flux-operator" && spec.wait !== true && !spec.healthChecks?.length)
    return "flux-operator is no longer waited for";
  if (name === "flux-instance" && !waitsForOperator(spec, app))
    return "flux-instance no longer depends on flux-operator";
  return undefined;
}

/** What is lost of the HelmRelease. */
function findLostInRelease({ name, version }: Generated, built: DeliveredFluxObject): string | undefined {
  const hidden = findHidden(built);
  if (hidden) return `what reaches the HelmRelease ${name} cannot be known here (${hidden})`;
  const refused = findRefusals(readable(built.effective)).find(({ doubtful }) => !doubtful);
  if (refused) return `the API server refuses the HelmRelease ${name}: ${sayRefusal(refused)}`;
  if (name !== "flux-instance") return undefined;
  const spec = readableSpec(built);
  const uninstall = describeUninstall(spec, version);
  if (uninstall) return uninstall;
  return spec?.install?.disableWait === true ? undefined : "install.disableWait of flux-instance is lost";
}

/** Why nothing of the build that an object comes from is applied, such as a JSON patch whose path the object does not have. */
export function findStop({ effective }: DeliveredFluxObject): string | undefined {
  return effective.known ? undefined : effective.unknowns.find(({ stops }) => stops)?.what;
}

/** What may change an object unseen. A folder that does not build is another finding: nothing of it is applied. */
function findHidden({ effective }: DeliveredFluxObject): string | undefined {
  const [hidden] = hiddenIn(effective);
  return hidden && `${hidden.at.file}:${hidden.at.line}: ${hidden.what}`;
}
