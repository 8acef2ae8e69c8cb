import { deliverObject } from "../../src/cluster/graph.ts";
import { GUARD_MARK } from "../../src/cluster/guards.ts";
import { stateOf } from "../../src/cluster/instances.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { type Answer, hiddenIn, readable, type Unknown } from "../../src/contract/answer.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type KubeObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { describe, isHelmRelease } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import { findFutureLosses, isBlamed } from "../../src/safety/future-losses.ts";
import { defineTransform, type TransformContext, type TransformResult } from "../contract.ts";
import { planRemoval } from "../shared/automation/removed.ts";
import { editFile } from "../shared/edit-file.ts";
import { findOldGuards } from "./removal.ts";

/**
 * Adds, in the install phase, what later phases need to be in effect in the cluster: `suspend: true` on a flux2
 * HelmRelease, since only a suspended release is not uninstalled when it is deleted (trap 62), and `prune: false` on a
 * root that gets another name, where the analysis of merge safety shows that the old root would take something wanted
 * along (trap 8c). Cleanup takes back exactly the guards that carry the mark.
 */
export default defineTransform({
  id: "guards",
  title: "Guard what later phases remove",
  phases: ["install", "cleanup"],
  applies: ({ cluster, phase, tree }) =>
    phase === "cleanup" ? tree.grep(GUARD_MARK).length > 0 : !["cut-over", "done"].includes(stateOf(cluster)),
  run: (context) => (context.phase === "cleanup" ? removeGuards(context) : addGuards(context)),
});

function addGuards(context: TransformContext): TransformResult {
  const result: TransformResult = { edits: [], findings: [] };
  if (!context.agreed.apps(context.cluster).app) return result;
  const { cluster } = context;
  for (const release of cluster.install?.objects.filter(isHelmRelease) ?? []) {
    const why = "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.";
    guard(context, result, release, "suspend", true, why);
  }
  const losses = findRootLosses(context);
  if (losses.length > 0) {
    const more = losses.length > 1 ? ` and ${losses.length - 1} more` : "";
    const why = `The old root must not take its children along when it goes: ${losses[0]}${more}.`;
    const policy = deletionPolicyOf(cluster);
    if (policy === undefined) guard(context, result, cluster.root, "prune", false, why);
    else result.findings.push(inVain(context, cluster.root, policy));
  }
  return result;
}

/**
 * The policy by which the finalizer of the root deletes its inventory also with `prune: false` (flux-facts 2.4 item
 * 3).
 */
function deletionPolicyOf({ kustomizations }: Cluster): string | undefined {
  const policy = String(readableSpec(kustomizations[0])?.deletionPolicy);
  return /^(Delete|WaitForTermination)$/.test(policy) ? policy : undefined;
}

/** What the old root would delete that is still wanted, were it removed without a guard. */
function findRootLosses({ tree, before, model, cluster, options, edited }: TransformContext): string[] {
  const { root, source, namespace } = cluster;
  if (options.sync !== "rename" || root.name === namespace || cluster.rootFrom === "instance") return [];
  if (readableSpec(cluster.kustomizations[0])?.prune === false && !deletionPolicyOf(cluster)) return [];
  const future = { tree, model: { ...model, tree: before }, cluster, edited };
  const losses = findFutureLosses(future, [root, ...(source ? [source] : [])]);
  return losses.filter((loss) => isBlamed(root, namespace, loss)).map(({ outcome }) => describe(outcome));
}

function guard(
  context: TransformContext,
  { edits, findings }: TransformResult,
  object: KubeObject,
  field: "prune" | "suspend",
  value: boolean,
  why: string,
): void {
  if (object.data?.spec?.[field] === value) return;
  const op = {
    op: "set",
    doc: object.doc,
    path: ["spec", field],
    value: { raw: `${value} # ${GUARD_MARK}` },
  } as const;
  const edited = editFile(context.tree, object.file, [op], why, [locateField(context.tree, object)]);
  const [edit] = edited.edits ?? [];
  if (edit) edits.push(edit);
  findings.push(...(edited.findings ?? []));
  findings.push(guarded(context, object, field, value, why));
  const after = edit && asDelivered(context, object, edit);
  if (!after) return;
  const [hidden] = hiddenIn(after);
  if (hidden) findings.push(unproven(object, field, value, hidden));
  else if (readable(after)?.spec?.[field] !== value) findings.push(overridden(context, object, field, value));
}

