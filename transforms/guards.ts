import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { planRemoval } from "../src/flux/automation/removed.ts";
import { applyPatches } from "../src/flux/effective.ts";
import { GUARD_MARK } from "../src/flux/guard-mark.ts";
import { findOldGuards } from "../src/flux/guard-removal.ts";
import { describe, isHelmRelease } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { findFutureLosses, isBlamed } from "../src/flux/ownership/index.ts";
import { stateOf } from "../src/flux/state.ts";
import type { Cluster, KubeObject, YamlData } from "../src/flux/types.ts";

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
  docs: "docs/transforms/guards.md",
  applies: ({ cluster, phase, tree }) =>
    phase === "cleanup" ? tree.grep(GUARD_MARK).length > 0 : !["cut-over", "done"].includes(stateOf(cluster)),
  run: (context) => (context.phase === "cleanup" ? removeGuards(context) : addGuards(context)),
});

function addGuards(context: TransformContext): TransformResult {
  const result: TransformResult = { edits: [], findings: [] };
  if (!prepareApps(context).app) return result;
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

/** The policy by which the finalizer of the root deletes its inventory also with `prune: false` (flux-semantics 2.4 item 3). */
function deletionPolicyOf({ kustomizations }: Cluster): string | undefined {
  const policy = String(kustomizations[0]?.effective?.spec?.deletionPolicy);
  return /^(Delete|WaitForTermination)$/.test(policy) ? policy : undefined;
}

/** What the old root would delete that is still wanted, were it removed without a guard. */
function findRootLosses({ tree, model, cluster, options, edited }: TransformContext): string[] {
  const { root, source, namespace } = cluster;
  if (options.sync !== "rename" || root.name === namespace || cluster.rootFrom === "instance") return [];
  if (cluster.kustomizations[0]?.effective?.spec?.prune === false && !deletionPolicyOf(cluster)) return [];
  const future = { tree, model, cluster, edited: edited ?? new Set<string>() };
  const losses = findFutureLosses(future, [root, ...(source ? [source] : [])]);
  return losses.filter((loss) => isBlamed(root, namespace, loss)).map(({ outcome }) => describe(outcome));
}

function guard(
  context: TransformContext,
  { edits, findings }: { edits: DraftEdit[]; findings: DraftFinding[] },
  object: KubeObject,
  field: string,
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
  const { edit, finding } = editFile(context.tree, object.file, [op], why, [locateField(context.tree, object)]);
  if (edit) edits.push(edit);
  if (finding) findings.push(finding);
  findings.push(guarded(context, object, field, value, why));
  if (undoesGuard(context, object, field, value)) findings.push(overridden(context, object, field, value));
}

/** Whether a patch of a parent, or of the root on itself, sets the field back. */
function undoesGuard({ cluster }: TransformContext, object: KubeObject, field: string, value: boolean): boolean {
  const own = cluster.kustomizations.find((one) => one.object === object);
  const delivered =
    own ?? cluster.objects.find(({ object: one }) => one.file === object.file && one.doc === object.doc);
  const parent = object === cluster.root ? own : delivered?.parent;
  const patches: YamlData = parent?.effective?.spec?.patches;
  const data = { ...object.data, spec: { ...object.data?.spec, [field]: value } };
  return applyPatches(data, patches).data?.spec?.[field] !== value;
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
  field: string,
  value: boolean,
  why: string,
): DraftFinding {
  return {
    rule: "guard-added",
    level: "info",
    resource: describe(object),
    at: locateField(tree, object, ["spec"]),
    what: `${describe(object)} gets ${field}: ${value} for the time of the migration.`,
    why,
    next: "Wait until it is reconciled before the cutover phase is merged.",
  };
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
