import { reportArgoFolders } from "../../src/cluster/argo-folders.ts";
import { keyOf, manifestsOf, repositoryPath } from "../../src/cluster/graph.ts";
import { instanceOf, syncNameOf } from "../../src/cluster/instances.ts";
import { reportPruners } from "../../src/cluster/pruning-folders.ts";
import { ownersOf } from "../../src/cluster/territory.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { itemsOf, type KubeObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { once } from "../../src/contract/once.ts";
import { describe, isFluxPartUrl, isHelmRelease } from "../../src/delivery/kinds.ts";
import { isKustomizationFile, loadKustomization } from "../../src/delivery/kustomize/index.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import { findLostValues } from "../../src/instance/chart/values.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, type TransformContext } from "../contract.ts";
import { reportPruningCommands } from "../shared/automation/pruning-commands.ts";
import { LICENSE, planRemoval, type Removal } from "../shared/automation/removed.ts";
import { STALE_FIELDS } from "../shared/automation/stale-entries.ts";
import { FORMS } from "../shared/automation/stale-patches.ts";
import { editFile } from "../shared/edit-file.ts";
import {
  findLeftOutUses,
  findRemaining,
  findUsesBeside,
  mayBeOf,
  reportRemaining,
  reportUse,
} from "../shared/references/remains.ts";
import { listRenames } from "../shared/references/renames.ts";
import { reportRenamed } from "../shared/references/revisions.ts";
import { reportLostComments } from "./comments.ts";
import { reportDefinitions } from "./definitions.ts";
import { prunesByItself } from "./prunes.ts";
import { reportRemoteStarts } from "./remote-starts.ts";
import { reportUnsaid } from "./unsaid.ts";

/**
 * Removes the old install (cutover) and the superseded source, root and by-hand bootstrap (cleanup): by document, never
 * by file, so that keys, shared roots and whatever else lies beside them stay where they are.
 */
export default defineTransform({
  id: "remove-bootstrap",
  title: "Remove the old install",
  phases: ["cutover", "cleanup"],
  applies: ({ cluster }) => instanceOf(cluster) !== undefined,
  run(context) {
    const removal = planRemoval(context);
    const { documents, trimmed } = removal;
    const isStrange = (path: string) => context.before.has(path) && ownersOf(path, context.model).length === 0;
    const strange = [...removal.files, ...trimmed].filter(isStrange);
    const gone = new Set(removal.files);
    const deletions = removal.files.map(
      (path): DraftEdit => ({ kind: "delete", path, why: reasonFor(context, path, removal) }),
    );
    const files = new Set([...documents.map(({ file }) => file), ...trimmed].filter((file) => !gone.has(file)));
    const changes = [...files].map((file): Outcome => {
      const own = documents.filter((object) => object.file === file).sort((a, b) => b.doc - a.doc);
      const ops = own.map(({ doc }): YamlOp => ({ op: "delete-document", doc }));
      if (trimmed.includes(file)) ops.unshift(...trimEntries(context, file, gone, removal));
      const isEmptied = own.length === 0 && removal.emptied.includes(file);
      const why =
        own.length > 0 ? reasonFor(context, file, removal) : isEmptied ? EMPTIED : "Stop listing what is gone.";
      return ops.length > 0 ? editFile(context.tree, file, ops, why) : {};
    });
    const cuts = removal.cut.map(({ file, docs }): Outcome => {
      const ops = docs.toSorted((a, b) => b - a).map((doc): YamlOp => ({ op: "delete-document", doc }));
      return editFile(context.tree, file, ops, SAID);
    });
    const { edits, findings } = combine({ edits: deletions, findings: removal.findings }, ...changes, ...cuts);
    if (edits.length > 0) findings.push(...reportOrphans(context, documents));
    findings.push(...reportDangling(context, documents), ...reportLostComments(context.tree, edits));
    findings.push(...reportIdle(context, removal));
    const leaving = [...new Set(documents.map(({ file }) => file))];
    for (const report of [reportArgoFolders, reportPruners])
      findings.push(...report(context.tree, context.cluster, leaving));
    findings.push(...reportPruningCommands(context.tree, leaving));
    if (context.phase === "cutover")
      findings.push(...reportDefinitions(context), ...reportRemoteStarts(context, removal));
    else findings.push(...reportUnsaid(context, documents));
    if (documents.some(isHelmRelease)) findings.push(...findLostValues(context.before, context.cluster));
    if (!findings.some(({ level }) => level === "blocker"))
      findings.push(...strange.map((path) => reportStrange(context, path)));
    return { edits, findings };
  },
});

