import type { ClusterDelivery, Node } from "./deliver.ts";
import { chartUrlOf, chartUrlsOf, identityOf, isFluxInstance, isHelmRelease, keyOf } from "./flux-objects.ts";
import { type Data, parseYaml } from "./snapshot.ts";

/** A FluxInstance as the cluster would get it: from a manifest, or rendered from values of the flux-instance chart. */
export interface EffectiveInstance {
  key: string;
  form: "manifest" | "chart";
  namespace: string;
  name: string;
  annotations: Data;
  spec: Data;
  /** Values given to the chart, without its defaults. */
  values?: Data;
  /** Variables of post-build substitution that nobody in the repository defines. */
  unknown: string[];
  by: string[];
}

/** An operator HelmRelease with the values given to its chart. */
export interface OperatorRelease {
  key: string;
  namespace: string;
  data: Data;
  values: Data;
  chartVersion?: string;
}

const isMap = (value: Data): boolean => value !== null && typeof value === "object" && !Array.isArray(value);

/** Helm's coalescing: maps are merged, everything else is replaced, `null` removes. */
export function mergeValues(base: Data, over: Data): Data {
  if (!isMap(base) || !isMap(over)) return over === undefined ? base : over;
  const out: Data = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete out[key];
    else out[key] = key in base ? mergeValues(base[key], value) : value;
  }
  return out;
}

/** Values of a HelmRelease: `valuesFrom` ConfigMaps that are delivered beside it, then inline values. */
export function valuesOf(release: Data, delivery: ClusterDelivery): { values: Data; missing: string[] } {
  let values: Data = {};
  const missing: string[] = [];
  for (const from of release.spec?.valuesFrom ?? []) {
    const namespace = release.metadata?.namespace ?? "";
    const found = delivery.objects.get(keyOf({ group: "", kind: from.kind, namespace, name: from.name }))?.data;
    const text = found?.data?.[from.valuesKey ?? "values.yaml"];
    if (typeof text === "string") values = mergeValues(values, parseYaml(from.name, text).docs[0]?.data ?? {});
    else if (!from.optional) missing.push(`${from.kind} ${from.name}`);
  }
  return { values: mergeValues(values, release.spec?.values ?? {}), missing };
}

const isEmpty = (value: Data): boolean =>
  value === undefined || value === null || value === "" || (isMap(value) && Object.keys(value).length === 0);

const withoutEmpty = (map: Data): Data =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([, value]) => !isEmpty(value)));

/** What the flux-instance chart renders as `spec` (flux-facts 5.4). `defaults` are the chart's values. */
export function renderInstanceSpec(defaults: Data, values: Data): Data {
  const instance = mergeValues(defaults, values).instance ?? {};
  const spec: Data = {
    distribution: withoutEmpty(instance.distribution),
    components: instance.components,
    cluster: withoutEmpty(instance.cluster),
    kustomize: { patches: instance.kustomize?.patches ?? [] },
  };
  const metadata = withoutEmpty(instance.commonMetadata);
  if (!isEmpty(metadata)) spec.commonMetadata = metadata;
  if (instance.storage?.size) spec.storage = withoutEmpty(instance.storage);
  if (instance.sharding?.shards?.length)
    spec.sharding = { key: instance.sharding.key, shards: instance.sharding.shards };
  if (instance.sync?.url) spec.sync = withoutEmpty(instance.sync);
  return spec;
}

const unknownOf = (nodes: Node[], key: string): string[] => nodes.flatMap((node) => node.unknown.get(key) ?? []);

/** Every FluxInstance delivered to a cluster, in either form. */
export function findInstances(delivery: ClusterDelivery, chartDefaults: Data): EffectiveInstance[] {
  const out: EffectiveInstance[] = [];
  const charts = chartUrlsOf([...delivery.objects.values()].map((object) => object.data));
  for (const [key, { data, by }] of delivery.objects) {
    const id = identityOf(data);
    if (isFluxInstance(data)) {
      const common = { key, namespace: id.namespace, name: id.name, by, unknown: unknownOf(delivery.nodes, key) };
      out.push({ ...common, form: "manifest", annotations: data.metadata?.annotations ?? {}, spec: data.spec ?? {} });
    } else if (isHelmRelease(data) && /\/flux-instance$/.test(chartUrlOf(data, charts))) {
      const { values, missing } = valuesOf(data, delivery);
      const merged = mergeValues(chartDefaults, values);
      out.push({
        key,
        form: "chart",
        namespace: String(data.spec?.targetNamespace ?? id.namespace),
        name: String(merged.fullnameOverride ?? id.name),
        annotations: merged.commonAnnotations ?? {},
        spec: renderInstanceSpec(chartDefaults, values),
        values,
        by,
        unknown: [...unknownOf(delivery.nodes, key), ...missing],
      });
    }
  }
  return out;
}

/** Every HelmRelease of the flux-operator chart delivered to a cluster. */
export function findOperators(delivery: ClusterDelivery): OperatorRelease[] {
  const objects = [...delivery.objects.entries()];
  const charts = chartUrlsOf(objects.map(([, object]) => object.data));
  return objects
    .filter(([, { data }]) => isHelmRelease(data) && /\/flux-operator$/.test(chartUrlOf(data, charts)))
    .map(([key, { data }]) => ({
      key,
      namespace: String(data.spec?.targetNamespace ?? data.metadata?.namespace ?? ""),
      data,
      values: valuesOf(data, delivery).values,
    }));
}

/** Name of the source and root that a FluxInstance generates (flux-facts 1.5). */
export const syncNameOf = (instance: EffectiveInstance): string =>
  String(instance.spec.sync?.name || instance.namespace);
