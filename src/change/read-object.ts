import { printFrozen, readFrozen } from "../admission/immutable.ts";
import { keyOfObject, type ObjectKey } from "../admission/key.ts";
import { findOddLabel, listRefusedMarks } from "../admission/metadata.ts";
import { isOpenText } from "../admission/open-text.ts";
import { chartNameOf, releaseNameOf } from "../cluster/chart-release.ts";
import type { Cluster } from "../cluster/types.ts";
import { getOrMake } from "../contract/group-by.ts";
import { sortKeys, type YamlData } from "../contract/objects.ts";
import { FILLED_FROM, type FluxObjectSpec } from "../contract/specs.ts";
import { withCommonMetadata } from "../delivery/common-metadata.ts";
import { isFluxKustomization, isHelmRelease } from "../delivery/kinds.ts";
import type { DeliveredObject } from "../delivery/kustomize/index.ts";
import type { FluxVersion } from "../release/releases.ts";
import { isMap } from "../yaml/is-map.ts";
import type { CopyOf } from "./copies.ts";
import { finalizes, isForced, isLaidOver, isNeverApplied, isSkipped, isSparedInGit } from "./exclusions.ts";
import { nameOfCluster, remoteOf } from "./kube-config.ts";
import { DEFAULTS, type Settings } from "./settings.ts";
import type { FluxSpec, OwnedObject, ReleaseSpec } from "./types.ts";
import { placeSources } from "./value-keys.ts";

/** Fields of a FluxKustomization that decide what it applies and deletes; interval, wait or dependsOn do not. */
export const BUILD_FIELDS = [
  ...["path", "targetNamespace", "namePrefix", "nameSuffix", "components", "ignoreMissingComponents"],
  ...["patches", "patchesStrategicMerge", "patchesJson6902", "postBuild", "commonMetadata", "kubeConfig", "decryption"],
];

export interface ReadContext {
  version: FluxVersion | undefined;
  /** `Kind/name` of the sources that hold this repository. */
  sources: ReadonlySet<string>;
  /** `Kind/namespace/name` of those that are called so elsewhere, and hold another one. */
  namesakes?: ReadonlySet<string>;
  /** Tells sources of this repository apart that leave out other files; `''` where nothing is left out. */
  viewOf: (source: string) => string;
  /** What a FluxKustomization on a copied artifact reads; absent where that does not matter. */
  copyOf?: CopyOf;
  /** Folder that the artifact of its own of a FluxKustomization is filled from. */
  filledFrom?: (spec: YamlData, namespace: string) => string | undefined;
  /** What releases of the flux2 chart hold. */
  chartHolds: () => readonly ObjectKey[];
  settings?: Settings;
  /** Short ids for long texts, and specs by the data they were read from: both trees share what does not change. */
  ids: Map<string, string>;
  specs: WeakMap<object, Map<string, FluxSpec>>;
}

/** What a root reads from, as the cluster has it. */
export function readSource({ runningSource: source, namespace: own }: Cluster): OwnedObject | undefined {
  if (!source) return undefined;
  const { apiVersion, kind, name, data: body } = source;
  const namespace = source.namespace || own;
  return { key: keyOfObject({ apiVersion, kind, namespace, name }), kind, namespace, name, spared: false, body };
}

/** The spec of a FluxKustomization as far as deleting goes. */
export function readFluxSpec(spec: YamlData, namespace: string, context: ReadContext): FluxSpec {
  if (typeof spec !== "object" || spec === null) return readSpec(spec, namespace, context);
  const byNamespace = getOrMake(context.specs, spec, () => new Map());
  return getOrMake(byNamespace, namespace, () => readSpec(spec, namespace, context));
}

