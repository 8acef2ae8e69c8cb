import { keyOf } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { given } from "../../src/contract/given.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import { isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import {
  combine,
  defineTransform,
  isBeforeCutover,
  type Outcome,
  type TransformContext,
  withApps,
} from "../contract.ts";
import { parentOfApps } from "../shared/apps/deliverer.ts";
import { findInstanceTarget } from "../shared/apps/instance-target.ts";
import { type AppContext, type AppName, releaseFile } from "../shared/apps/types.ts";
import { findBroken, findRisk } from "./broken.ts";
import { checkDelivery } from "./delivery-checks.ts";
import { findLabel, findOptOut } from "./opt-out.ts";
import { patchesOnWay, reaches, withEditedPatches } from "./patch-lists.ts";

/**
 * Checks the generated apps as the cluster will see them, after every patch of their parents: home-ops roots patch all
 * children and, nested, all HelmReleases. What does not survive gets a label that the patch leaves out, see findOptOut;
 * where there is no way out the cluster stops.
 */
export default defineTransform({
  id: "protections",
  title: "Check that parents do not undo the protections",
  phases: ["install"],
  applies: isBeforeCutover,
  run: withApps((context, app) => {
    const operator = protect(context, app, "flux-operator");
    // What lets one app out of a patch may let out the other, too.
    const { tree } = applyEdits(context.tree, operator.edits ?? []);
    const instance = protect({ ...context, tree }, app, "flux-instance");
    return combine(operator, instance, { findings: checkDelivery(context, app) });
  }),
});

function protect(context: TransformContext, app: AppContext, name: AppName): Outcome {
  const { tree, before, cluster } = context;
  const { artifactRoot } = cluster;
  const kustomization = readObjects(tree, app.placement.apps[name].fluxKustomization).objects.find(isFluxKustomization);
  const release = readObjects(tree, releaseFile(app, name)).objects.find(isHelmRelease);
  // An app that was there before is the owner's; what is unsafe in it was reported when it was completed.
  if (!kustomization || !release || before.has(release.file)) return {};
  // What an owner's own file says is no parent's doing; that it stands in the way is said where the app is created.
  if (kustomization.data?.spec?.prune !== false && before.has(kustomization.file)) return {};
  const parent = withEditedPatches(tree, parentOfApps(cluster), artifactRoot);
  const about = { app, name, parent, kustomization, release, artifactRoot, version: app.wanted.version };
  const generated = { ...about, ...given({ successor: findSuccessor(context, app, parent) }) };
  const broken = findBroken(tree, generated);
  const risk = broken ? undefined : findRisk(tree, generated);
  if (!broken && !risk) return {};
  const lists = patchesOnWay(tree, parent, artifactRoot, kustomization);
  if (!broken) return risk ? findLabel(tree, generated, lists, risk) : {};
  const { edits, needs } = findOptOut(tree, generated, lists, broken);
  if (edits) return { edits };
  const patching = lists.find(({ patches }) => patches.some((patch) => reaches(patch, kustomization)))?.file;
  const at = patching
    ? locateField(tree, { file: patching, doc: 0 }, ["patches"])
    : locateField(tree, parent.object, ["spec", "patches"]);
  const resource = `Kustomization ${parent.object.name}`;
  const facts = { app: name, how: broken.how, by: patching ? "kustomization" : "parent", ...given({ needs }) } as const;
  return { findings: [{ rule: "protection-undone", level: "blocker", resource, at, facts }] };
}

/** The instance that generates the root anew, where that is the parent. */
function findSuccessor({ tree, cluster }: TransformContext, app: AppContext, { object }: DeliveredFluxObject) {
  const target = keyOf(object) === keyOf(cluster.root) ? findInstanceTarget(tree, cluster, app) : undefined;
  return target?.spec.sync === undefined ? undefined : target;
}
