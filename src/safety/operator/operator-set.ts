import { makeImmutableRows, readFrozen } from "../../admission/immutable.ts";
import { keyOfObject, type ObjectKey } from "../../admission/key.ts";
import { findRefusals, sayRefusal } from "../../admission/refused.ts";
import { type ReadContext, readFluxSpec } from "../../change/read-object.ts";
import { listSpoilt } from "../../change/spoilt-install.ts";
import type { Build, OperatorSet, OwnedObject } from "../../change/types.ts";
import type { Cluster, InstanceDescription } from "../../cluster/types.ts";
import { readable } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import {
  type InstallStyle,
  itemsOf,
  readableSpec,
  sortKeys,
  type YamlData,
  type YamlMap,
} from "../../contract/objects.ts";
import { patched } from "../../delivery/patched.ts";
import { installedBase, operatorBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { generateSource } from "../../release/generated-sync.ts";
import { newestFitting, readExact, readRange } from "../../release/ranges.ts";
import {
  CORE_COMPONENTS,
  compareFluxVersions,
  EMBEDDED_FLUX,
  type FluxVersion,
  fluxEmbeddedBy,
  isLaterOperator,
  nearestFlux,
  parseFluxVersion,
} from "../../release/releases.ts";
import { runPatches, selectObjects } from "../../release/simulate.ts";
import type { SimObject } from "../../release/types.ts";
import { isMap } from "../../yaml/is-map.ts";
import { listGrants } from "../refused/lost-grants.ts";
import { isPlain } from "./plain-instance.ts";

/** Version whose object list stands in where none can be read; the lists differ in CRDs of optional components only. */
const FALLBACK: FluxVersion = { major: 2, minor: 6, patch: 4 };

/**
 * The Flux that a `distribution` asks for: the newest embedded one that fits its version, of those that the manifests hold
 * which it names (flux-facts 1.4, 5.3).
 */
export function resolveDistribution(distribution: YamlData): FluxVersion | undefined {
  const range = String(distribution?.version ?? "").trim();
  const exact = readExact(range);
  if (exact) return exact;
  const test = readRange(range);
  const held = readHeld(distribution);
  const fits = held && newestFitting((one) => compareFluxVersions(one, held) <= 0 && (test?.(one) ?? true));
  if (fits) return fits;
  return test ? newestFitting(test) : parseFluxVersion(EMBEDDED_FLUX.at(-1)!);
}

/** Where the operator's own manifests lie; the tag is a version of it, or `latest`. */
export const OWN_ARTIFACT =
  /^oci:\/\/ghcr\.io\/controlplaneio-fluxcd\/flux-operator-manifests(?::([\w.-]+))?(?:@sha256:[\da-f]{64})?$/;

/** The newest Flux that the manifests of a `distribution` hold, where these are those of a known release of the operator. */
export function readHeld(distribution: YamlData): FluxVersion | undefined {
  const tag = OWN_ARTIFACT.exec(String(distribution?.artifact ?? ""))?.[1];
  if (tag === undefined || isLaterOperator(tag)) return undefined;
  return parseFluxVersion(fluxEmbeddedBy(tag) ?? "");
}

/** The Flux a cluster runs, as far as its install or its FluxInstance says. */
export function versionOf({ install }: Cluster, instance: InstanceDescription | undefined): FluxVersion | undefined {
  const installed = install?.version && parseFluxVersion(install.version.value);
  return installed ?? (instance ? resolveDistribution(instance.spec.distribution) : undefined);
}

/**
 * Identities that flux-operator generates for a FluxInstance and takes over from whoever applied them (flux-facts 1.5,
 * 2.1): components, RBAC, network policies, namespace, and the source and root of `sync`, less what patches delete.
 * @param at where the URL of `sync` stands
 */
export function readOperatorSet(
  instance: InstanceDescription,
  namespace: string,
  context: ReadContext,
  at = instance.at,
): OperatorSet {
  const { spec } = instance;
  const resolved = resolveDistribution(spec.distribution);
  const version = resolved ?? FALLBACK;
  const nearest = nearestFlux(version);
  const facts = readBaseFacts(nearest ?? FALLBACK) ?? readBaseFacts(FALLBACK)!;
  // Another minor may hold objects that are not known here, and so may one that no known release fits.
  const isKnown = resolved !== undefined && nearest?.minor === version.minor;
  const components = wantedComponents(spec);
  const sync = spec.sync?.url ? spec.sync : undefined;
  const fields = {
    ...(spec.cluster?.networkPolicy === false ? ({ networkPolicy: false } as const) : {}),
    ...(spec.cluster?.multitenant === true ? { multitenant: readTenancy(spec.cluster) } : {}),
  };
  const base = operatorBase(facts, {
    components,
    namespace,
    fields,
    ...(sync?.name ? { syncName: sync.name } : {}),
    ...(sync?.kind ? { sourceKind: sync.kind } : {}),
  });
  const wanted = base.filter(({ id }) => sync || !id.startsWith("sync/"));
  for (const { id, data } of wanted) {
    if (id === "sync/root") data.spec.path = sync.path;
    if (id === "sync/source") data.spec = specOfSource(sync);
  }
  const plain = new Map((isKnown ? listRefusals(wanted.filter(isSync)) : []).map(({ says, path }) => [says, path]));
  const idle = listIdleTargets(wanted, spec.kustomize?.patches);
  const says = runPatches(wanted, spec.kustomize?.patches);
  if (spec.cluster?.size !== undefined) for (const { data } of wanted) forgetResources(data);
  const objects = new Map<ObjectKey, OwnedObject>();
  const keeps = new Set<ObjectKey>();
  for (const { id, data } of wanted.filter(({ deleted }) => !deleted)) {
    const owned = toOwned(data, namespace);
    const more =
      id === "sync/root"
        ? { flux: readFluxSpec(data.spec, namespace, context) }
        : id === "sync/source"
          ? { body: data, at }
          : {};
    objects.set(owned.key, { ...owned, ...more });
    if (String(data.metadata?.annotations?.["fluxcd.controlplane.io/prune"]).toLowerCase() === "disabled")
      keeps.add(owned.key);
  }
  for (const data of listExtras(spec, components)) {
    const owned = toOwned(data, namespace);
    objects.set(owned.key, owned);
  }
  const carriers = listCarriers(instance, namespace);
  const all = listRefusals(wanted.filter((one) => isKnown || !isSync(one)));
  const found = all.filter(({ says }) => !plain.has(says));
  const list = (isDropped: boolean) => found.filter(({ drops }) => drops === isDropped).map(({ says }) => says);
  // The FluxInstance takes any address, unlike the rest of its sync.
  const refusedUrl = all.find(({ says }) => plain.get(says) === "spec.url")?.says;
  const refused = { refused: list(false), dropped: list(true), ...(refusedUrl ? { refusedUrl } : {}) };
  const made = wanted.flatMap(({ data, deleted }) => (deleted ? [] : [data]));
  const parts = { spoilt: listSpoilt(made), grants: listGrants(made) };
  const isSure = isKnown && isPlain(spec);
  const failure = says === undefined ? undefined : { says, isSure };
  const isStuck = refusedUrl !== undefined || (isSure && (failure !== undefined || refused.refused.length > 0));
  return {
    objects,
    keeps,
    carriers,
    failure,
    ...refused,
    isStuck,
    ...parts,
    idle,
    ...(isKnown ? {} : { isGuessed: true }),
  };
}

/** Components of which each shard has its own, and those with a Service. */
const SHARDED = [
  "source-controller",
  "kustomize-controller",
  "helm-controller",
  "image-reflector-controller",
  "image-automation-controller",
];
const SERVED = "source-controller";

/** What a FluxInstance installs, each once: an empty list means the default, as no list does. */
export function wantedComponents(spec: YamlMap): readonly string[] {
  return itemsOf(spec.components).length > 0 ? [...new Set<string>(spec.components)] : CORE_COMPONENTS;
}

/** The claim of source-controller, and what shards bring; patches may name them, but hardly take them out (flux-facts 1.6). */
function listExtras(spec: YamlMap, components: readonly string[]): YamlData[] {
  const claim = (name: string): YamlData => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
  });
  const isStored = typeof spec.storage?.size === "string" && spec.storage.size !== "";
  const shards: unknown[] = itemsOf(spec.sharding?.shards);
  return [
    ...(isStored ? [claim(SERVED)] : []),
    ...shards.flatMap((shard) => [
      ...(isStored && spec.sharding.storage === "persistent" ? [claim(`${SERVED}-${shard}`)] : []),
      ...components
        .filter((name) => SHARDED.includes(name))
        .map((name) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: `${name}-${shard}` } })),
      ...(components.includes(SERVED)
        ? [{ apiVersion: "v1", kind: "Service", metadata: { name: `${SERVED}-${shard}` } }]
        : []),
    ]),
  ];
}

