import { readChartUse } from "../../src/cluster/chart-release.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { cutEnd } from "../../src/contract/cut.ts";
import type { Yaml } from "../../src/contract/media.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { isHelmRelease } from "../../src/delivery/kinds.ts";
import { yaml } from "../../src/yaml/text.ts";
import { PROVIDERS } from "../shared/automation/service-monitor.ts";
import { DEFAULT_STYLE, isTemplated, printRelease, scalar } from "./text.ts";

interface ChartSource {
  release: KubeObject;
  chart: string;
  version: string;
  repository?: { name: string; url: string };
}

/** The repository's own chart that brings the CRD, where a HelmRelease pins it. */
export function findCrdChart(cluster: Cluster): ChartSource | undefined {
  const objects = cluster.objects.map(({ object }) => object);
  for (const name of PROVIDERS) {
    for (const release of objects.filter(isHelmRelease)) {
      const { chart, version, source } = readChartUse(release, objects) ?? {};
      if (chart !== name || !version || version.path.at(-1) === "semver") continue;
      const found = /^v?\d+\.\d+\.\d+/.test(version.value) && locateChart(release, source, name, objects);
      if (found) return { release, version: version.value, ...found };
    }
  }
  return undefined;
}

function locateChart(
  release: KubeObject,
  source: KubeObject | undefined,
  name: string,
  objects: readonly KubeObject[],
): Pick<ChartSource, "chart" | "repository"> | undefined {
  if (source) return { chart: String(source.data.spec?.url) };
  const ref = release.data.spec?.chart?.spec?.sourceRef;
  const repository = objects.find((object) => object.kind === "HelmRepository" && object.name === ref?.name);
  const url = repository?.data.spec?.url;
  if (!ref?.name || typeof url !== "string") return undefined;
  if (url.startsWith("oci://")) return { chart: `${cutEnd(url, "/")}/${name}` };
  return { chart: `${ref.name}/${name}`, repository: { name: ref.name, url } };
}

/** A helmfile that is only ever rendered: everything but CRDs is filtered out. Undefined where helmfile would take a value for a template. */
export function printCrdHelmfile(head: Yaml, { release, chart, version, repository }: ChartSource): Yaml | undefined {
  const lines = repository
    ? yaml`repositories:
  - name: ${scalar(repository.name)}
    url: ${scalar(repository.url)}

releases:`
    : yaml`releases:`;
  const { name, namespace } = release;
  const entry = { name, namespace: namespace || "observability", chart, version, values: [], needs: [] };
  if (isTemplated(entry) || repository?.url.includes("{{")) return undefined;
  return yaml`${head}# Only rendered, never installed: the CRDs that the charts of 01-apps.yaml need before they start.
helmDefaults:
  postRenderer: yq
  postRendererArgs:
    - eval-all
    - select(.kind == "CustomResourceDefinition")
    - "-"

${lines}
${printRelease(entry, DEFAULT_STYLE)}`;
}
