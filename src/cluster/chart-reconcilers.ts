import type { InstallElsewhere } from "../contract/install-ways.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { basename } from "../delivery/paths.ts";
import { positionAt } from "../yaml/lines.ts";

/** The charts that install Flux, or its operator. */
export type FluxChart = "flux2" | "flux-operator";

/** A chart by its name, in a repository that is called by one, or by its address. */
export const CHART_NAMES: Record<FluxChart, RegExp> = {
  flux2: /^(?:[\w.-]+\/|oci:\/\/\S+\/)?flux2$/,
  "flux-operator": /^(?:[\w.-]+\/|oci:\/\/\S+\/)?flux-operator$/,
};

/** What keeps Helm releases in clusters: a part of its API group, its kinds, and the charts that an object asks for. */
const RECONCILERS: readonly (readonly [group: string, kinds: RegExp, charts: (spec: YamlData) => unknown[]])[] = [
  ["addons.cluster.x-k8s.io/", /^HelmChartProxy$/, (spec) => [spec?.chartName]],
  ["crossplane.io/", /^Release$/, (spec) => [spec?.forProvider?.chart?.name]],
  ["apiextensions.crossplane.io/", /^Composition$/, (spec) => composedCharts(spec)],
  ["config.projectsveltos.io/", /Profile$/, (spec) => itemsOf(spec?.helmCharts).map((chart) => chart.chartName)],
  ["helm.k0sproject.io/", /^Chart$/, (spec) => [spec?.chartName]],
  ["k0s.k0sproject.io/", /^Cluster/, (spec) => k0sCharts(spec)],
  ["k0sctl.k0sproject.io/", /^Cluster$/i, (spec) => k0sCharts(spec?.k0s?.config?.spec)],
];

const FLEET =
  /^helm:[ \t]*(?:#.*)?\r?\n(?:(?:[ \t].*)?\r?\n)*?[ \t]+chart:[ \t]*["']?(?:oci:\/\/\S+\/)?(flux2|flux-operator)["']?[ \t]*(?:#.*)?\r?$/m;

function k0sCharts(spec: YamlData): unknown[] {
  return itemsOf(spec?.extensions?.helm?.charts).map((chart) => chart.chartname);
}

/** Of the releases that a Composition makes, by itself or by a step of its pipeline. */
function composedCharts(spec: YamlData): unknown[] {
  const steps = itemsOf(spec?.pipeline).map(({ input }) => input);
  return [spec, ...steps].flatMap((one) =>
    itemsOf(one?.resources).flatMap(({ base }) =>
      base?.kind === "Release" ? base.spec?.forProvider?.chart?.name : [],
    ),
  );
}

/** Whether a file may hold what one of them goes by. */
export function mayReconcile(text: string): boolean {
  return RECONCILERS.some(([group]) => text.includes(group));
}

/** Whether an object has one of them keep a release of a chart. */
export function isReconciler({ apiVersion, kind, data }: KubeObject, name: FluxChart): boolean {
  return RECONCILERS.some(
    ([group, kinds, charts]) =>
      apiVersion.includes(group) &&
      kinds.test(kind) &&
      charts(data.spec).some((chart) => typeof chart === "string" && CHART_NAMES[name].test(chart)),
  );
}

/** The chart in a `fleet.yaml`, by which Rancher Fleet makes a bundle of a folder. */
export function readFleet(file: string, text: string, name: FluxChart): InstallElsewhere[] {
  const found = /^fleet\.ya?ml$/.test(basename(file)) ? FLEET.exec(text) : null;
  if (found?.[1] !== name) return [];
  const line = positionAt(text, found.index + found[0].length).line;
  return [{ by: "reconciler", file, line, name: "the bundle of Rancher Fleet" }];
}
