import { isDeepStrictEqual } from "node:util";
import { isArchived } from "../../src/cluster/automation-files.ts";
import { isChosen } from "../../src/cluster/clusters.ts";
import { keyOf } from "../../src/cluster/graph.ts";
import { isYamlPath, objectAt, readObjects } from "../../src/cluster/objects.ts";
import { readersOf } from "../../src/cluster/territory.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import type { FluxObjectSpec } from "../../src/contract/specs.ts";
import { apiVersionsFor, atLeast } from "../../src/release/releases.ts";
import { copyData } from "../../src/yaml/copy.ts";
import type { TransformContext } from "../contract.ts";
import { readInstanceSync } from "../shared/oci/sync.ts";
import { type Reading, readingsOf } from "./readers.ts";
import { chartSource } from "./source.ts";

/** A release whose chart can come from an OCIRepository of its own. */
export interface ChartMove {
  release: KubeObject;
  repository: KubeObject;
  /** The new object; without a namespace where the release names none. */
  source: YamlData;
  /** Its secrets are in the namespace of the HelmRepository, so it has to stand there too. */
  besideRepository: boolean;
  /** The HelmRepository is no registry; the owner of the charts publishes them in one as well. */
  mirrored: boolean;
}

/** A release that stays as it is, and why. */
export interface ChartStay {
  release: KubeObject;
  why: string;
  /** URL of the chart repository, when nothing but that stands in the way. */
  unpublished?: string;
}

/** Decides for every HelmRelease of the cluster that reads its chart through a HelmRepository. */
export function decideCharts(context: TransformContext) {
  const moves: ChartMove[] = [];
  const stays: ChartStay[] = [];
  const taken = takenNames(context);
  const seen = new Set<string>();
  for (const { object } of context.cluster.objects) {
    if (object.kind !== "HelmRelease" || seen.has(keyOf(object))) continue;
    seen.add(keyOf(object));
    // A cluster before this one may have moved it already.
    const now = objectAt(context.tree, object.file, object.doc);
    const chart = now?.data.spec?.chart;
    if (
      now?.kind !== object.kind ||
      now.name !== object.name ||
      chart?.spec === undefined ||
      (chart.spec.sourceRef?.kind ?? "HelmRepository") !== "HelmRepository"
    )
      continue;
    const decided = decide(context, now, chart, taken);
    if ("why" in decided) stays.push({ release: now, ...decided });
    else moves.push(decided);
  }
  return { moves, stays };
}

/** Releases whose HelmRepository is a registry, as far as a look at the objects tells; cheap. */
export function findRegistryCharts({ cluster, tree }: TransformContext): KubeObject[] {
  const registries = new Set(
    cluster.objects.flatMap(({ object }) =>
      object.kind === "HelmRepository" && String(object.data.spec?.url ?? "").startsWith("oci://") ? object.name : [],
    ),
  );
  return cluster.objects.flatMap(({ object }) => {
    const ref = object.kind === "HelmRelease" ? object.data.spec?.chart?.spec?.sourceRef : undefined;
    return ref?.kind === "HelmRepository" && registries.has(String(ref.name)) && tree.has(object.file) ? object : [];
  });
}

/**
 * What reads charts through a HelmRepository and is out of reach: releases in files that no FluxKustomization of this
 * repository builds (an ExternalArtifact may carry them), and those that a ResourceSet makes. Told once, by the first cluster.
 */
export function findUnfollowed({ cluster, model, tree }: TransformContext): KubeObject[] {
  if (model.clusters[0] !== cluster) return [];
  const isDelivered = (file: string) => readersOf(file, model.clusters).length > 0;
  return tree
    .grep("fluxcd.")
    .filter((file) => isYamlPath(file) && !isArchived(file) && tree.read(file)?.includes("HelmRepository"))
    .flatMap((file) => readObjects(tree, file).objects)
    .filter(({ kind, data, file }) => {
      if (kind === "ResourceSet") return isDelivered(file) && JSON.stringify(data).includes("HelmRepository");
      const ref = kind === "HelmRelease" ? data.spec?.chart?.spec?.sourceRef : undefined;
      return ref?.kind === "HelmRepository" && !isDelivered(file);
    });
}

type Stay = Omit<ChartStay, "release">;
type Chart = NonNullable<FluxObjectSpec["chart"]>;

