import { quoted, sh } from "../contract/shell.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const listFive = (names: readonly string[]) =>
  `${names.slice(0, 5).join(", ")}${names.length > 5 ? `, and ${names.length - 5} more` : ""}`;

export const CHART_RULES = {
  "charts-can-move": rule("info", "Charts could be read from the registry directly", {
    what: ({ releases }) =>
      `${releases > 1 ? `${releases} HelmReleases read their charts` : "One HelmRelease reads its chart"} from a registry through a HelmRepository, and could do so through an OCIRepository.`,
    meaning: "It is no part of the move to an artifact, and helm-controller upgrades each of these releases once.",
    next: "Run fluxlift oci --charts to move them.",
  }),
  "charts-upgrade-once": rule("caution", "Releases that move are upgraded once", {
    what: ({ releases }) =>
      `${releases.length === 1 ? "One HelmRelease reads its chart" : `${releases.length} HelmReleases read their charts`} from an OCIRepository now, and helm-controller upgrades each release once: ${listFive(releases)}.`,
    meaning:
      "From an OCIRepository the chart's version carries the digest (1.2.3+0123456789ab). Charts that copy it into a pod label (helm.sh/chart) roll their pods once.",
    next: "Merge when a rollout of these releases is welcome. Nothing is uninstalled, and values stay as they are.",
  }),
  "chart-from-registry": rule("caution", "A chart comes from another place", {
    what: ({ resource, releases, url, old, version }) =>
      releases.length === 1
        ? `${resource} takes its chart from ${url} instead of ${old}; its source stays not Ready if ${version} is not published there.`
        : `${releases.length} HelmReleases take their chart from ${url} instead of ${old}; their sources stay not Ready if ${version} is not published there: ${listFive(releases)}.`,
    meaning:
      "The owner of the charts publishes them in both places, but older versions are not always in the registry. What is installed goes on running meanwhile.",
    next: "Check that the version is there before you merge.",
    advice: ({ url, version }) =>
      `Check it before you merge: ${sh`helm show chart ${url} --version ${quoted(version)}`.line}`,
  }),
  "chart-stays": rule("info", "A release keeps its HelmRepository", {
    what: ({ resource, repository, releases, reason }) =>
      releases.length === 1
        ? `${resource} keeps its chart from HelmRepository ${repository}: ${reason}.`
        : `${releases.length} HelmReleases keep their charts from HelmRepositories (${listFive(releases)}): ${reason}.`,
    meaning: "An OCIRepository would not say all that the chart says today, or nobody could read it.",
    next: "Nothing has to be done: it goes on as it is. Settle the reason and run fluxlift oci --charts again to move it.",
  }),
  "chart-not-published": rule("info", "Charts are not known to be in a registry", {
    what: ({ url, releases }) =>
      `${releases.length === 1 ? "One chart" : `${releases.length} charts`} from ${url} ${releases.length === 1 ? "stays as it is" : "stay as they are"}: ${listFive(releases)}.`,
    meaning: "fluxlift does not know that they are published as OCI artifacts too.",
    next: "If they are, say where in a file for --chart-mirrors, and run fluxlift oci --charts again.",
  }),
  "chart-not-followed": rule("info", "Charts are read where fluxlift cannot follow", {
    what: ({ names }) =>
      `${names.length > 1 ? `${names.length} objects read` : "One object reads"} charts through a HelmRepository where fluxlift cannot see what becomes of ${names.length > 1 ? "them" : "it"}: ${listFive(names)}.`,
    meaning:
      "No FluxKustomization of this repository builds the file (an ExternalArtifact may), or a ResourceSet makes the release.",
    next: "Move these by hand: chartRef to an OCIRepository with a layerSelector for charts, beside the release.",
  }),
  "chart-version-moved": rule("caution", "A script reads the version of a chart", {
    what: () =>
      "This line reads the version of a chart from spec.chart.spec of a HelmRelease, where the moved ones have it no more.",
    meaning: "The version is now spec.ref of an OCIRepository beside the release.",
    next: "Let it read spec.ref.tag of the OCIRepository for the releases that moved.",
  }),
  "renovate-misses-chart": rule("caution", "Renovate does not look at a new source", {
    what: ({ release, path }) =>
      `Renovate reads ${release}, but none of its patterns for Flux matches ${path}, where the chart's version stands now.`,
    meaning: "No update of that chart would be proposed any more.",
    next: "Let a pattern of the flux manager match the new file too.",
  }),
  "chart-repository-kept": rule("info", "A HelmRepository that no release reads stays", {
    what: (facts) =>
      "isIdle" in facts
        ? "HelmRepositories stay whose charts all come from OCIRepositories now."
        : `No HelmRelease reads ${facts.resource} any more, but it stays: ${facts.reason}.`,
    meaning: "fluxlift removes a HelmRepository only with --charts, and only when nothing in the repository needs it.",
    next: "Remove it by hand when you are sure.",
    advice: (facts) => "isIdle" in facts && "Run this phase with --charts to remove them.",
  }),
  "chart-source-lost": rule("blocker", "A release would not find its source", {
    what: ({ resource, cluster, source }) =>
      source === undefined
        ? `${resource} would have a chart and a chartRef in ${cluster}, which its CRD refuses.`
        : `${resource} would wait for OCIRepository ${source}, which is not delivered to ${cluster} with it.`,
    meaning:
      "Whatever delivers this file does not deliver the new source in the same namespace, or patches a chart of its own in.",
    next: "Leave this out with --skip charts-to-oci, or move this release by hand.",
  }),
} satisfies Partial<Catalogue>;
