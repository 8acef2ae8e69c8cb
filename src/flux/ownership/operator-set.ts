import type { Loc } from "../../errors.ts";
import { applyPatches } from "../effective.ts";
import { installedBase, operatorBase } from "../patches/base.ts";
import { readBaseFacts } from "../patches/facts.ts";
import { CORE_COMPONENTS, EMBEDDED_FLUX, type FluxVersion, newestEmbedded, parseFluxVersion } from "../releases.ts";
import type { InstallStyle, InstanceDescription, YamlData } from "../types.ts";
import { keyOfObject } from "./key.ts";
import { type ReadContext, readFluxSpec } from "./read-object.ts";
import type { ObjectKey, OperatorSet, OwnedObject } from "./types.ts";

/** Version whose object list stands in where none can be read; the lists differ in CRDs of optional components only. */
const FALLBACK: FluxVersion = { major: 2, minor: 6, patch: 4 };

/** The version a `distribution.version` resolves to: the newest embedded one that fits (flux-semantics 1.4). */
export function resolveDistribution(text: unknown): FluxVersion | undefined {
  const range = String(text ?? "")
    .trim()
    .replace(/^[v=]+/, "");
  const exact = parseFluxVersion(range);
  if (exact) return exact;
  const minor = /^[~^]?(\d+)\.(\d+)(\.[x*\d]+)?$/.exec(range);
  const newest = minor ? newestEmbedded({ major: Number(minor[1]), minor: Number(minor[2]) }) : EMBEDDED_FLUX.at(-1);
  return newest === undefined ? undefined : parseFluxVersion(newest);
}

/**
 * Identities that flux-operator generates for a FluxInstance and takes over from whoever applied them (flux-semantics 1.5,
 * 2.1): components, RBAC, network policies, namespace, and the source and root of `sync`, less what patches delete.
 */
export function readOperatorSet(instance: InstanceDescription, namespace: string, context: ReadContext): OperatorSet {
  const { spec } = instance;
  const facts = readBaseFacts(resolveDistribution(spec?.distribution?.version) ?? FALLBACK) ?? readBaseFacts(FALLBACK)!;
  const components = Array.isArray(spec?.components) && spec.components.length > 0 ? spec.components : CORE_COMPONENTS;
  const sync = spec?.sync?.url ? spec.sync : undefined;
  const fields = spec?.cluster?.networkPolicy === false ? ({ networkPolicy: false } as const) : {};
  const base = operatorBase(facts, {
    components,
    namespace,
    fields,
    ...(sync?.name ? { syncName: sync.name } : {}),
    ...(sync?.kind ? { sourceKind: sync.kind } : {}),
  });
  const objects = new Map<ObjectKey, OwnedObject>();
  const keeps = new Set<ObjectKey>();
  for (const object of base) {
    const isSync = object.id.startsWith("sync/");
    if (isSync && !sync) continue;
    if (object.id === "sync/root") object.data.spec.path = sync.path;
    if (object.id === "sync/source") object.data.spec = specOfSource(sync);
    const data = patch(object.data, spec?.kustomize?.patches, isSync);
    if (data === undefined) continue;
    const owned = toOwned(data, namespace);
    const isRoot = object.id === "sync/root";
    objects.set(owned.key, isRoot ? { ...owned, flux: readFluxSpec(data.spec, namespace, context) } : owned);
    if (String(data.metadata?.annotations?.["fluxcd.controlplane.io/prune"]).toLowerCase() === "disabled")
      keeps.add(owned.key);
  }
  return { objects, keeps, carriers: listCarriers(instance, namespace) };
}

/**
 * The source that the operator generates for a FluxInstance, after its patches; undefined when it generates none. Without
 * a `ref` the API server refuses the instance.
 */
export function readGeneratedSource(
  { spec, at }: InstanceDescription,
  namespace: string,
): { name: string; data: YamlData; at: Loc } | undefined {
  const sync = spec?.sync;
  if (!sync?.url || !sync.ref) return undefined;
  const name = sync.name || namespace;
  const plain = {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: String(sync.kind),
    metadata: { name, namespace },
    spec: specOfSource(sync),
  };
  const data = patch(plain, spec?.kustomize?.patches, true);
  return data === undefined ? undefined : { name, data, at };
}

function specOfSource(sync: YamlData): YamlData {
  if (sync.kind === "Bucket") return { endpoint: sync.url, bucketName: sync.ref };
  return { url: sync.url, ref: sync.kind === "OCIRepository" ? { tag: sync.ref } : { name: sync.ref } };
}

/** The objects of an old install that is not in this repository: flux-manifests, or a release of the flux2 chart. */
export function readInstallSet(
  style: InstallStyle,
  version: FluxVersion | undefined,
  components: readonly string[],
  namespace: string,
  patches: unknown,
): Map<ObjectKey, OwnedObject> {
  const facts = (version && readBaseFacts(version)) ?? readBaseFacts(FALLBACK)!;
  const objects = new Map<ObjectKey, OwnedObject>();
  for (const { data } of installedBase(facts, style, components, namespace)) {
    const patched = patch(data, patches, false);
    if (patched === undefined) continue;
    const owned = toOwned(patched, namespace);
    objects.set(owned.key, owned);
  }
  return objects;
}

/** Objects keep their identity under patches, so only deletions matter, except for the sync objects. */
function patch(data: YamlData, patches: unknown, whole: boolean): YamlData | undefined {
  const all = Array.isArray(patches) ? patches : [];
  const used = whole ? all : all.filter((item) => typeof item?.patch === "string" && /\$patch["']?:/.test(item.patch));
  if (used.length === 0) return data;
  const result = applyPatches(data, used);
  return result.deleted ? undefined : result.data;
}

function toOwned(data: YamlData, namespace: string): OwnedObject {
  const isNamespaced = !["Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"].includes(
    data.kind,
  );
  const identity = {
    apiVersion: data.apiVersion,
    kind: data.kind,
    name: data.metadata.name,
    namespace: isNamespaced ? namespace : "",
  };
  return {
    key: keyOfObject(identity),
    kind: identity.kind,
    name: identity.name,
    namespace: identity.namespace,
    spared: false,
  };
}

function listCarriers({ object, form }: InstanceDescription, namespace: string): ObjectKey[] {
  const carrier = keyOfObject({ ...object, namespace: object.namespace || namespace });
  const instance = { apiVersion: "fluxcd.controlplane.io/v1", kind: "FluxInstance", namespace, name: "flux" };
  return form === "manifest" ? [carrier] : [carrier, keyOfObject(instance)];
}
