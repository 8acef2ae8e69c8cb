import { filesOf, keyOf } from "../../src/cluster/graph.ts";
import { instanceOf } from "../../src/cluster/instances.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import type { TransformContext } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { filesNaming } from "../shared/references/files.ts";
import { findReferences, type Reference } from "../shared/references/find.ts";
import { toOperations } from "../shared/references/operations.ts";
import { keysOfOld } from "../shared/references/remains.ts";
import { listRenames, type Rename } from "../shared/references/renames.ts";
import { isPlain } from "./plain.ts";

interface FileReferences {
  file: string;
  references: Reference[];
}

export interface Rewritten {
  edits: DraftEdit[];
  /** Files that must change and cannot. */
  findings: DraftFinding[];
  /** The tree with the edits. */
  tree: Tree;
  /** Files whose references can all be rewritten and are not: nobody but the findings wants to know yet. */
  assumed: ReadonlySet<string>;
}

/**
 * Gives every reference in the cluster's files its new name, or says where that is not possible.
 * @param lookAhead whether only the findings count; files in which nothing can go wrong are not edited then.
 */
export function rewriteReferences(
  context: TransformContext,
  renames: readonly Rename[],
  { lookAhead = false }: { lookAhead?: boolean } = {},
): Rewritten {
  const { tree, cluster } = context;
  const assumed = new Set<string>();
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  const instance = instanceOf(cluster);
  const evidence = instance ? [locateField(tree, instance.object)] : [];
  for (const { file, references } of findAll(context, renames)) {
    const shared = findOtherReader(context, file);
    if (shared) {
      findings.push(sharedFile(context, file, references[0]!, shared));
      continue;
    }
    if (lookAhead && isPlain(tree.read(file) ?? "", references)) {
      assumed.add(file);
      continue;
    }
    const why = `Follow ${[...new Set(references.map(({ rename }) => describeRename(rename)))].join(", ")}.`;
    const edited = editFile(tree, file, toOperations(references), why, evidence);
    edits.push(...(edited.edits ?? []));
    findings.push(...(edited.findings ?? []));
  }
  return { edits, findings, tree: applyEdits(tree, edits).tree, assumed };
}

function findAll({ tree, cluster }: TransformContext, renames: readonly Rename[]): FileReferences[] {
  const own = keysOfOld({ cluster });
  const files = new Set(renames.flatMap(({ name }) => filesNaming(tree, cluster, name)));
  const above = aboveInstance(tree, cluster);
  // The old root stays until cleanup and keeps its source, but what it waits for goes now.
  const installers = renames.filter(({ isInstaller }) => isInstaller);
  const found: FileReferences[] = [];
  for (const file of [...files].sort()) {
    const parsed = readYamlCached(tree.read(file) ?? "");
    if (!parsed.ok) continue;
    const references = parsed.docs.flatMap(({ data, index }) => {
      const key = keyOf({ file, doc: index });
      const known = own.has(key) ? (key === keyOf(cluster.root) ? installers : []) : renames;
      return findReferences(data as YamlData, index, known, {
        namespace: namespaceOf(data as YamlData),
        isAboveInstance: above.has(key),
      });
    });
    if (references.length > 0) found.push({ file, references });
  }
  return found;
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
    const owners = cluster.local.filter(({ effective }) =>
      filesOf(tree, readable(effective)?.spec, cluster.artifactRoot).includes(file),
    );
    for (let item = owners.at(-1); item; item = item.parent) above.push(item);
  }
  for (const item of above) {
    const names = new Set((readableSpec(item)?.dependsOn ?? []).map((dependency: YamlData) => dependency?.name));
    above.push(...cluster.kustomizations.filter((other) => names.has(other.object.name) && !above.includes(other)));
  }
  return new Set(above.map(({ object }) => keyOf(object)));
}

/** An empty namespace is filled by a kustomization or the parent; the reference then counts as our own. */
function namespaceOf(data: YamlData): string {
  const namespace = data?.metadata?.namespace;
  return typeof namespace === "string" && !namespace.includes("${") ? namespace : "";
}

function describeRename({ kind, name, to }: Rename): string {
  return to ? `${kind} ${name} -> ${to.name}` : `the end of ${kind} ${name}`;
}

/**
 * Another cluster that builds the file and keeps its own names, or is not that far yet; before the install phase it is
 * taken to go the same way.
 */
function findOtherReader({ model, cluster, options, phase }: TransformContext, file: string): Cluster | undefined {
  const readers = model.clusters.filter((other) => other !== cluster && other.files.has(file));
  if (readers.length === 0) return undefined;
  const mine = JSON.stringify(listRenames(cluster, options));
  return readers.find(
    (other) =>
      (phase !== "install" && instanceOf(other) === undefined) || JSON.stringify(listRenames(other, options)) !== mine,
  );
}

function sharedFile(
  { tree, cluster }: TransformContext,
  file: string,
  reference: Reference,
  other: Cluster,
): DraftFinding {
  return {
    rule: "shared-reference",
    level: "blocker",
    at: locateField(tree, { file, doc: reference.op.op === "append-document" ? 0 : reference.op.doc }, reference.path),
    what: `This file is delivered to ${cluster.name} and to ${other.name}; renaming ${reference.rename.kind} ${reference.rename.name} here would leave ${other.name} without its source.`,
    why: "Both clusters read the same bytes, but only one of them has the new name (trap 47).",
    next: `Bring ${other.name} to the same phase with the same --sync, or give each cluster its own copy of this file.`,
  };
}