function readSpec(said: YamlData, namespace: string, context: ReadContext): FluxSpec {
  const spec = placeSources(dropNulls((isMap(said) && context.copyOf?.(said)) || said), namespace);
  const ref = spec?.sourceRef ?? {};
  const source = `${ref.kind}/${ref.namespace ?? namespace}/${ref.name}`;
  const folder = isMap(spec) ? context.filledFrom?.(spec, namespace) : undefined;
  const isOwn = context.sources.has(`${ref.kind}/${ref.name}`) && !context.namesakes?.has(source);
  const isLocal = isOwn || folder !== undefined;
  const remote = remoteOf(spec, namespace);
  const built = Object.fromEntries(BUILD_FIELDS.map((field) => [field, spec?.[field]]));
  // What a variable decides may be so.
  const prune = spec?.prune === true || isOpenText(spec?.prune);
  const suspend = spec?.suspend === true;
  const deletes = finalizes({ ...spec, prune }, context.version);
  const force = spec?.force === true ? { force: true as const } : {};
  const from = isLocal ? context.viewOf(`${ref.kind}/${ref.name}`) : source;
  const text = JSON.stringify(sortKeys({ ...built, prune, suspend, deletes, from, folder, remote, ...force }));
  return {
    id: idOf(text, context),
    prune,
    suspend,
    finalizes: deletes,
    source: isLocal ? source : "",
    ...force,
    ...(remote === "" ? {} : { remote }),
    data: { spec: placeAt(spec, folder), isLocal },
  };
}

const idOf = (text: string, { ids }: Pick<ReadContext, "ids">): string => getOrMake(ids, text, () => String(ids.size));

/**
 * What makes its objects by itself, such as a ResourceSet, in the form of a FluxKustomization.
 * @param text all that decides what it makes and deletes
 */
export function makeOwnSpec(
  text: string,
  said: Pick<FluxSpec, "suspend" | "finalizes" | "force"> & Required<Pick<FluxSpec, "own">>,
  context: Pick<ReadContext, "ids">,
): FluxSpec {
  return { id: idOf(text, context), prune: true, source: "", data: { spec: {}, isLocal: false }, ...said };
}

/** What the change makes of its artifact counts, whatever the model of the tree before says. */
function placeAt(spec: FluxObjectSpec | undefined, folder: string | undefined): FluxObjectSpec {
  return spec?.[FILLED_FROM] === folder ? (spec ?? {}) : { ...spec, [FILLED_FROM]: folder };
}

/** A field without a value, such as one whose lines are commented out, is not there for the API server. */
function dropNulls(spec: YamlData): YamlData {
  if (!isMap(spec) || Object.values(spec).every((value) => value !== null)) return spec;
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null));
}

/**
 * An object as a FluxKustomization with `commonMetadata` applies it.
 * @param remote the cluster it goes to, `''` for the one Flux runs in; what Flux objects do elsewhere is not followed
 * @param open what an unknown part of its id hangs on
 * @param settle fills in the defaults of variables that nothing sets
 */
export function readOwnedObject(
  object: DeliveredObject,
  common: YamlData,
  context: ReadContext,
  remote: string,
  open?: string,
  settle?: (text: string) => string,
): OwnedObject {
  const { kind, name, namespace, file, doc } = object;
  const own = object.body.metadata as YamlData;
  const body = withCommon(object.body as YamlData, common);
  const metadata = {
    labels: { ...(findOddLabel(own?.labels) === undefined && own?.labels), ...common?.labels },
    annotations: { ...own?.annotations, ...common?.annotations },
  };
  const defined = kind === "CustomResourceDefinition" ? body.spec : undefined;
  const key = keyOfObject(object, remote);
  const isApplied = !isSkipped(metadata, context.version);
  const fixed = isApplied ? readFrozen(key, body, (context.settings ?? DEFAULTS).immutable) : undefined;
  const frozen = fixed && settle ? mapTexts(fixed, settle) : fixed;
  return {
    key,
    kind,
    namespace,
    name,
    spared: isSparedInGit(metadata, context.version),
    at: { file, line: 1, col: 1 },
    doc,
    body,
    ...(settle ? { settle } : {}),
    ...(object.hidden || isLaidOver(metadata, context.version) ? { isPart: true as const } : {}),
    ...(isNeverApplied(metadata, context.version) ? { ignored: true as const } : {}),
    ...(object.follows ? { follows: object.follows } : {}),
    ...(body.sops ? { encrypted: true as const } : {}),
    ...(open === undefined ? {} : { open }),
    ...(isFluxKustomization(object) && remote === "" ? { flux: readFluxSpec(body.spec, namespace, context) } : {}),
    ...(isHelmRelease(object) ? { release: readRelease(object, body.spec, context, remote) } : {}),
    ...(defined ? { defines: `${defined.group}|${defined.names?.kind}` } : {}),
    ...(frozen === undefined ? {} : { frozen }),
    ...(isForced(metadata) ? { force: true as const } : {}),
    ...(kind === "ResourceSet" ? { recipe: JSON.stringify(sortKeys(body.spec ?? {})) } : {}),
  };
}

