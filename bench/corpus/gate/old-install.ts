import { type ChartMeaning, readChartValues } from "./chart-table.ts";
import { type ClusterDelivery, sourceKey } from "./deliver.ts";
import { deliveredComponents, slim } from "./flux-base.ts";
import {
  chartUrlsOf,
  identityOf,
  isCommunityChart,
  isFluxKustomization,
  isFluxManifestsSource,
  keyOf,
} from "./flux-objects.ts";
import { valuesOf } from "./instance.ts";
import { versionIn } from "./sights.ts";
import type { Data } from "./snapshot.ts";

/** The install that Flux itself reconciled before the migration, as the gate reads it. */
export interface OldInstall {
  style: "gotk" | "oci-manifests" | "community-chart";
  /** Keys of the objects that are this install. */
  keys: string[];
  /** `2.6.4`; for a chart the first release of its series. */
  version?: string;
  components: string[];
  namespace: string;
  patches: Data[];
  commonMetadata?: Data;
  chart?: ChartMeaning;
  /** Settings of the old install that the reconstruction does not model. */
  unknown: string[];
  /** For gotk: the objects themselves, as Flux delivered them; nothing has to be reconstructed. */
  objects?: Data[];
}

const CONTROLLER =
  /^((source|kustomize|helm|notification|image-reflector|image-automation)-controller|source-watcher)$/;

/** Kinds and names of what `flux install` writes, besides CRDs (flux-facts 4.2, 4.3). */
const GOTK_NAMES: Record<string, RegExp> = {
  NetworkPolicy: /^allow-(egress|scraping|webhooks)$/,
  ResourceQuota: /^critical-pods/,
  ClusterRole: /^(crd-controller|flux-edit|flux-view)/,
  ClusterRoleBinding: /^(crd-controller|cluster-reconciler)/,
  ServiceAccount: CONTROLLER,
  Service: /^(source-controller|notification-controller|webhook-receiver|source-watcher)$/,
  Deployment: CONTROLLER,
};

/** Whether a delivered object is part of a gotk install; the Namespace is when it carries the label of a version. */
export function isGotkObject(data: Data): boolean {
  const { kind, name } = identityOf(data);
  if (kind === "CustomResourceDefinition") return /\.(toolkit|extensions)\.fluxcd\.io$/.test(name);
  const labels = data.metadata?.labels ?? {};
  if (labels["app.kubernetes.io/part-of"] !== "flux") return false;
  if (kind === "Namespace") return labels["app.kubernetes.io/version"] !== undefined;
  return GOTK_NAMES[kind]?.test(name) ?? false;
}

/** The gotk install a cluster delivers: CRDs and controllers, wherever their files lie and whatever they are called. */
function gotkInstall(delivery: ClusterDelivery): OldInstall[] {
  const found = [...delivery.objects.entries()].filter(([, { data }]) => isGotkObject(data));
  const objects = found.map(([, { data }]) => structuredClone(data));
  const deployments = objects.filter((data) => data.kind === "Deployment");
  if (deployments.length === 0 || !objects.some((data) => data.kind === "CustomResourceDefinition")) return [];
  const namespace = String(deployments[0]?.metadata?.namespace ?? "flux-system");
  for (const deployment of deployments) {
    for (const container of deployment.spec?.template?.spec?.containers ?? []) {
      container.args = container.args?.map((arg: unknown) =>
        String(arg).replace(/^(--events-addr=.*)\$\(RUNTIME_NAMESPACE\)/, `$1${namespace}`),
      );
    }
  }
  const version = versionIn(deployments[0]?.metadata?.labels?.["app.kubernetes.io/version"]);
  return [
    {
      style: "gotk",
      keys: found.map(([key]) => key),
      ...(version ? { version } : {}),
      components: deployments.map((data) => String(data.metadata.name)),
      namespace,
      patches: [],
      unknown: [],
      objects: objects.map((object) => slim(object)),
    },
  ];
}

/** Legacy patch fields of a FluxKustomization in the form of `patches`. */
function allPatches(spec: Data): Data[] {
  const asText = (value: Data): string => (typeof value === "string" ? value : JSON.stringify(value));
  return [
    ...(spec.patches ?? []),
    ...(spec.patchesStrategicMerge ?? []).map((item: Data) => ({ patch: asText(item) })),
    ...(spec.patchesJson6902 ?? []).map((item: Data) => ({ target: item.target, patch: asText(item.patch) })),
  ];
}

/** Every install of a cluster that is delivered by Flux itself; empty for bootstrap-only ones. */
export function oldInstallsOf(delivery: ClusterDelivery): OldInstall[] {
  const objects = [...delivery.objects.entries()];
  const charts = chartUrlsOf(objects.map(([, object]) => object.data));
  const out: OldInstall[] = gotkInstall(delivery);
  for (const [key, { data }] of objects) {
    if (isFluxManifestsSource(data)) {
      const id = identityOf(data);
      const readers = objects.filter(
        ([, { data: fk }]) => isFluxKustomization(fk) && sourceKey(fk) === `${id.kind} ${id.namespace}/${id.name}`,
      );
      for (const [readerKey, { data: fk }] of readers) {
        const version = versionIn(data.spec?.ref?.tag);
        out.push({
          style: "oci-manifests",
          keys: [key, readerKey],
          ...(version ? { version } : {}),
          components: version ? deliveredComponents("oci-manifests", version) : [],
          namespace: String(fk.spec?.targetNamespace ?? "flux-system"),
          patches: allPatches(fk.spec ?? {}),
          commonMetadata: fk.spec?.commonMetadata,
          unknown: ["images", "namePrefix", "nameSuffix", "components"].filter((field) => fk.spec?.[field]),
        });
      }
    } else if (isCommunityChart(data, charts)) {
      const { values, missing } = valuesOf(data, delivery);
      const chart = readChartValues(values);
      const minor = /^v?2\.(\d+)\./.exec(String(data.spec?.chart?.spec?.version ?? ""))?.[1];
      out.push({
        style: "community-chart",
        keys: [keyOf(identityOf(data))],
        ...(minor && Number(minor) >= 10 ? { version: `2.${Number(minor) - 10}.0` } : {}),
        components: chart.components,
        namespace: String(data.spec?.targetNamespace ?? identityOf(data).namespace),
        patches: chart.patches,
        chart,
        unknown: [...chart.unknown, ...missing],
      });
    }
  }
  return out;
}