/** What a size of the cluster sets is not known here, as little as a variable. */
function forgetResources({ spec }: YamlData): void {
  for (const container of itemsOf(spec?.template?.spec?.containers)) container.resources = "${SIZE}";
}

/** Source and root, of which only what a patch adds is of interest: what `sync` says is the FluxInstance's own. */
const isSync = ({ id }: SimObject): boolean => id.startsWith("sync/");

/**
 * What the API server refuses of some objects, and fields that the operator leaves out, each with why. Of what is neither a controller
 * nor of the sync the tables hold parts only.
 */
function listRefusals(objects: readonly SimObject[]): { drops: boolean; says: string; path: string }[] {
  return objects.flatMap((one) => {
    const { kind, metadata } = one.data;
    const found = one.deleted ? [] : findRefusals(one.data, isSync(one) || kind === "Deployment");
    return found.map((refusal) => ({
      drops: refusal.drops === "field",
      says: `${kind} ${metadata.name}: ${sayRefusal(refusal)}`,
      path: refusal.path.join("."),
    }));
  });
}

function readTenancy({ tenantDefaultServiceAccount: account }: YamlData): { tenantDefaultServiceAccount?: string } {
  return typeof account === "string" && account !== "" ? { tenantDefaultServiceAccount: account } : {};
}