/** Where `commonMetadata` holds what no object may, that is said of the FluxKustomization. */
const withCommon = (body: YamlData, common: YamlData): YamlData =>
  listRefusedMarks(common).length > 0 ? body : withCommonMetadata(body, common);

export function mapTexts(value: YamlData, change: (text: string) => string): YamlData {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapTexts(one, change)]));
}

/** What cannot be changed in an object that holds data, as text. */
export function printFixed(key: ObjectKey, frozen: YamlData, { dataOf, immutable }: Settings = DEFAULTS): string {
  return frozen === undefined || dataOf(key) === undefined ? "" : printFrozen(key, frozen, immutable);
}

/** What charts of Flux itself make. Of `flux2-sync` both bear the name of the release. */
function holdsOf(
  chart: string | undefined,
  name: string,
  namespace: string,
  context: ReadContext,
): readonly ObjectKey[] {
  if (chart === "flux2") return context.chartHolds();
  if (chart !== "flux2-sync") return [];
  const source = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository" };
  const root = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
  return [source, root].map((one) => keyOfObject({ ...one, name, namespace }));
}

/** How Helm calls what a HelmRelease installs, where it installs it, and where it keeps its records. */
export function nameRelease(
  spec: YamlData,
  name: string,
  namespace: string,
): Pick<ReleaseSpec, "name" | "target" | "storage"> {
  return {
    name: releaseNameOf({ name, data: { spec } }),
    target: String(spec?.targetNamespace ?? namespace),
    storage: String(spec?.storageNamespace ?? namespace),
  };
}

function readRelease(object: DeliveredObject, spec: YamlData, context: ReadContext, remote: string): ReleaseSpec {
  const { namespace } = object;
  const called = nameRelease(spec, object.name, namespace);
  const { name, target, storage } = called;
  const named = spec?.chart?.spec?.chart;
  const chart = typeof named === "string" ? chartNameOf(named) : undefined;
  const isInPlace = spec?.upgrade?.chartNameChangeStrategy === "InPlaceUpdate";
  const chartRef = isInPlace ? undefined : chartSourceOf(spec, namespace, remote);
  return {
    suspend: spec?.suspend === true,
    ...(isMap(spec?.kubeConfig) ? { cluster: nameOfCluster(spec.kubeConfig) } : {}),
    identity: JSON.stringify([name, target, storage]),
    ...called,
    ...(chart === undefined || isInPlace ? {} : { chart }),
    ...(chartRef === undefined ? {} : { chartRef }),
    holds: isMap(spec?.kubeConfig) ? [] : holdsOf(chart, name, target, context),
  };
}

/** What the `chartRef` of a release names, in the cluster that the release itself is applied to. */
export function chartSourceOf(spec: YamlData, own: string, remote: string): ObjectKey | undefined {
  const { kind = "OCIRepository", namespace, name } = isMap(spec?.chartRef) ? spec.chartRef : {};
  if (typeof name !== "string") return undefined;
  return keyOfObject({ apiVersion: "source.toolkit.fluxcd.io/v1", kind, namespace: namespace ?? own, name }, remote);
}

/** Name of the chart that a source holds: the end of its URL. */
export function chartOf(source: YamlData): string | undefined {
  const address = source?.spec?.url ?? source?.spec?.chart;
  return typeof address === "string" ? chartNameOf(address) : undefined;
}
