import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { filesOf, keyOf } from "../src/flux/graph.ts";
import { locateField } from "../src/flux/locations.ts";
import { isYamlPath } from "../src/flux/objects.ts";
import { findReferences, type Reference } from "../src/flux/references/find.ts";
import { toOperations } from "../src/flux/references/operations.ts";
import { listRenames, type Rename } from "../src/flux/references/renames.ts";
import { instanceOf } from "../src/flux/state.ts";
import type { Cluster, DeliveredFluxObject, YamlData } from "../src/flux/types.ts";
import type { Tree } from "../src/workspace/tree.ts";
import { readYamlCached } from "../src/yaml/read.ts";

interface FileReferences {
  file: string;
  references: Reference[];
}

/**
 * Points everything the cluster delivers at the generated source and root and away from the old install. Files that
 * nothing delivers stay as they are; the old source, root and install themselves go in their own transform.
 */
export default defineTransform({
  id: "rewrite-references",
  title: "Rewrite references to source, root and old install",
  phases: ["cutover"],
  docs: "docs/transforms/rewrite-references.md",
  applies: ({ cluster }) => instanceOf(cluster) !== undefined,
  run(context): TransformResult {
    const renames = listRenames(context.cluster, context.options);
    const edits: DraftEdit[] = [];
    const findings: DraftFinding[] = [];
    for (const { file, references } of findAll(context, renames)) {
      const shared = findOtherReader(context, file);
      if (shared) {
        findings.push(sharedFile(context, file, references[0]!, shared));
        continue;
      }
      const why = `Follow ${[...new Set(references.map(({ rename }) => describeRename(rename)))].join(", ")}.`;
      const { edit, finding } = editFile(context.tree, file, toOperations(references), why, [
        locateField(context.tree, context.cluster.instances[0]!.object),
      ]);
      if (edit) edits.push(edit);
      if (finding) findings.push(finding);
    }
    findings.push(...reportUndelivered(context, renames));
    return { edits, findings };
  },
});

function findAll({ tree, cluster }: TransformContext, renames: readonly Rename[]): FileReferences[] {
  const own = new Set(
    [cluster.source, cluster.root, ...(cluster.install?.objects ?? [])].flatMap((object) =>
      object ? [keyOf(object)] : [],
    ),
  );
  const files = new Set(
    renames.flatMap(({ name }) => tree.grep(name)).filter((file) => isYamlPath(file) && cluster.files.has(file)),
  );
  const above = aboveInstance(tree, cluster);
  const found: FileReferences[] = [];
  for (const file of [...files].sort()) {
    const parsed = readYamlCached(tree.read(file) ?? "");
    if (!parsed.ok) continue;
    const references = parsed.docs
      .filter(({ index }) => !own.has(keyOf({ file, doc: index })))
      .flatMap(({ data, index }) =>
        findReferences(data as YamlData, index, renames, {
          namespace: namespaceOf(data as YamlData),
          isAboveInstance: above.has(keyOf({ file, doc: index })),
        }),
      );
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
      filesOf(tree, effective?.spec, cluster.artifactRoot).includes(file),
    );
    for (let item = owners.at(-1); item; item = item.parent) above.push(item);
  }
  for (const item of above) {
    const names = new Set((item.effective?.spec?.dependsOn ?? []).map((dependency: YamlData) => dependency?.name));
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

/** Another cluster that builds the file and keeps its own names, or is not that far yet. */
function findOtherReader({ model, cluster, options }: TransformContext, file: string): Cluster | undefined {
  const mine = JSON.stringify(listRenames(cluster, options));
  return model.clusters.find(
    (other) =>
      other !== cluster &&
      other.files.has(file) &&
      (instanceOf(other) === undefined || JSON.stringify(listRenames(other, options)) !== mine),
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

function reportUndelivered({ tree, cluster, model }: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const rename of renames) {
    if (!rename.to || rename.group !== "source.toolkit.fluxcd.io") continue;
    const idle = tree
      .grep(rename.name)
      .filter(
        (file) =>
          isYamlPath(file) &&
          !model.clusters.some((other) => other.files.has(file)) &&
          /sourceRef/.test(tree.read(file) ?? ""),
      )
      .filter((file) => file !== cluster.root.file && file !== cluster.source?.file);
    const first = idle[0];
    if (first === undefined) continue;
    findings.push({
      rule: "undelivered-reference",
      level: "info",
      at: { file: first, line: 1, col: 1 },
      what: `${idle.length} file${idle.length === 1 ? "" : "s"} that nothing delivers still name${idle.length === 1 ? "s" : ""} ${rename.kind} ${rename.name}${idle.length > 1 ? ` (${idle.slice(0, 3).join(", ")}${idle.length > 3 ? ", …" : ""})` : ""}.`,
      why: "fluxlift leaves files alone that Flux does not read.",
      next: `Use ${rename.to.name} when you bring one of them back.`,
    });
  }
  return findings;
}
