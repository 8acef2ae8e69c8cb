import { builderOf, keyOf } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { given } from "../../src/contract/given.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import { failureOf } from "../../src/delivery/flux-build.ts";
import { isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
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
import { findBroken, findRisk, findStop, type Generated } from "./broken.ts";
import { checkDelivery } from "./delivery-checks.ts";
import { findLabel, findOptOut } from "./opt-out.ts";
import { type PatchList, patchesOnWay, reaches, withEditedPatches } from "./patch-lists.ts";

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
    const { cluster, before } = context;
    const parent = parentOfApps(cluster);
    const { by, dir } = builderOf(parent, cluster.artifactRoot);
    const isStuck = failureOf(before, by, dir) !== undefined || findStop(parent) !== undefined;
    const operator = protect(context, app, "flux-operator", isStuck);
    // What lets one app out of a patch may let out the other, too.
    const second = after(context, operator);
    const instance = protect(second, app, "flux-instance", isStuck);
    const rest = operator.edits || operator.findings ? {} : weigh(after(second, instance), app, isStuck);
    return combine(operator, instance, rest, { findings: checkDelivery(context, app) });
  }),
});

function after(context: TransformContext, { edits = [] }: Outcome): TransformContext {
  return { ...context, tree: applyEdits(context.tree, edits).tree };
}

function protect(context: TransformContext, app: AppContext, name: AppName, isStuck: boolean): Outcome {
  const { tree, cluster } = context;
  const generated = readGenerated(context, app, name, isStuck);
  const broken = generated && findBroken(tree, generated);
  if (!broken) return {};
  const { parent, kustomization } = generated;
  const lists = patchesOnWay(tree, parent, cluster.artifactRoot, kustomization);
  const { edits, needs } = findOptOut(tree, generated, lists, broken);
  if (edits) return { edits };
  const { place, by } = findPatching(tree, generated, lists);
  const facts = { app: name, how: broken.how, by, ...given({ needs }) } as const;
  return { findings: [{ rule: "protection-undone", level: "blocker", ...place, facts }] };
}

/** What reaches the operator and only has a failed release uninstalled: a label where some patch leaves it out by now, else a word. */
function weigh(context: TransformContext, app: AppContext, isStuck: boolean): Outcome {
  const { tree, cluster } = context;
  const generated = readGenerated(context, app, "flux-operator", isStuck);
  const risk = generated && findRisk(tree, generated);
  if (!risk) return {};
  const lists = patchesOnWay(tree, generated.parent, cluster.artifactRoot, generated.kustomization);
  const { edits } = findLabel(tree, generated, lists, risk);
  if (edits) return { edits };
  const { place, by } = findPatching(tree, generated, lists);
  const facts = { app: "flux-operator", how: risk, by };
  return { findings: [{ rule: "release-may-uninstall", level: "caution", ...place, facts }] };
}

/** An app that fluxlift writes; undefined for one that was there before. */
function readGenerated(context: TransformContext, app: AppContext, name: AppName, isStuck: boolean) {
  const { tree, before, cluster } = context;
  const { artifactRoot } = cluster;
  const kustomization = readObjects(tree, app.placement.apps[name].fluxKustomization).objects.find(isFluxKustomization);
  const release = readObjects(tree, releaseFile(app, name)).objects.find(isHelmRelease);
  // An app that was there before is the owner's; what is unsafe in it was reported when it was completed.
  if (!kustomization || !release || before.has(release.file)) return undefined;
  // What an owner's own file says is no parent's doing; that it stands in the way is said where the app is created.
  if (kustomization.data.spec?.prune !== false && before.has(kustomization.file)) return undefined;
  const parent = withEditedPatches(tree, parentOfApps(cluster), artifactRoot);
  const about = { app, name, parent, kustomization, release, artifactRoot, version: app.wanted.version, isStuck };
  return { ...about, ...given({ successor: findSuccessor(context, app, parent) }) };
}

/** Where the patches that reach an app are written. */
function findPatching(tree: Tree, { parent, kustomization }: Generated, lists: readonly PatchList[]) {
  const file = lists.find(({ patches }) => patches.some((patch) => reaches(patch, kustomization)))?.file;
  const at = file
    ? locateField(tree, { file, doc: 0 }, ["patches"])
    : locateField(tree, parent.object, ["spec", "patches"]);
  const place = { resource: `Kustomization ${parent.object.name}`, at };
  return { place, by: file ? ("kustomization" as const) : ("parent" as const) };
}

/** The instance that generates the root anew, where that is the parent. */
function findSuccessor({ tree, cluster }: TransformContext, app: AppContext, { object }: DeliveredFluxObject) {
  const target = keyOf(object) === keyOf(cluster.root) ? findInstanceTarget(tree, cluster, app) : undefined;
  return target?.spec.sync === undefined ? undefined : target;
}
