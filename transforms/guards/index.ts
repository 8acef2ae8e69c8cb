import { factsFor } from "../../src/cluster/facts.ts";
import { deliverObject } from "../../src/cluster/graph.ts";
import { GUARD_MARK, isGuard, rootIsRenamed, suspendedSync } from "../../src/cluster/guards.ts";
import { objectAt, readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { type Answer, hiddenIn, readable } from "../../src/contract/answer.ts";
import type { DraftEdit, TextRange } from "../../src/contract/edit.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { andMore } from "../../src/contract/list-some.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../src/contract/objects.ts";
import type { KubeData } from "../../src/contract/specs.ts";
import { describe, isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import { locateField, pointAt } from "../../src/delivery/locations.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { findFutureLosses, isBlamed } from "../../src/safety/fate/future-losses.ts";
import { locate } from "../../src/yaml/locate.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { printNonString } from "../../src/yaml/scalars.ts";
import { yaml, yamlComment } from "../../src/yaml/text.ts";
import {
  defineTransform,
  isBeforeCutover,
  type TransformContext,
  type TransformResult,
  withApps,
} from "../contract.ts";
import { planRemoval } from "../shared/automation/removed.ts";
import { editFile } from "../shared/edit-file.ts";

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
  applies: (context) =>
    context.phase === "cleanup" ? context.tree.grep(GUARD_MARK).length > 0 : isBeforeCutover(context),
  run: (context) => (context.phase === "cleanup" ? removeGuards(context) : addGuards(context)),
});

/** Where the apps have no place nothing is installed, and nothing goes later; where they have one, an install says which Flux. */
const addGuards = withApps((context) => {
  const result: TransformResult = { edits: [], findings: [] };
  const { cluster } = context;
  for (const release of cluster.install!.objects.filter(isHelmRelease)) {
    const why = "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.";
    guard(context, result, release, { field: "suspend", value: true, why });
  }
  for (const release of suspendedSync(cluster, context.options)) {
    const why =
      "Helm made source and root with it: deleting it would delete the root with all that Flux has applied, and an upgrade would write both as they were. A suspended one is left alone.";
    guard(context, result, release, { field: "suspend", value: true, why });
  }
  const losses = findRootLosses(context);
  if (losses !== undefined) {
    const told = losses.length > 0 ? `: ${losses[0]}${andMore(losses.length - 1)}` : "";
    const why = `The old root must not take its children along when it goes${told}.`;
    const policy = deletionPolicyOf(cluster);
    if (policy === undefined) guard(context, result, cluster.root, { field: "prune", value: false, why });
    else {
      const place = pointAt(context.tree, cluster.root, ["spec", "deletionPolicy"]);
      result.findings.push({
        rule: "guard-overridden",
        level: "blocker",
        ...place,
        what: `${place.resource} has deletionPolicy: ${policy}, so it deletes what it applied when it goes under its old name, whatever prune says.`,
        why: "The guard of a root that gets another name is prune: false, and the finalizer looks at deletionPolicy first.",
        next: "Remove deletionPolicy, merge that and wait until it is reconciled, and run fluxlift again; or keep the name with --sync adopt.",
      });
    }
  }
  return result;
});

/** By which the finalizer of the root deletes its inventory also with `prune: false` (flux-facts 2.4 item 3). */
function deletionPolicyOf({ kustomizations }: Cluster): string | undefined {
  const policy = readableSpec(kustomizations[0])?.deletionPolicy;
  return ["Delete", "WaitForTermination"].includes(String(policy)) ? String(policy) : undefined;
}

/** What the old root would delete that is still wanted, were it removed without a guard; undefined where it needs none. */
function findRootLosses({ tree, before, model, cluster, options, edited }: TransformContext): string[] | undefined {
  const { root, source, namespace } = cluster;
  if (!rootIsRenamed(cluster, options)) return undefined;
  const future = { tree, model: { ...model, tree: before }, cluster, edited };
  const { losses, broken } = findFutureLosses(future, [root, ...(source ? [source] : [])]);
  const own = losses.filter((loss) => isBlamed(root, namespace, loss)).map(({ outcome }) => describe(outcome));
  return own.length > 0 || broken.length > 0 ? own : undefined;
}

/** What a guard sets. */
interface Guard {
  field: "prune" | "suspend";
  value: boolean;
  why: string;
}

