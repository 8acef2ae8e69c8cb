import { builderOf, deliverNew, deliverObject } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { hiddenIn, readable } from "../../src/contract/answer.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import {
  bodyOf,
  type DeliveredFluxObject,
  itemsOf,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../src/contract/objects.ts";
import { reachOf } from "../../src/delivery/flux-build.ts";
import { isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import { kustomizationOf, patchObject, reach } from "../../src/delivery/kustomize/index.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { join } from "../../src/delivery/paths.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { findRefusals, sayRefusal } from "../../src/safety/refused.ts";
import {
  combine,
  defineTransform,
  isBeforeCutover,
  type Outcome,
  type TransformContext,
  withApps,
} from "../contract.ts";
import { describeUninstall, waitsForOperator } from "../shared/apps/complete.ts";
import { parentOfApps } from "../shared/apps/deliverer.ts";
import { type AppContext, type AppName, releaseFile } from "../shared/apps/types.ts";
import { editFile } from "../shared/edit-file.ts";
import { checkDelivery } from "./delivery-checks.ts";

/**
 * Checks the generated apps as the cluster will see them, after every patch of their parents: home-ops roots patch all
 * children and, nested, all HelmReleases. What does not survive gets the opt-out label the owner's selector offers;
 * where there is none the cluster stops.
 */
export default defineTransform({
  id: "protections",
  title: "Check that parents do not undo the protections",
  phases: ["install"],
  applies: isBeforeCutover,
  run: withApps((context, app) => {
    const results = (["flux-operator", "flux-instance"] as const).map((name) => protect(context, app, name));
    return combine(...results, { findings: checkDelivery(context, app) });
  }),
});

/** An app that fluxlift writes, and the FluxKustomization that delivers the app's own. */
interface Generated {
  app: AppContext;
  name: AppName;
  parent: DeliveredFluxObject;
  kustomization: KubeObject;
  release: KubeObject;
  artifactRoot: string;
  version: FluxVersion;
}

function protect(context: TransformContext, app: AppContext, name: AppName): Outcome {
  const { tree, before, cluster } = context;
  const { artifactRoot } = cluster;
  const kustomization = readObjects(tree, app.placement.apps[name].fluxKustomization).objects.find(isFluxKustomization);
  const release = readObjects(tree, releaseFile(app, name)).objects.find(isHelmRelease);
  // An app that was there before is the owner's; what is unsafe in it was reported when it was completed.
  if (!kustomization || !release || before.has(release.file)) return {};
  // What an owner's own file says is no parent's doing; that it stands in the way is said where the app is created.
  if (kustomization.data?.spec?.prune !== false && before.has(kustomization.file)) return {};
  const parent = parentOfApps(cluster);
  const generated = { app, name, parent, kustomization, release, artifactRoot, version: app.wanted.version };
  const how = findBroken(tree, generated);
  if (!how) return {};
  const lists = patchesOnWay(tree, parent, artifactRoot, kustomization);
  const edit = findOptOut(tree, generated, lists, how);
  if (edit) return { edits: [edit] };
  const patching = findPatching(lists, kustomization)?.file;
  const at = patching
    ? locateField(tree, { file: patching, doc: 0 }, ["patches"])
    : locateField(tree, parent.object, ["spec", "patches"]);
  const resource = `Kustomization ${parent.object.name}`;
  const facts = { app: name, how, by: patching ? "kustomization" : "parent" } as const;
  return { findings: [{ rule: "protection-undone", level: "blocker", resource, at, facts }] };
}

/** What the parents break; undefined when every protection holds. */
function findBroken(tree: Tree, generated: Generated): string | undefined {
  const { name, parent, kustomization, release, artifactRoot, version } = generated;
  const delivered = deliverAny(tree, kustomization, parent, artifactRoot);
  if (!delivered) return `a patch of the parent deletes the FluxKustomization ${name}`;
  const hidden = findHidden(delivered);
  if (hidden) return `what reaches ${name} cannot be known here (${hidden})`;
  const spec = readableSpec(delivered) ?? {};
  if (spec.prune !== false) return `spec.prune of ${name} becomes ${JSON.stringify(spec.prune)}`;
  if (["Delete", "WaitForTermination"].includes(String(spec.deletionPolicy)))
    return `spec.deletionPolicy of ${name} becomes ${spec.deletionPolicy}`;
  if (spec.suspend === true) return `${name} is suspended`;
  if (name === "flux-operator" && spec.wait !== true && !spec.healthChecks?.length)
    return "flux-operator is no longer waited for";
  if (name === "flux-instance" && !waitsForOperator(spec, generated.app))
    return "flux-instance no longer depends on flux-operator";
  const built = deliverAny(tree, release, delivered, artifactRoot);
  if (!built) return `a nested patch deletes the HelmRelease ${name}`;
  const nested = findHidden(built);
  if (nested) return `what reaches the HelmRelease ${name} cannot be known here (${nested})`;
  const refused = findRefusals(readable(built.effective)).find(({ doubtful }) => !doubtful);
  if (refused) return `the API server refuses the HelmRelease ${name}: ${sayRefusal(refused)}`;
  if (name !== "flux-instance") return undefined;
  const releaseSpec = readableSpec(built);
  const uninstall = describeUninstall(releaseSpec, version);
  if (uninstall) return uninstall;
  if (releaseSpec?.install?.disableWait !== true) return "install.disableWait of flux-instance is lost";
  if (releaseSpec?.suspend === true) return "the HelmRelease flux-instance is suspended";
  return undefined;
}

/** An object as its parent applies it, whether the parent lists it already or not. */
function deliverAny(tree: Tree, object: KubeObject, parent: DeliveredFluxObject, artifactRoot: string) {
  return deliverObject(tree, object, parent, artifactRoot) ?? deliverNew(tree, object, parent, artifactRoot);
}

/** What may change an object unseen. A folder that does not build is another finding: nothing of it is applied. */
function findHidden({ effective }: DeliveredFluxObject): string | undefined {
  const [hidden] = hiddenIn(effective);
  return hidden && `${hidden.at.file}:${hidden.at.line}: ${hidden.what}`;
}

/** The edit that takes the FluxKustomization out of the offending patches' own selectors, by a label they leave out. */
function findOptOut(tree: Tree, generated: Generated, lists: readonly PatchList[], how: string): DraftEdit | undefined {
  const { file, doc } = generated.kustomization;
  const selectors = lists.flatMap(({ patches }) => patches).map((item) => item?.target?.labelSelector);
  for (const selector of new Set(selectors.filter((item): item is string => typeof item === "string"))) {
    const label = readOptOut(selector);
    if (!label) continue;
    const op = { op: "set", doc, path: ["metadata", "labels", label[0]], value: label[1] } as const;
    const [edit] = editFile(tree, file, [op], `Opt out of the parent's patches: ${how}.`).edits ?? [];
    if (!edit) continue;
    const labelled = applyEdits(tree, [edit]).tree;
    const kustomization = readObjects(labelled, file).objects.find(isFluxKustomization);
    if (kustomization && !findBroken(labelled, { ...generated, kustomization })) return edit;
  }
  return undefined;
}

/** A label with which a selector leaves an object out; undefined when it has no such requirement. */
function readOptOut(selector: string): [string, string] | undefined {
  const found =
    /(?<![\w./-])([\w./-]+)\s+notin\s*\(\s*([\w.-]+)/.exec(selector) ??
    /(?<![\w./-])([\w./-]+)\s*!=\s*([\w.-]+)/.exec(selector) ??
    /(?:^|,)\s*!\s*([\w./-]+)/.exec(selector);
  return found ? [found[1]!, found[2] ?? "true"] : undefined;
}

/** The patches that a kustomization, or the FluxKustomization itself, runs on what it builds. */
interface PatchList {
  /** Undefined for those in the spec of the FluxKustomization. */
  file?: string;
  patches: YamlData[];
}

/** Lists of patches that an object of a FluxKustomization passes, those of the innermost folder first. */
function patchesOnWay(
  tree: Tree,
  parent: DeliveredFluxObject,
  artifactRoot: string,
  { file }: KubeObject,
): PatchList[] {
  const { by, dir } = builderOf(parent, artifactRoot);
  const size = (folder: string) => reach(tree, folder).kustomizations.length;
  const lists = reachOf(tree, by.spec, dir)
    .kustomizations.filter((folder) => folder === dir || passes(tree, folder, file))
    .sort((a, b) => size(a) - size(b))
    .flatMap((folder) => patchesOf(tree, folder));
  return [...lists, { patches: itemsOf(by.spec?.patches) }];
}

/** The first of them that reaches the object. */
function findPatching(lists: readonly PatchList[], object: KubeObject): PatchList | undefined {
  return lists.find(({ patches }) => {
    const patched = patchObject(bodyOf(object), patches);
    return !patched.ok || patched.applied.length > 0;
  });
}

/** Components hold no objects of their own: they act on what the kustomization that names them builds. */
function passes(tree: Tree, folder: string, file: string): boolean {
  return kustomizationOf(tree, folder, true)?.kind === "Component" || reach(tree, folder).resources.includes(file);
}

function patchesOf(tree: Tree, folder: string): PatchList[] {
  const own = kustomizationOf(tree, folder, true);
  const patches = ["patches", "patchesJson6902"].flatMap((field) => own?.data[field] ?? []) as YamlData[];
  const inline = patches.map((item) =>
    typeof item?.path === "string" ? { ...item, patch: tree.read(join(folder, item.path)) } : item,
  );
  return own ? [{ file: own.path, patches: inline }] : [];
}
