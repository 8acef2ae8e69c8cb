import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { describeUninstall } from "../src/flux/apps/complete.ts";
import { type AppContext, prepareApps } from "../src/flux/apps/context.ts";
import { checkDelivery } from "../src/flux/apps/delivery-checks.ts";
import type { AppName } from "../src/flux/apps/placement.ts";
import { parentOfApps } from "../src/flux/apps/substitution.ts";
import { buildObject } from "../src/flux/build-object.ts";
import { applyPatches } from "../src/flux/effective.ts";
import { foldersBetween } from "../src/flux/folder-patches.ts";
import { deliverObject, repositoryPath } from "../src/flux/graph.ts";
import { isFluxKustomization, isHelmRelease } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { readObjects } from "../src/flux/objects.ts";
import { stateOf } from "../src/flux/state.ts";
import type { DeliveredFluxObject, KubeObject, YamlData } from "../src/flux/types.ts";
import { applyEdits } from "../src/workspace/overlay.ts";
import type { Tree } from "../src/workspace/tree.ts";

/**
 * Checks the generated apps as the cluster will see them, after every patch of their parents: home-ops roots patch all
 * children and, nested, all HelmReleases. What does not survive gets the opt-out label the owner's selector offers;
 * where there is none the cluster stops.
 */
export default defineTransform({
  id: "protections",
  title: "Check that parents do not undo the protections",
  phases: ["install"],
  docs: "docs/transforms/protections.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const results = (["flux-operator", "flux-instance"] as const).map((name) => protect(context, app, name));
    const findings = results.flatMap(({ findings }) => findings);
    return { edits: results.flatMap(({ edits }) => edits), findings: [...findings, ...checkDelivery(context, app)] };
  },
});

function protect(context: TransformContext, app: AppContext, name: AppName): TransformResult {
  const { tree } = context;
  const place = app.placement.apps[name];
  const kustomization = readObjects(tree, place.fluxKustomization).objects.find(isFluxKustomization);
  const release = readObjects(tree, `${place.folder}/helmrelease${app.conventions.extension}`).objects.find(
    isHelmRelease,
  );
  // An app that was there before is the owner's; what is unsafe in it was reported when it was completed.
  if (!kustomization || !release || context.model.tree.has(release.file)) {
    return { edits: [], findings: [] };
  }
  const parent = parentOfApps(context.cluster);
  const broken = findBroken(context, app, parent, kustomization, release, name);
  if (!broken) return { edits: [], findings: [] };
  const edit = findOptOut(context, app, parent, kustomization, release, name, broken);
  return edit
    ? { edits: [edit], findings: [] }
    : { edits: [], findings: [undone(context, parent, kustomization, broken)] };
}

/** What the parents break; undefined when every protection holds. */
function findBroken(
  { tree, cluster }: TransformContext,
  { desired }: AppContext,
  parent: DeliveredFluxObject,
  kustomization: KubeObject,
  release: KubeObject,
  name: AppName,
): string | undefined {
  const seen = asBuilt(tree, parent.effective?.spec, cluster.artifactRoot, kustomization);
  const delivered = seen ?? deliverObject(tree, kustomization, parent, cluster.artifactRoot)?.effective;
  if (!delivered) return `a patch of the parent deletes the FluxKustomization ${name}`;
  const spec = delivered.spec ?? {};
  if (spec.prune !== false) return `spec.prune of ${name} becomes ${JSON.stringify(spec.prune)}`;
  if (["Delete", "WaitForTermination"].includes(spec.deletionPolicy))
    return `spec.deletionPolicy of ${name} becomes ${spec.deletionPolicy}`;
  if (spec.suspend === true) return `${name} is suspended`;
  if (name === "flux-operator" && spec.wait !== true && !spec.healthChecks?.length)
    return "flux-operator is no longer waited for";
  if (name === "flux-instance" && !spec.dependsOn?.some((item: YamlData) => item?.name === "flux-operator")) {
    return "flux-instance no longer depends on flux-operator";
  }
  const patched = applyPatches(release.data, spec.patches);
  if (patched.deleted) return `a nested patch deletes the HelmRelease ${name}`;
  const data = asBuilt(tree, spec, cluster.artifactRoot, release) ?? patched.data;
  if (name !== "flux-instance") return undefined;
  const uninstall = describeUninstall(data?.spec, desired.version);
  if (uninstall) return uninstall;
  if (data?.spec?.install?.disableWait !== true) return "install.disableWait of flux-instance is lost";
  if (data?.spec?.suspend === true) return "the HelmRelease flux-instance is suspended";
  return undefined;
}