/**
 * What the operators of clusters that are known here have adopted there, of what this one applies to them through a
 * kubeconfig: their marks keep kustomize-controller off it, whichever cluster that runs in (flux-facts 2.4 item 2).
 */
export function readAdoptedElsewhere(
  { remotes }: Cluster,
  clusters: readonly Cluster[],
  context: ReadContext,
): Set<ObjectKey> {
  const keys = remotes.flatMap(({ by, files }) => {
    const { remote } = readFluxSpec(readableSpec(by), by.namespace, context);
    const known = clusters.find(({ root }) => files.has(root.file));
    const instance = known?.instances.find(({ delivered }) => delivered);
    if (!known || !instance || remote === undefined) return [];
    const { objects } = readOperatorSet(instance, known.namespace, context);
    return [...objects.values()].map(({ key }) => `${key}|@${remote}`);
  });
  return new Set(keys);
}

/** Targets of patches that select nothing of what a release holds, as text. */
function listIdleTargets(base: readonly SimObject[], patches: unknown): string[] {
  const targets = itemsOf(patches).flatMap(({ target }) => (isMap(target) ? [target] : []));
  const idle = targets.filter((target) => selectObjects(base, target).length === 0);
  return idle.map((target) => JSON.stringify(sortKeys(target)));
}

/**
 * The source that the operator generates for a FluxInstance, after its patches; undefined when it generates none. Without
 * a `ref` the API server refuses the instance.
 */
export function readGeneratedSource(
  { spec, at }: InstanceDescription,
  namespace: string,
): { name: string; data: YamlData; at: Loc } | undefined {
  const sync = spec.sync;
  if (!sync?.url || (sync.ref ?? undefined) === undefined) return undefined;
  const name = sync.name || namespace;
  const plain = {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: String(sync.kind),
    metadata: { name, namespace },
    spec: specOfSource(sync),
  };
  // Where a patch does not apply the operator changes nothing, which its set of objects says.
  const data = readable(patched(plain, spec.kustomize?.patches, at));
  return data === undefined ? undefined : { name, data, at };
}

