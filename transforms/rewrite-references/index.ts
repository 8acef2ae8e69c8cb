import { allInstalls } from "../../src/cluster/all-installs.ts";
import { keyOf, readsFile } from "../../src/cluster/graph.ts";
import { instanceOf } from "../../src/cluster/instances.ts";
import { isYamlPath } from "../../src/cluster/objects.ts";
import { readersOf } from "../../src/cluster/territory.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type DeliveredFluxObject, itemsOf, readableSpec } from "../../src/contract/objects.ts";
import { pushAll } from "../../src/contract/push-all.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { isSopsEncrypted } from "../../src/yaml/secret.ts";
import { detectTemplate } from "../../src/yaml/template.ts";
import { defineTransform, isBeforeCutover, type TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/reporter.ts";
import { editFile } from "../shared/edit-file.ts";
import { docsIn } from "../shared/read.ts";
import { findReferences, ownerOf, type Reference } from "../shared/references/find.ts";
import { hasOpenPaths, reportUnread } from "../shared/references/maybe-delivered.ts";
import { toOperations } from "../shared/references/operations.ts";
import { findRemaining, reportRemaining } from "../shared/references/remains.ts";
import { filesNaming, keysOfOld, listRenames, type Rename, SOURCE } from "../shared/references/renames.ts";
import { findElsewhere, reportRenamed } from "../shared/references/revisions.ts";
import { findRenderedNames } from "./rendered.ts";
import { reportTemplates } from "./templates.ts";

/**
 * Points everything the cluster delivers at the generated source and root and away from the old install. Files that
 * nothing delivers stay as they are; the old source, root and install themselves go in their own transform.
 */
export default defineTransform({
  id: "rewrite-references",
  title: "Rewrite references to source, root and old install",
  phases: ["cutover", "install"],
  applies: (context) =>
    context.phase === "install" ? isBeforeCutover(context) : instanceOf(context.cluster) !== undefined,
  run(context) {
    const renames = listRenames(context.cluster, context.options);
    const lookAhead = context.phase === "install";
    const { edits, findings, tree, assumed } = rewriteReferences(context, renames, lookAhead);
    const remaining = findRemaining(context, tree, renames, assumed);
    const refused = new Set(findings.map(({ at }) => at?.file));
    const left = remaining.filter(({ at }) => !refused.has(at.file));
    pushAll(
      findings,
      left.map((item) => reportRemaining(item, context.phase)),
    );
    const elsewhere = reportRenamed(context, renames);
    const undelivered = reportUndelivered(context, renames, lookAhead && !hasOpenPaths(context));
    if (lookAhead) {
      findings.push(...undelivered.filter(({ level }) => level === "blocker"));
      return { findings: [...findings.map(announce), ...elsewhere] };
    }
    findings.push(...undelivered, ...reportMade(context, renames), ...elsewhere);
    return { edits, findings };
  },
});

/** What will stop the cutover is better known before the install phase is merged. */
function announce(draft: DraftFinding): DraftFinding {
  const finding = sayFinding(draft);
  const what = `The cutover will stop here. ${finding.what}`;
  const then = finding.next.charAt(0).toLowerCase() + finding.next.slice(1);
  const next = `Nothing has to change before install is merged. Between install and cutover: ${then}`;
  return { ...finding, rule: "cutover-will-stop", level: "caution", what, next };
}

/** @param isKnown whether no file can be read that is not known to be */
function reportUndelivered(context: TransformContext, renames: readonly Rename[], isKnown: boolean): DraftFinding[] {
  const { tree, model } = context;
  const isElsewhere = findElsewhere(context);
  const starts = model.clusters.flatMap((each) => {
    const installed = allInstalls(each).flatMap(({ objects }) => objects);
    return [each.root, ...(each.source ? [each.source] : []), ...installed].map(({ file }) => file);
  });
  const byHand = new Set(starts);
  const isIdle = (file: string) =>
    isYamlPath(file) &&
    readersOf(file, model.clusters).length === 0 &&
    !byHand.has(file) &&
    !isElsewhere(file) &&
    /sourceRef/.test(tree.read(file) ?? "");
  const sources = renames.filter(({ to, group }) => to !== undefined && group === SOURCE);
  const rendered = findRenderedNames(context, sources);
  if (isKnown) return rendered.findings;
  const unread = sources.flatMap(({ kind, name, to }): DraftFinding[] => {
    const files = tree.grep(name).filter((file) => isIdle(file) && !rendered.files.has(file));
    return reportUnread(context, files, { name: `${kind} ${name}`, instead: `Use ${to}` });
  });
  return [...rendered.findings, ...unread];
}

/** Templates are of the whole repository: the first cluster of a run names them. */
function reportMade(context: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const sources = renames.filter(({ to, group }) => to !== undefined && group === SOURCE);
  return isReporter(context) ? sources.flatMap((rename) => reportTemplates(context.tree, rename)) : [];
}

/**
 * Gives every reference in the cluster's files its new name, or says where that is not possible.
 * @param lookAhead whether only the findings count; files in which nothing can go wrong are not edited then.
 */
function rewriteReferences(context: TransformContext, renames: readonly Rename[], lookAhead: boolean) {
  const { tree, cluster } = context;
  /** Files whose references can all be rewritten and are not: nobody but the findings wants to know yet. */
  const assumed = new Set<string>();
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  const instance = instanceOf(cluster);
  const evidence = instance ? [locateField(tree, instance.object)] : [];
  for (const [file, references] of findAll(context, renames)) {
    const shared = findOtherReader(context, file, references);
    if (shared) findings.push(sharedFile(context, file, shared));
    else if (lookAhead && isPlain(tree.read(file) ?? "", references)) assumed.add(file);
    else {
      const why = `Follow ${[...new Set(references.map(({ rename }) => describeRename(rename)))].join(", ")}.`;
      const edited = editFile(tree, file, toOperations(references), why, evidence);
      pushAll(edits, edited.edits ?? []);
      findings.push(...(edited.findings ?? []));
    }
  }
  return { edits, findings, tree: applyEdits(tree, edits).tree, assumed };
}

/** The references of every file that has some. */
function findAll({ tree, cluster }: TransformContext, renames: readonly Rename[]): Map<string, Reference[]> {
  const referencesIn = readerFor(tree, cluster, renames);
  const found = filesNaming(tree, cluster, renames).map((file) => [file, referencesIn(file)] as const);
  return new Map(found.filter(([, references]) => references.length > 0));
}

/** Finds in a file what a cluster gives another name. */
function readerFor(tree: Tree, cluster: Cluster, renames: readonly Rename[]): (file: string) => Reference[] {
  const own = keysOfOld(cluster);
  const above = aboveInstance(tree, cluster);
  // The old root stays until cleanup and keeps its source, but what it waits for goes now.
  const installers = renames.filter(({ isInstaller }) => isInstaller);
  return (file) =>
    docsIn(tree.read(file)).flatMap(({ data, index }) => {
      const key = keyOf({ file, doc: index });
      const known = own.has(key) ? (key === keyOf(cluster.root) ? installers : []) : renames;
      return findReferences(data, index, known, ownerOf(data, above.has(key)));
    });
}

/**
 * FluxKustomizations that must not wait for flux-instance: what delivers it, itself, the operator it waits for, and all
 * that these wait for. `cluster-apps` depending on the old `flux`, or on `cluster-vars` that does, would otherwise end
 * up waiting for something it applies itself (trap 13).
 */
function aboveInstance(tree: Tree, cluster: Cluster): Set<string> {
  const apps = [...cluster.instances.map(({ object }) => object), ...cluster.operators];
  const above: DeliveredFluxObject[] = [];
  for (const { file } of apps) {
    let item = cluster.local.findLast((owner) => readsFile(tree, readableSpec(owner), cluster.artifactRoot, file));
    for (; item; item = item.parent) above.push(item);
  }
  for (const item of above) {
    const names = new Set(itemsOf(readableSpec(item)?.dependsOn).map((dependency) => dependency.name));
    above.push(...cluster.kustomizations.filter((other) => names.has(other.object.name) && !above.includes(other)));
  }
  return new Set(above.map(({ object }) => keyOf(object)));
}

/** `spec: &spec`, `- &item {a: 1}` and `<<: *spec`: values that more than one place may share. */
const SHARED = /<<|(?<![^\s,[\]{}])&[^\s,[\]{}]+[ \t]*(?:[[{]|#|\r?$)/m;

/**
 * Whether references can be rewritten for sure, without trying: no template, no encryption, no patch body that is edited
 * in its turn, and nothing shared but scalars with other values (`name: &app podinfo`). Errs towards no.
 */
function isPlain(text: string, references: readonly Reference[]): boolean {
  if (SHARED.test(text) || isSopsEncrypted(text) || detectTemplate(text)) return false;
  return references.every(({ op, rename }) => {
    if (op.op === "set" && typeof op.value !== "string") return false;
    return (
      !text.includes("&") ||
      !new RegExp(`(?<![^\\s,[\\]{}])&[^\\s,[\\]{}]+\\s+["']?${escapeRegExp(rename.name)}`).test(text)
    );
  });
}

function describeRename({ kind, name, to }: Rename): string {
  return to ? `${kind} ${name} -> ${to}` : `the end of ${kind} ${name}`;
}

/** A cluster that reads a file as well, and what it would not write there. */
interface SharedFile {
  other: Cluster;
  reference: Reference;
}

/**
 * Another cluster that builds the file and would write something else into it, or is not that far yet; before the install
 * phase it is taken to go the same way. What else it renames, such as an install of another kind, is no matter here.
 */
function findOtherReader(
  { tree, model, cluster, options, phase }: TransformContext,
  file: string,
  references: readonly Reference[],
): SharedFile | undefined {
  const readers = model.clusters.filter((other) => other !== cluster && other.files.has(file));
  for (const other of readers) {
    const theirs = readerFor(tree, other, listRenames(other, options))(file).map((item) => JSON.stringify(item));
    const differs = references.find((item) => !theirs.includes(JSON.stringify(item)));
    const isBehind = phase !== "install" && instanceOf(other) === undefined;
    if (differs || isBehind || theirs.length !== references.length)
      return { other, reference: differs ?? references[0]! };
  }
  return undefined;
}

function sharedFile({ tree, cluster }: TransformContext, file: string, { other, reference }: SharedFile): DraftFinding {
  const { op, path, rename } = reference;
  const without = rename.group === SOURCE ? "its source" : "what it waits for";
  return {
    rule: "shared-reference",
    level: "blocker",
    at: locateField(tree, { file, doc: op.op === "append-document" ? 0 : op.doc }, path),
    what: `This file is delivered to ${cluster.name} and to ${other.name}; renaming ${rename.kind} ${rename.name} here would leave ${other.name} without ${without}.`,
    why: "Both clusters read the same bytes, but only one of them has the new name.",
    next: `Bring ${other.name} to the same phase with the same --sync, or give each cluster its own copy of this file.`,
  };
}