/** FluxKustomizations that stay and build a folder of which nothing is left. */
function reportIdle({ tree, cluster }: TransformContext, { bare, documents }: Removal): DraftFinding[] {
  const folders = new Set(bare.map(dirname));
  const going = new Set([cluster.root, ...documents].map(keyOf));
  return cluster.kustomizations.flatMap((item): DraftFinding[] => {
    const spec = readableSpec(item);
    const folder = repositoryPath(spec, cluster.artifactRoot);
    if (folder === undefined || !folders.has(folder) || going.has(keyOf(item.object))) return [];
    // A component brings objects of its own.
    if (itemsOf(spec?.components).length > 0) return [];
    const resource = describe(item.object);
    const at = locateField(tree, item.object);
    return [{ rule: "builds-nothing", level: "info", resource, at, facts: { resource, folder } }];
  });
}

const CHART_SOURCES = ["HelmRepository", "HelmChart"];
const SAID = "It patched the old install; what still has an effect, the FluxInstance says now.";
const EMPTIED = "Nothing is left to list; the empty list keeps Flux from applying what else lies in this folder.";
const BY_HELM = "Helm made source and root by it, and the FluxInstance generates these now.";
const UNREAD = "Nothing reads it once the old release is gone.";

function reasonFor(
  { phase, cluster, options }: TransformContext,
  path: string,
  { documents, values }: Removal,
): string {
  if (path.endsWith(LICENSE)) return "The file whose licence it says goes.";
  const objects = documents.filter(({ file }) => file === path);
  const own = objects.map(describe);
  if (values.files.includes(path) || (own.length > 0 && objects.every(({ kind }) => CHART_SOURCES.includes(kind)))) {
    return UNREAD;
  }
  if (own.length === 0) {
    return isKustomizationFile(path) ? "Nothing is left for this kustomization to list." : SAID;
  }
  if (own.length > 3) return `The operator installs Flux now; these ${own.length} objects would only repeat it.`;
  if (phase === "cutover") return `The operator installs Flux now; ${own.join(" and ")} would only repeat it.`;
  if (objects.every(isHelmRelease)) return BY_HELM;
  const renames = listRenames(cluster, options);
  const generated = objects.map((object) => {
    const to = renames.find(({ kind, name }) => kind === object.kind && name === object.name)?.to;
    return to === undefined ? describe(object) : `${describe({ ...object, name: to })} for ${object.name}`;
  });
  return `The FluxInstance generates these now: ${generated.join(" and ")}.`;
}

/** Entries of a kustomization that name something gone, and patches that only the flux2 remote base could match. */
function trimEntries({ tree }: TransformContext, file: string, gone: ReadonlySet<string>, removal: Removal): YamlOp[] {
  const loaded = loadKustomization(tree, file);
  if (!loaded.ok) return [];
  const listOf = (field: string) => itemsOf(loaded.file.data[field]);
  const isGone = (item: YamlData) => {
    if (typeof item !== "string") return false;
    const path = join(dirname(file), item);
    const isLink = removal.links.some((link) => link.kustomization === file && link.entry === item);
    return isLink || isFluxPartUrl(item) || gone.has(path) || removal.builds.includes(path);
  };
  const entries = ["resources", "bases", "components"].flatMap((field): YamlOp[] => {
    const list = listOf(field);
    const indexes = list.flatMap((item, index) => (isGone(item) ? [index] : []));
    const isEmptied = list.length > 0 && indexes.length === list.length && removal.emptied.includes(file);
    // An empty list keeps the kustomization buildable, and its folder from being walked.
    if (field === "resources" && isEmptied) return [{ op: "set", doc: 0, path: [field], value: [] }];
    const isWhole = field !== "resources" && indexes.length > 0 && indexes.length === list.length;
    return isWhole && listOf("resources").length > 0
      ? [{ op: "delete", doc: 0, path: [field] }]
      : deleteItems(field, indexes);
  });
  const stale = removal.stale.filter(({ kustomization }) => kustomization === file);
  const patches = FORMS.flatMap((form): YamlOp[] => {
    const indexes = stale.filter((patch) => patch.form === form).map(({ index }) => index);
    const isWhole = indexes.length > 0 && indexes.length === listOf(form).length;
    return isWhole ? [{ op: "delete", doc: 0, path: [form] }] : deleteItems(form, indexes);
  });
  const settings = STALE_FIELDS.flatMap((field): YamlOp[] => {
    const own = removal.entries.filter((entry) => entry.kustomization === file && entry.field === field);
    return deleteFrom(loaded.file.data, field, own);
  });
  return [...entries, ...patches, ...settings, ...trimValues(loaded.file.data, file, removal)];
}