function specOfSource(sync: YamlData): YamlData {
  return generateSource({ interval: "1m", ...sync }, "", FALLBACK).spec;
}

/** What a release of the flux2 chart holds. Helm leaves the namespace. */
export function listChartObjects(version: FluxVersion | undefined, namespace: string): ObjectKey[] {
  const set = readInstallSet("community-chart", version, CORE_COMPONENTS, namespace, []);
  return [...(set.ok ? set.objects.keys() : [])].filter((key) => !key.startsWith("|Namespace"));
}

/** The objects of an old install that is not in this repository: flux-manifests, or a release of the flux2 chart. */
export function readInstallSet(
  style: InstallStyle,
  version: FluxVersion | undefined,
  components: readonly string[],
  namespace: string,
  patches: unknown,
  rename = asIs,
): Build {
  const facts = (version && readBaseFacts(version)) ?? readBaseFacts(FALLBACK)!;
  const base = installedBase(facts, style, components, namespace);
  const failure = runPatches(base, patches);
  const present = base.filter(({ deleted }) => !deleted).map(({ data }) => toApplied(data, namespace, rename));
  const objects = new Map(present.map((owned) => [owned.key, owned]));
  return failure === undefined ? { ok: true, objects, unknown: [] } : { ok: false, reason: failure };
}

/** What tells an object from others of its group. */
export type Identity = Pick<OwnedObject, "kind" | "name" | "namespace">;

const asIs = (identity: Identity): Identity => identity;

function toOwned(data: YamlData, namespace: string, rename = asIs): OwnedObject {
  const { apiVersion, kind, metadata } = data;
  const isCluster = ["Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"].includes(kind);
  const identity = rename({ kind, name: metadata.name, namespace: isCluster ? "" : namespace });
  const isWhole = data.spec && (kind === "NetworkPolicy" || kind === "Service");
  const said = kind === "Deployment" ? runsOf(data) : isWhole || kind === "ClusterRoleBinding" ? data : undefined;
  const body = said ? { body: said, isPart: true as const } : {};
  return { ...identity, key: keyOfObject({ ...identity, apiVersion }), spared: false, ...body };
}

/** As kustomize-controller applies it, whole; of CRDs the facts hold names alone. */
function toApplied(data: YamlData, namespace: string, rename: typeof asIs): OwnedObject {
  const { body: _, isPart: __, ...owned } = toOwned(data, namespace, rename);
  if (data.kind === "CustomResourceDefinition") return owned;
  const frozen = readFrozen(owned.key, data, makeImmutableRows());
  return { ...owned, body: data, ...(frozen === undefined ? {} : { frozen }) };
}

/** Of what the release says of a controller only its pods, their labels, ports, rights, flags and resources, what they need, and what cannot be changed matter here. */
function runsOf({ apiVersion, kind, metadata, spec }: YamlData): YamlData {
  const pod = spec?.template?.spec;
  const { serviceAccountName, priorityClassName, volumes } = pod ?? {};
  const containers = itemsOf(pod?.containers).map(({ name, args, ports, env, envFrom, resources }) => {
    return { name, args, ports, env, envFrom, resources };
  });
  const labels = spec?.template?.metadata?.labels;
  const template = { metadata: { labels }, spec: { serviceAccountName, priorityClassName, volumes, containers } };
  const { replicas, selector, strategy } = spec ?? {};
  return { apiVersion, kind, metadata: { name: metadata?.name }, spec: { replicas, selector, strategy, template } };
}

function listCarriers({ object, form }: InstanceDescription, namespace: string): ObjectKey[] {
  const carrier = keyOfObject({ ...object, namespace: object.namespace || namespace });
  const instance = { apiVersion: "fluxcd.controlplane.io/v1", kind: "FluxInstance", namespace, name: "flux" };
  return form === "manifest" ? [carrier] : [carrier, keyOfObject(instance)];
}