function decide(context: TransformContext, release: KubeObject, chart: Chart, taken: Set<string>): ChartMove | Stay {
  const readings = readingsOf(context, context.before, release);
  if (!readings || readings.length === 0) return { why: "the folder that delivers it cannot be built here" };
  const objection = readings.map((reading) => objectTo(context, release, chart, reading)).find(Boolean);
  if (objection) return { why: objection };
  const found = readings.map((reading) => findRepository(reading, chart.spec?.sourceRef));
  const first = found[0];
  const name = String(chart.spec?.sourceRef?.name);
  if (!first || found.includes(undefined)) return { why: `HelmRepository ${name} is not in this repository` };
  if (found.some((other) => !isSame(readableSpec(other), readableSpec(first))))
    return { why: `HelmRepository ${name} is not the same wherever this file is delivered` };
  const source = chartSource(
    chart,
    release.data.spec?.interval,
    readableSpec(first),
    context.options.oci?.chartMirrors,
  );
  if ("stays" in source) {
    const url = String(readableSpec(first)?.url ?? "");
    return { why: source.stays, ...(source.unpublished ? { unpublished: url } : {}) };
  }
  const elsewhere = readings.some(({ namespace }, index) => namespace !== found[index]!.namespace);
  const besideRepository = source.hasSecrets && elsewhere;
  const isCertain = first.namespace !== "" && found.every((other) => keyOf(other!.object) === keyOf(first.object));
  if (besideRepository && !isCertain)
    return { why: `its source needs the secrets of HelmRepository ${name}, whose namespace is not certain` };
  const namespaces = new Set(besideRepository ? [first.namespace] : readings.map(({ namespace }) => namespace));
  const free = chooseName(release.name, readings[0]!.namespace, namespaces, taken);
  if (free === undefined)
    return { why: `other OCIRepositories have the names ${release.name} and ${release.name}-chart` };
  const version = readInstanceSync(context.tree, context.cluster)!.version;
  const namespace = besideRepository ? first.object.namespace : release.namespace;
  return {
    release,
    repository: first.object,
    besideRepository,
    mirrored: source.mirrored,
    source: {
      apiVersion: apiVersionsFor(version).ociRepository,
      kind: "OCIRepository",
      metadata: { name: free, ...(namespace === "" ? {} : { namespace }), ...source.metadata },
      spec: source.spec,
    },
  };
}

/** What forbids a change of the release as this FluxKustomization applies it. */
function objectTo(
  context: TransformContext,
  release: KubeObject,
  chart: Chart,
  { cluster, name, body }: Reading,
): string | undefined {
  if (!isChosen(cluster, context.options))
    return `${cluster.name} is delivered this file as well and is not taken along`;
  const sync = readInstanceSync(context.tree, cluster);
  if (!sync) return `${cluster.name} is delivered this file as well, and no FluxInstance syncs it`;
  if (!atLeast(sync.version, "2.3")) return `chartRef needs Flux 2.3, and ${cluster.name} may run an older one`;
  if (release.apiVersion !== apiVersionsFor(sync.version).helmRelease)
    return `chartRef needs ${apiVersionsFor(sync.version).helmRelease}, and it is written in ${release.apiVersion}`;
  if (name !== release.name || name.includes("${"))
    return `a kustomization calls it ${name}, and would rename its source without telling the release`;
  if (!isSame(body?.spec?.chart, chart)) return "a patch on the way changes its chart";
  return undefined;
}

/** The HelmRepository a release means, as the cluster has it. */
function findRepository(
  { cluster, namespace }: Reading,
  ref: FluxObjectSpec["chartRef"],
): DeliveredFluxObject | undefined {
  const wanted = typeof ref?.namespace === "string" ? ref.namespace : namespace;
  const same = cluster.objects.filter(({ object }) => object.kind === "HelmRepository" && object.name === ref?.name);
  const exact = same.filter((item) => item.namespace === wanted);
  if (exact.length > 0) return exact.length === 1 ? exact[0] : undefined;
  const open = same.filter((item) => item.namespace === "" || wanted === "");
  return open.length === 1 ? open[0] : undefined;
}

/** `namespace/name` of every OCIRepository of any cluster, and of the one that the operator generates. */
function takenNames({ model }: TransformContext): Set<string> {
  const taken = new Set<string>();
  for (const cluster of model.clusters) {
    taken.add(`${cluster.namespace}/${cluster.root.name}`);
    for (const { object, namespace } of cluster.objects)
      if (object.kind === "OCIRepository") taken.add(`${namespace}/${object.name}`);
  }
  return taken;
}

function chooseName(name: string, own: string, namespaces: ReadonlySet<string>, taken: Set<string>) {
  const isFree = (candidate: string) =>
    [...namespaces, ""].every((namespace) => !taken.has(`${namespace}/${candidate}`));
  // In a namespace that others use too, releases of the same name may come from several namespaces.
  const choices = [name, ...(own === "" || namespaces.has(own) ? [] : [`${own}-${name}`]), `${name}-chart`];
  const free = choices.find(isFree);
  if (free !== undefined) for (const namespace of namespaces) taken.add(`${namespace}/${free}`);
  return free;
}

/** Bodies of a build have no prototype, data of a document has. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(copyData(a), copyData(b));
}
