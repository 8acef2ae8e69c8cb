import { newestEmbedded, parseFluxVersion } from "../../release/releases.ts";

/**
 * Flux version of the fluxcd-community `flux2` chart. Full versions come from `Chart.yaml` (version and appVersion) or from
 * recorded `helm list` output of that very chart version, or follow because the minor has one release; entries of two
 * numbers are known by minor only. A chart that is not listed says nothing about Flux: 2.19.0 still ships 2.8.8.
 */
const CHARTS: Readonly<Record<string, string>> = {
  "2.12.0": "2.2",
  "2.12.1": "2.2",
  "2.12.2": "2.2.2",
  "2.12.3": "2.2",
  "2.12.4": "2.2.3",
  "2.13.0": "2.3.0",
  "2.14.0": "2.4.0",
  "2.14.1": "2.4.0",
  "2.15.0": "2.5",
  "2.16.0": "2.6",
  "2.16.1": "2.6",
  "2.16.2": "2.6.3",
  "2.16.3": "2.6.4",
  "2.16.4": "2.6.4",
  "2.17.0": "2.7",
  "2.17.1": "2.7.2",
  "2.17.2": "2.7.5",
  "2.18.0": "2.8",
  "2.18.1": "2.8",
  "2.18.2": "2.8",
  "2.18.3": "2.8",
  "2.18.4": "2.8",
  "2.19.0": "2.8.8",
};

/**
 * The Flux version a flux2 chart installs; `isExact` is false where only the minor is known, then it is the newest
 * release of that minor. Undefined for charts that are not in the table, and for ranges.
 */
export function fluxVersionOfChart(chart: string): { version: string; isExact: boolean } | undefined {
  const known = CHARTS[chart.trim().replace(/^v/, "")];
  if (known === undefined) return undefined;
  if (parseFluxVersion(known)) return { version: known, isExact: true };
  const [major = 0, minor = 0] = known.split(".").map(Number);
  const newest = newestEmbedded({ major, minor });
  return newest === undefined ? undefined : { version: newest, isExact: false };
}
