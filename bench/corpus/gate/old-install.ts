import { type ChartMeaning, readChartValues } from "./chart-table.ts";
import { type ClusterDelivery, sourceKey } from "./deliver.ts";
import { deliveredComponents } from "./flux-base.ts";
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
  style: "oci-manifests" | "community-chart";
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
  const out: OldInstall[] = [];
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
