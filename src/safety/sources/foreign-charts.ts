import { groupKindOf, printKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { listSome, withOthers } from "../../contract/list-some.ts";
import { sortKeys, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import type { Locate } from "../fate/losses.ts";

const SHOWN = 3;

/**
 * Whether a release, or what holds its chart, gets other values or another version; what this repository holds is read.
 * @param valuesRead whether what the values say is known without the chart
 */
export function isOtherChart(old: OwnedObject, now: OwnedObject, valuesRead: boolean): boolean {
  if (old.body === now.body || now.flux) return false;
  const read = ofOwn(READ, groupKindOf(now.key));
  if (!read) return false;
  const specOf = ({ body }: OwnedObject): YamlData => {
    const spec: YamlData = body?.spec ?? {};
    return valuesRead ? { ...spec, values: null, valuesFrom: null } : spec;
  };
  const [before, after] = [old, now].map((each) => read(specOf(each)));
  return after !== undefined && JSON.stringify(before ?? null) !== JSON.stringify(after);
}

const readChart = (spec: YamlData) =>
  ["chart", "version", "sourceRef", "valuesFiles"].map((field) => sortKeys(spec?.[field] ?? null));

/** What decides what a chart renders. */
const READ: Readonly<Record<string, (spec: YamlData) => unknown>> = {
  "helm.toolkit.fluxcd.io|HelmRelease": ({ values, valuesFrom, chart, chartRef }) => [
    values ?? null,
    valuesFrom ?? null,
    readChart(chart?.spec),
    chartRef ?? null,
  ],
  "source.toolkit.fluxcd.io|HelmRepository": ({ url }) => [url ?? null],
  "source.toolkit.fluxcd.io|HelmChart": (spec) => readChart(spec),
  "source.toolkit.fluxcd.io|OCIRepository": ({ url, ref, layerSelector }) =>
    String(layerSelector?.mediaType).includes("helm.chart") ? [url ?? null, ref ?? null] : undefined,
};

/** One line for all of them: nothing of it counts for the verdict. */
export function reportCharts({ charts }: Pick<Comparison, "charts">, locate: Locate): SaidFinding[] {
  const [first] = charts;
  if (!first) return [];
  const names = [...new Set(charts.map(({ key }) => printKey(key)))];
  return [
    {
      rule: "chart-unread",
      level: "info",
      resource: printKey(first.key),
      ...withOthers(names.slice(1)),
      at: locate(first),
      what: `${listSome(names, SHOWN)}: other values, another version or another address of a chart that lies elsewhere; what it renders is not looked at.`,
      why: "Values may switch storage off, and another version may drop or rename objects, which Helm then deletes.",
      next: "Where that matters, compare what both sides render with a tool that fetches charts, such as flate or konflate.",
    },
  ];
}