function guard(context: TransformContext, { edits, findings }: TransformResult, object: KubeObject, set: Guard): void {
  const { field, value, why } = set;
  const said = object.data.spec?.[field];
  if (said === value) return;
  const { tree } = context;
  const { resource, at } = pointAt(tree, object, ["spec"]);
  const marked = new RawYaml(yaml`${printNonString(value)!} ${yamlComment(GUARD_MARK)}`);
  const op = { op: "set", doc: object.doc, path: ["spec", field], value: marked } as const;
  // A root that clusters share in one base has it from the first of them.
  const isSet = isGuard(tree, object, field);
  const edited = isSet ? {} : editFile(tree, object.file, [op], why, [locateField(tree, object)]);
  findings.push(...(edited.findings ?? []));
  const own = edited.edits ?? [];
  if (!isSet && own.length === 0) return;
  edits.push(...own);
  const { options } = context;
  const isByHand = options.direct && options.phase === "all" && field === "suspend";
  const isMeasured = factsFor(options.facts, context.cluster.name)?.guardsReconciled === true;
  if (!isByHand || !isMeasured)
    findings.push(
      isByHand
        ? { rule: "guard-by-hand", level: "caution", resource, at, facts: { resource } }
        : { rule: "guard-added", level: "info", resource, at, facts: { resource, field, value, reason: why } },
    );
  // What Git says is applied again and again, and takes back what a person sets; what Git is silent on stays.
  if (isByHand && said === false)
    findings.push({
      rule: "guard-overridden",
      level: "blocker",
      resource,
      at,
      what: `${resource} says suspend: false in Git, so Flux takes the suspension back that has to come before the merge.`,
      why: "On the direct route a person suspends the release, and its file goes with the merge that follows.",
      next: "Take the line out of the file, merge that, and run fluxlift again; or merge one phase at a time.",
    });
  const after = asDelivered(context, object, own);
  if (after) findings.push(...checkArrival(after, set, { resource, at }));
}

/** Whether the live object gets what a guard sets, as far as that can be known. */
function checkArrival(
  after: Answer<KubeData>,
  { field, value }: Guard,
  { resource, at }: { resource: string; at: Loc },
): DraftFinding[] {
  const place = { rule: "guard-overridden", level: "blocker", resource } as const;
  const [hidden] = hiddenIn(after);
  if (hidden)
    return [
      {
        ...place,
        at: hidden.at,
        what: `Whether ${field}: ${value} of ${resource} reaches the cluster cannot be known here: ${hidden.what}.`,
        why: "Flux decides from the live object, and what cannot be read here is applied after what its file says.",
        next: `Bring it into this repository, or take ${resource} out of its reach, and run fluxlift again.`,
      },
    ];
  if (readable(after).spec?.[field] === value) return [];
  return [
    {
      ...place,
      at,
      what: `A patch above ${resource} sets ${field} to something else than ${value}, so the guard never reaches the cluster.`,
      why: "Flux decides from the live object, and the patch is applied after what this file says.",
      next: `Take ${field} out of that patch, or exempt this object from it, and run fluxlift again.`,
    },
  ];
}

/** The guarded object as its parent applies it, or the root as it applies itself; undefined when nothing does. */
function asDelivered(
  { tree, cluster }: TransformContext,
  { file, doc }: KubeObject,
  own: readonly DraftEdit[],
): Answer<KubeData> | undefined {
  const isMeant = (one: KubeObject) => one.file === file && one.doc === doc;
  const guarded = applyEdits(tree, own).tree;
  const object = objectAt(guarded, file, doc)!;
  const all = [...cluster.kustomizations, ...cluster.objects];
  const delivered = all.find(({ object }) => isMeant(object));
  const { namespace } = cluster;
  const itself: DeliveredFluxObject = { object, namespace, effective: { known: true, value: object.data } };
  const parent = isMeant(cluster.root) ? itself : delivered?.parent;
  return parent && deliverObject(guarded, object, parent, cluster.artifactRoot)?.effective;
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
    const ranges = own.map(({ range }) => range);
    edits.push({ kind: "replace", path: file, ranges, why, evidence });
  }
  return { edits, findings: [] };
}

/** A guard that is no longer needed, and what takes it back together with its mark. */
interface OldGuard {
  object: KubeObject;
  field: string;
  range: TextRange;
}

const FIELDS = ["prune", "suspend", "deletionPolicy"] as const;

/**
 * The guards fluxlift added and that are still in the tree; an owner's own `prune: false` has no mark and stays.
 * `prune` goes back to `true`, the only value that ever got a guard, because the field is required; others are removed.
 */
export function findOldGuards(tree: Tree): OldGuard[] {
  const found: OldGuard[] = [];
  for (const file of tree.grep(GUARD_MARK)) {
    if (!/\.ya?ml$/.test(file)) continue;
    for (const object of readObjects(tree, file).objects) {
      if (!isFluxKustomization(object) && !isHelmRelease(object)) continue;
      for (const field of FIELDS) {
        if (!isGuard(tree, object, field)) continue;
        found.push({ object, field, range: takeBack(tree.read(file)!, object.doc, field) });
      }
    }
  }
  return found;
}

/** The value with its mark, or the whole line: guards were written on lines of their own. */
function takeBack(text: string, doc: number, field: string): TextRange {
  const value = locate(text, doc, ["spec", field])!;
  const next = text.indexOf("\n", value.end);
  const end = next < 0 ? text.length : next;
  if (field === "prune") {
    const isCarriage = text[end - 1] === "\r";
    return { start: value.start, end: isCarriage ? end - 1 : end, text: "true" };
  }
  return { start: text.lastIndexOf("\n", value.start) + 1, end: next < 0 ? end : next + 1, text: "" };
}