/** A kustomization that lists what goes, and that may start a cluster which is not known here. */
function reportStrange({ before, model, cluster }: TransformContext, file: string): DraftFinding {
  const dir = dirname(file);
  const own = model.leftOut.find((place) => dirname(place.object.file) === dir && mayBeOf(cluster, place));
  const first = own
    ? `If ${describe(own.object)} (${own.object.file}) is in the cluster of this root, list it in what the root builds: then ${dir} is that cluster's. `
    : "";
  return {
    rule: "reference-remains",
    level: "blocker",
    at: locateField(before, { file, doc: 0 }, ["resources"]),
    what: `${file}, which belongs to no recognised cluster, ${isKustomizationFile(file) ? "lists" : "holds"} what goes in this phase.`,
    why: `Without it ${dir} could not be built any more, and a cluster that starts from there would get no change of it.`,
    next: `${first}If nothing is built from ${dir}, delete it; else have it list a copy of its own of what the recognised cluster no longer needs. Commit that, and run fluxlift again.`,
  };
}

/** Takes entries out of a list, and the list with the last of them. */
function deleteFrom(data: YamlData, field: string, entries: readonly { index: number }[]): YamlOp[] {
  const isWhole = entries.length > 0 && entries.length === itemsOf(data[field]).length;
  return isWhole
    ? [{ op: "delete", doc: 0, path: [field] }]
    : deleteItems(
        field,
        entries.map(({ index }) => index),
      );
}

/** Generators that fed the old release alone, and what only they used. */
function trimValues(data: YamlData, file: string, { values }: Removal): YamlOp[] {
  const own = values.items.filter(({ kustomization }) => kustomization === file);
  const ops = [...new Set(own.map(({ field }) => field))].flatMap((field) =>
    deleteFrom(
      data,
      field,
      own.filter((item) => item.field === field),
    ),
  );
  const isIdle = values.withoutGenerators.includes(file) && data.generatorOptions !== undefined;
  return isIdle ? [...ops, { op: "delete", doc: 0, path: ["generatorOptions"] }] : ops;
}

/** From the last to the first, so that indexes stay right. */
function deleteItems(field: string, indexes: readonly number[]): YamlOp[] {
  return indexes.toSorted((a, b) => b - a).map((index) => ({ op: "delete", doc: 0, path: [field, index] }));
}

/** The old source and root must not go while something still asks for them by name. */
function reportDangling(context: TransformContext, documents: readonly KubeObject[]): DraftFinding[] {
  if (context.phase !== "cleanup") return [];
  const going = listRenames(context.cluster, context.options).filter((rename) =>
    documents.some(({ kind, name }) => kind === rename.kind && name === rename.name),
  );
  const remaining = findRemaining(context, context.tree, going);
  return [
    ...remaining.map((item) => reportRemaining(item, context.phase)),
    ...findLeftOutUses(context, going).map((use) => reportUse(use, "left out")),
    ...findUsesBeside(context, going).map((use) => reportUse(use, "beside the root")),
    ...reportRenamed(context, going),
  ];
}

/** With `prune: false` on what delivers them, objects that leave Git stay in the cluster and go on working. */
function reportOrphans({ tree, cluster, model }: TransformContext, documents: readonly KubeObject[]): DraftFinding[] {
  const instance = instanceOf(cluster);
  const generated = instance && syncNameOf(instance, cluster.namespace);
  const isRenamed = generated !== undefined && generated !== cluster.root.name;
  const isGenerated = (object: KubeObject) => object === cluster.source && object.name === generated;
  // What else an install has is the running Flux itself: the operator owns it by now, and nobody may delete it.
  const reconciles = ({ apiVersion }: KubeObject) => apiVersion.split("/")[0]!.endsWith(".toolkit.fluxcd.io");
  const delivered = [...cluster.kustomizations, ...cluster.objects];
  const pruning = cluster.local.filter((item) => readableSpec(item)?.prune !== false);
  const pruned = once(
    () => new Set(pruning.flatMap((item) => manifestsOf(tree, readableSpec(item), cluster.artifactRoot))),
  );
  const hubs = model.clusters.flatMap(({ remotes }) => remotes);
  return documents
    .filter((object) => keyOf(object) !== keyOf(cluster.root) && !isGenerated(object) && reconciles(object))
    .flatMap((object): DraftFinding[] => {
      const known = delivered.find((item) => keyOf(item.object) === keyOf(object));
      // A leftover of something that is delivered from another file: in the cluster both are one object.
      if (!known && delivered.some((item) => describe(item.object) === describe(object))) return [];
      // A hub applies the spoke's source through a kubeconfig, and prunes it there.
      const parent = known ? known.parent : hubs.find(({ files }) => files.has(object.file))?.by;
      // Whichever of several has applied it last prunes it or does not: what may go is said as going.
      if (parent && (readableSpec(parent)?.prune !== false || pruned().has(object.file))) return [];
      const isShared = isRenamed && parent?.object.name === cluster.root.name && prunesByItself(tree, parent);
      const resource = describe(object);
      const facts = {
        resource,
        parent: parent && describe(parent.object),
        isSuspended: object.data.spec?.suspend === true,
        shared: isShared ? generated : undefined,
      };
      return [{ rule: "orphan-left", level: "caution", resource, at: locateField(tree, object), facts }];
    });
}