/** An object after every patch, component and transformer on the way, but before substitution. */
function asBuilt(tree: Tree, spec: YamlData, artifactRoot: string, object: KubeObject): YamlData | undefined {
  const path = repositoryPath(spec, artifactRoot);
  return path === undefined ? undefined : buildObject(tree, { ...spec, postBuild: undefined }, path, object)?.body;
}

/** The edit that takes the FluxKustomization out of the offending patches' own selectors, by a label they leave out. */
function findOptOut(
  context: TransformContext,
  app: AppContext,
  parent: DeliveredFluxObject,
  kustomization: KubeObject,
  release: KubeObject,
  name: AppName,
  broken: string,
): DraftEdit | undefined {
  const { tree, cluster, phase } = context;
  const spec = parent.effective?.spec;
  const top = repositoryPath(spec, cluster.artifactRoot) ?? "";
  const lists: YamlData[] = [...foldersBetween(tree, spec, top, kustomization.file).patches, spec?.patches ?? []];
  const selectors = lists.flat().map((item) => item?.target?.labelSelector);
  for (const selector of new Set(selectors.filter((item): item is string => typeof item === "string"))) {
    const label = readOptOut(selector);
    if (!label) continue;
    const op = { op: "set", doc: kustomization.doc, path: ["metadata", "labels", label[0]], value: label[1] } as const;
    const { edit } = editFile(tree, kustomization.file, [op], `Opt out of the parent's patches: ${broken}.`);
    if (!edit) continue;
    const done = { ...edit, evidence: [], transform: "protections", phase, cluster: cluster.name };
    const labelled = applyEdits(tree, [done]).tree;
    const object = readObjects(labelled, kustomization.file).objects.find(isFluxKustomization);
    if (object && !findBroken({ ...context, tree: labelled }, app, parent, object, release, name)) return edit;
  }
  return undefined;
}

/** A label with which a selector leaves an object out; undefined when it has no such requirement. */
function readOptOut(selector: string): [string, string] | undefined {
  const set = /([\w./-]+)\s+notin\s*\(\s*([\w.-]+)/.exec(selector);
  if (set) return [set[1]!, set[2]!];
  const unequal = /([\w./-]+)\s*!=\s*([\w.-]+)/.exec(selector);
  if (unequal) return [unequal[1]!, unequal[2]!];
  const absent = /(?:^|,)\s*!\s*([\w./-]+)/.exec(selector);
  return absent ? [absent[1]!, "true"] : undefined;
}

/** The kustomization on the way whose patches reach the object first; undefined when only the parent's own do. */
function findPatching({ tree, cluster }: TransformContext, parent: DeliveredFluxObject, object: KubeObject) {
  const spec = parent.effective?.spec;
  const { patches, files } = foldersBetween(tree, spec, repositoryPath(spec, cluster.artifactRoot) ?? "", object.file);
  return files[patches.findIndex((list) => applyPatches(object.data, list).applied.length > 0)];
}

function undone(
  context: TransformContext,
  parent: DeliveredFluxObject,
  kustomization: KubeObject,
  broken: string,
): DraftFinding {
  const { tree } = context;
  const { name } = kustomization;
  const patching = findPatching(context, parent, kustomization);
  return {
    rule: "protection-undone",
    level: "blocker",
    resource: `Kustomization ${parent.object.name}`,
    at: patching
      ? locateField(tree, { file: patching, doc: 0 }, ["patches"])
      : locateField(tree, parent.object, ["spec", "patches"]),
    what: `Patches ${patching ? "in a kustomization that" : "of"} this FluxKustomization ${patching ? "builds " : ""}reach ${name} and undo its protection: ${broken}.`,
    why: "Without it a failed release or a moved file could uninstall Flux (traps 5 and 55), or the two apps start in the wrong order.",
    next: `Let the patch's target leave ${name} out, for example with labelSelector: fluxlift.dev/plain notin (true), commit, and run fluxlift again.`,
  };
}