/** The guarded object as its parent applies it, or the root as it applies itself; undefined when nothing does. */
function asDelivered(
  { tree, cluster }: TransformContext,
  { file, doc, kind }: KubeObject,
  edit: DraftEdit,
): Answer<YamlData> | undefined {
  const isMeant = (one: KubeObject) => one.file === file && one.doc === doc && one.kind === kind;
  const guarded = applyEdits(tree, [edit]).tree;
  const object = readObjects(guarded, file).objects.find(isMeant);
  const all = [...cluster.kustomizations, ...cluster.objects];
  const delivered = all.find(({ object }) => isMeant(object));
  const itself = object && {
    object,
    namespace: cluster.namespace,
    effective: { known: true as const, value: object.data },
  };
  const parent = isMeant(cluster.root) ? itself : delivered?.parent;
  return object && parent && deliverObject(guarded, object, parent, cluster.artifactRoot)?.effective;
}

function removeGuards(context: TransformContext): TransformResult {
  const edits: DraftEdit[] = [];
  const going = new Set(planRemoval(context).documents.map(({ file, doc }) => `${file}#${doc}`));
  const { files } = context.cluster;
  const old = findOldGuards(context.tree).filter(
    ({ object }) => files.has(object.file) && !going.has(`${object.file}#${object.doc}`),
  );
  for (const file of new Set(old.map(({ object }) => object.file))) {
    const own = old.filter(({ object }) => object.file === file);
    const names = own.map(({ object, field }) => `${field} of ${describe(object)}`).join(" and ");
    const why = `The migration no longer needs the guard on ${names}.`;
    const evidence = own.map(({ object, field }) => locateField(context.tree, object, ["spec", field]));
    const ranges = own.map(({ range }) => range).sort((x, y) => x.start - y.start);
    edits.push({ kind: "replace", path: file, ranges, why, evidence });
  }
  return { edits, findings: [] };
}

function guarded(
  { tree }: TransformContext,
  object: KubeObject,
  field: "prune" | "suspend",
  value: boolean,
  reason: string,
): DraftFinding {
  const [resource, at] = [describe(object), locateField(tree, object, ["spec"])];
  return { rule: "guard-added", level: "info", resource, at, facts: { resource, field, value, reason } };
}

function overridden({ tree }: TransformContext, object: KubeObject, field: string, value: boolean): DraftFinding {
  return {
    rule: "guard-overridden",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, object, ["spec"]),
    what: `A patch above ${describe(object)} sets ${field} to something else than ${value}, so the guard never reaches the cluster.`,
    why: "Flux decides from the live object, and the patch is applied after what this file says.",
    next: `Take ${field} out of that patch, or exempt this object from it, and run fluxlift again.`,
  };
}

function unproven(object: KubeObject, field: string, value: boolean, { at, what }: Unknown): DraftFinding {
  return {
    rule: "guard-overridden",
    level: "blocker",
    resource: describe(object),
    at,
    what: `Whether ${field}: ${value} of ${describe(object)} reaches the cluster cannot be known here: ${what}.`,
    why: "Flux decides from the live object, and what cannot be read here is applied after what its file says.",
    next: `Bring it into this repository, or take ${describe(object)} out of its reach, and run fluxlift again.`,
  };
}

function inVain({ tree }: TransformContext, object: KubeObject, policy: string): DraftFinding {
  return {
    rule: "guard-overridden",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, object, ["spec", "deletionPolicy"]),
    what: `${describe(object)} has deletionPolicy: ${policy}, so it deletes what it applied when it goes under its old name, whatever prune says.`,
    why: "The guard of a root that gets another name is prune: false, and the finalizer looks at deletionPolicy first.",
    next: "Remove deletionPolicy, merge that and wait until it is reconciled, and run fluxlift again; or keep the name with --sync adopt.",
  };
}
