import type { Install } from "../../cluster/types.ts";
import type { Claim } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { compareFluxVersions, newestEmbedded, parseFluxVersion } from "../../release/releases.ts";
import versions from "../data/chart-versions.json" with { type: "json" };

/**
 * Flux version of the fluxcd-community `flux2` chart. Full versions come from `Chart.yaml` (version and appVersion) or from
 * recorded `helm list` output of that very chart version, or follow because the minor has one release; entries of two
 * numbers are known by minor only. A chart that is not listed says nothing about Flux.
 */
const CHARTS: Readonly<Record<string, string>> = versions;

/**
 * The Flux version a flux2 chart installs; `isExact` is false where only the minor is known, then it is the newest
 * release of that minor. Undefined for charts that are not in the table, and for ranges.
 */
export function fluxVersionOfChart(chart: string): { version: string; isExact: boolean } | undefined {
  const known = ofOwn(CHARTS, chart.trim().replace(/^v/, ""));
  if (known === undefined) return undefined;
  if (parseFluxVersion(known)) return { version: known, isExact: true };
  const [major = 0, minor = 0] = known.split(".").map(Number);
  const newest = newestEmbedded({ major, minor });
  return newest === undefined ? undefined : { version: newest, isExact: false };
}

/** The Flux that an install says, by itself or as the chart it installs; of some charts only the minor is known: `v2.4.x`. */
export function installedFlux(install: Install | undefined): Claim<string> | undefined {
  if (!install || install.version) return install?.version;
  const { value: chart, at } = install.chartVersion ?? {};
  const known = chart === undefined ? undefined : fluxVersionOfChart(chart);
  if (!known || !at) return undefined;
  return { value: `v${known.isExact ? known.version : known.version.replace(/(?<!\d)\d+$/, "x")}`, at };
}

const OLDEST = Object.keys(CHARTS)
  .flatMap((chart) => parseFluxVersion(chart) ?? [])
  .sort(compareFluxVersions)[0]!;

/** Whether a chart came before the first one with a Flux that the operator can manage: chart 2.5.1 has no Flux 2.5. */
export function isTooOldChart(chart: string): boolean {
  const version = parseFluxVersion(chart.trim());
  return version !== undefined && compareFluxVersions(version, OLDEST) < 0;
}
