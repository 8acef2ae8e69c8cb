import { type ArtifactView, makeViews } from "../change/artifact-views.ts";
import type { ClusterChange, Side } from "../change/change.ts";
import { findCopies, firstOf } from "../change/copies.ts";
import { type FilledArtifacts, findFilledArtifacts } from "../change/filled-artifacts.ts";
import { type ReadContext, readSource } from "../change/read-object.ts";
import type { Settings } from "../change/settings.ts";
import {
  dropStandIns,
  findNamesakes,
  findOwnSources,
  patchSource,
  readSources,
  type SourceTable,
} from "../change/source-facts.ts";
import type { Gap } from "../change/types.ts";
import { readsExternal } from "../cluster/components-in-use.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import type { RenderChart } from "../files/helm.ts";
import { FilledSnapshot } from "./filled-snapshot.ts";
import type { InstanceSides } from "./operator/instance-sides.ts";
import { listChartObjects, readAdoptedElsewhere, readGeneratedSource } from "./operator/operator-set.ts";
import { ClusterSnapshot } from "./snapshot.ts";
import type { SnapshotContext } from "./snapshot-context.ts";
import { findApplying, listMadeSources } from "./sources/appliers.ts";
import { findIncluded } from "./sources/included.ts";
import { type Published, readPublished } from "./sources/published.ts";
import type { AlteredValues } from "./values/altered-values.ts";
import { findChangedValues } from "./values/changed-values.ts";

export interface OpenOptions {
  adopted: boolean;
  /** What is to be read as if it built. */
  gaps?: readonly Gap[] | undefined;
  /** What the change alters in ConfigMaps and Secrets, where that is known. */
  values?: AlteredValues;
  settings?: Settings | undefined;
  /** Renders charts that lie in the repository. */
  render?: RenderChart | undefined;
  /** What a person says is published: `--artifact-path`. */
  artifactPath?: string | undefined;
}

/** Both trees of a change as the cluster reads them. */
export interface OpenSides {
  today: ClusterSnapshot;
  later: ClusterSnapshot;
  /** How objects are read, today and by each tree. */
  read: ReadContext;
  reads: Record<Side, ReadContext>;
  /** The sources that read this repository. */
  sources: ReadContext["sources"];
  /** Sources as each tree makes them. */
  tables: Record<Side, SourceTable>;
  published: Published;
  filled: FilledArtifacts;
  /** Both trees as a source, `Kind/name`, passes them on. */
  viewOf: (source: string) => ArtifactView;
  values: SnapshotContext["values"];
}

/** Reads what decides which files reach the cluster: sources, what copies and publishes them, and values that change. */
export function openSides(change: ClusterChange, sides: InstanceSides, options: OpenOptions): OpenSides {
  const { model, cluster, added } = change;
  const values = options.values?.keys ?? findChangedValues(change);
  const applying = findApplying(change, values.size > 0);
  const published = publish(change, sides, (tree) => listMadeSources(tree, applying.sets), options.adopted);
  const instances = [...cluster.instances, ...sides.instances];
  const sources = findOwnSources(cluster, [published.tables.before, published.tables.after], instances);
  const { artifactPath } = options;
  const filled = findFilledArtifacts(change, published.tables, sources, { instances, artifactPath });
  const { tables } = filled;
  const delivered = [...change.objects.before, ...change.objects.after].filter(({ file }) => change.isDelivered(file));
  const viewOf = makeViews(change, tables, (source) => {
    const [kind = "", name = ""] = source.split("/");
    return filled.folderOf({ sourceRef: { kind, name } }, "") ?? cluster.artifactRoot;
  });
  const [copies, included] = [findCopies(change, sources), findIncluded(change, sources, tables)];
  const read: ReadContext = {
    version: sides.version,
    sources,
    namesakes: findNamesakes(cluster, delivered, instances, sources),
    viewOf: (source) => viewOf(source).token,
    copyOf: firstOf(copies.before, included),
    filledFrom: filled.folderOf,
    ...(options.settings ? { settings: options.settings } : {}),
    chartHolds: () => listChartObjects(sides.version, cluster.namespace),
    ids: new Map(),
    specs: new WeakMap(),
  };
  const isRecipe = ({ kind }: KubeObject) => kind === "ArtifactGenerator";
  const other = [...change.removed, ...added].some(isRecipe) && firstOf(copies.after, included);
  const reads = { before: read, after: other ? { ...read, copyOf: other, specs: new WeakMap() } : read };
  // What delivers these gives them another folder then, though no file of its own changes.
  const copied = other ? [...model.objects, ...added].filter(({ data }) => readsExternal(data.spec?.sourceRef)) : [];
  const context: SnapshotContext = {
    ...change,
    viewOf,
    reads,
    fluxFiles: new Set([...model.objects, ...added].filter(isFluxKustomization).map(({ file }) => file)),
    values,
    delivered: options.values?.data,
    applying: { ...applying, files: new Set([...applying.files, ...copied.map(({ file }) => file)]) },
    tables,
    render: options.render,
  };
  const { gaps } = options;
  const look = (side: Side) => (gaps ? new FilledSnapshot(side, context, gaps) : new ClusterSnapshot(side, context));
  const [today, later] = [look("before"), look("after")];
  if (sides.old) today.setInstance(closeVersion(sides.old, sides.successor));
  today.adoptedElsewhere = readAdoptedElsewhere(cluster, model.clusters, read);
  today.source = readSource(cluster);
  return { today, later, read, reads, sources, tables, published, filled, viewOf, values };
}

/** A version behind a variable that is not known is taken for that of the other side: nothing goes because of a guess. */
function closeVersion(one: InstanceDescription, other: InstanceDescription | undefined): InstanceDescription {
  const { distribution } = one.spec;
  if (!other || !String(distribution?.version).includes("${")) return one;
  const { version } = other.spec.distribution ?? {};
  return { ...one, spec: { ...one.spec, distribution: { ...distribution, version } } };
}

/** The sources of both trees, and what a job that pushes an artifact leaves out. */
function publish(
  change: ClusterChange,
  { old, prepared, successor, refused }: InstanceSides,
  made: (tree: ClusterChange["after"]) => KubeObject[],
  adopted: boolean,
): Published {
  const { model, cluster, before, after, objects } = change;
  const generated = (instance: InstanceDescription | undefined) =>
    instance && readGeneratedSource(instance, cluster.namespace);
  const readSide = (tree: ClusterChange["after"], all: readonly KubeObject[], instance?: InstanceDescription) =>
    readSources(cluster, [...patchSource(tree, cluster, all), ...made(tree)], change.isDelivered, generated(instance));
  const declared = dropStandIns({
    before: readSide(before, model.objects, adopted ? old : undefined),
    // A refused FluxInstance stays what it is.
    after: readSide(after, objects.after, refused ? old : successor),
  });
  const sync = (old ?? prepared)?.spec.sync;
  const described = cluster.runningSource?.data.spec ?? (sync && { url: sync.url, bucketName: sync.ref });
  return readPublished(change, declared, described);
}
