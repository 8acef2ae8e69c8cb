import type { DraftFinding } from "../../../engine/transform.ts";
import type { DraftEdit } from "../../../engine/types.ts";
import type { Tree } from "../../../workspace/tree.ts";
import { describe } from "../../kinds.ts";
import { locateField } from "../../locations.ts";
import type { KubeObject } from "../../types.ts";
import type { ChartMove, ChartStay } from "./decide.ts";

/** What moves, in one finding; the releases are in the diff. */
export function chartsMoved(tree: Tree, moves: readonly ChartMove[]): DraftFinding {
  const count =
    moves.length === 1 ? "One HelmRelease reads its chart" : `${moves.length} HelmReleases read their charts`;
  return {
    rule: "charts-upgrade-once",
    level: "caution",
    at: locateField(tree, moves[0]!.release, ["spec", "chart"]),
    what: `${count} from an OCIRepository now, and helm-controller upgrades each release once: ${listNames(moves.map(({ release }) => release))}.`,
    why: "From an OCIRepository the chart's version carries the digest (1.2.3+0123456789ab). Charts that copy it into a pod label (helm.sh/chart) roll their pods once.",
    next: "Merge when a rollout of these releases is welcome. Nothing is uninstalled, and values stay as they are.",
  };
}

/**
 * Charts whose HelmRepository is no registry: that the pinned version is in the registry too cannot be seen from here. One
 * finding a chart and version, which is what has to be looked up.
 */
export function chartsMirrored(tree: Tree, moves: readonly ChartMove[]): DraftFinding[] {
  const byChart = new Map<string, ChartMove[]>();
  for (const move of moves) {
    const key = JSON.stringify([move.source.spec.url, move.source.spec.ref]);
    byChart.set(key, [...(byChart.get(key) ?? []), move]);
  }
  return [...byChart.values()].map((same) => {
    const [{ release, repository, source }] = same as [ChartMove, ...ChartMove[]];
    const { url, ref } = source.spec;
    const version = ref.tag ?? ref.semver;
    const instead = `instead of ${repository.data?.spec?.url}`;
    const releases = same.map((move) => move.release);
    return {
      rule: "chart-from-registry",
      level: "caution" as const,
      ...(same.length === 1 ? { resource: describe(release) } : {}),
      at: locateField(tree, release, ["spec", "chart"]),
      what:
        same.length === 1
          ? `${describe(release)} takes its chart from ${url} ${instead}; its source stays not Ready if ${version} is not published there.`
          : `${same.length} HelmReleases take their chart from ${url} ${instead}; their sources stay not Ready if ${version} is not published there: ${listNames(releases)}.`,
      why: "The owner of the charts publishes them in both places, but older versions are not always in the registry. What is installed goes on running meanwhile.",
      next: `Check it before you merge: helm show chart ${url} --version "${version}"`,
    };
  });
}

/** Releases that stay, one finding a reason: an old Flux or an old API version often keeps all of them. */
export function chartsStay(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  const byReason = new Map<string, KubeObject[]>();
  for (const { release, why } of stays) byReason.set(why, [...(byReason.get(why) ?? []), release]);
  return [...byReason].map(([why, releases]) => {
    const [first] = releases;
    const one = `${describe(first!)} keeps its chart from HelmRepository ${first!.data?.spec?.chart?.spec?.sourceRef?.name}`;
    const all = `${releases.length} HelmReleases keep their charts from HelmRepositories (${listNames(releases)})`;
    return {
      rule: "chart-stays",
      level: "info" as const,
      ...(releases.length === 1 ? { resource: describe(first!) } : {}),
      at: locateField(tree, first!, ["spec", "chart"]),
      what: `${releases.length === 1 ? one : all}: ${why}.`,
      why: "An OCIRepository would not say all that the chart says today, or nobody could read it.",
      next: "Nothing has to be done: it goes on as it is. Settle the reason and run fluxlift oci --charts again to move it.",
    };
  });
}

/** Releases that fluxlift sees in the tree and cannot follow to a cluster. */
export function chartsUnfollowed(tree: Tree, objects: readonly KubeObject[]): DraftFinding[] {
  if (objects.length === 0) return [];
  const several = objects.length > 1;
  return [
    {
      rule: "chart-not-followed",
      level: "info",
      at: locateField(tree, objects[0]!),
      what: `${several ? `${objects.length} objects read` : "One object reads"} charts through a HelmRepository where fluxlift cannot see what becomes of ${several ? "them" : "it"}: ${listNames(objects)}.`,
      why: "No FluxKustomization of this repository builds the file (an ExternalArtifact may), or a ResourceSet makes the release.",
      next: "Move these by hand: chartRef to an OCIRepository with a layerSelector for charts, beside the release.",
    },
  ];
}

/** Chart repositories that are no registries, each with the releases that read them. */
export function chartsUnpublished(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  const byUrl = new Map<string, KubeObject[]>();
  for (const { release, unpublished } of stays)
    if (unpublished !== undefined) byUrl.set(unpublished, [...(byUrl.get(unpublished) ?? []), release]);
  return [...byUrl].map(([url, releases]) => ({
    rule: "chart-not-published",
    level: "info" as const,
    at: locateField(tree, releases[0]!, ["spec", "chart"]),
    what: `${releases.length === 1 ? "One chart" : `${releases.length} charts`} from ${url} ${releases.length === 1 ? "stays as it is" : "stay as they are"}: ${listNames(releases)}.`,
    why: "fluxlift does not know that they are published as OCI artifacts too.",
    next: "If they are, say where in a file for --chart-mirrors, and run fluxlift oci --charts again.",
  }));
}

/** Without --charts nothing is moved; this says what could be. */
export function chartsCanMove(tree: Tree, releases: readonly KubeObject[]): DraftFinding[] {
  if (releases.length === 0) return [];
  const several = releases.length > 1;
  return [
    {
      rule: "charts-can-move",
      level: "info",
      at: locateField(tree, releases[0]!, ["spec", "chart"]),
      what: `${several ? `${releases.length} HelmReleases read their charts` : "One HelmRelease reads its chart"} from a registry through a HelmRepository, and could do so through an OCIRepository.`,
      why: "It is no part of the move to an artifact, and helm-controller upgrades each of these releases once.",
      next: "Run fluxlift oci --charts to move them.",
    },
  ];
}

/** A file outside Flux that reads versions where they stood. */
export function chartVersionRead(file: string, line: number): DraftFinding {
  return {
    rule: "chart-version-moved",
    level: "caution",
    at: { file, line, col: 1 },
    what: "This line reads the version of a chart from spec.chart.spec of a HelmRelease, where the moved ones have it no more.",
    why: "The version is now spec.ref of an OCIRepository beside the release.",
    next: "Let it read spec.ref.tag of the OCIRepository for the releases that moved.",
  };
}

export function renovateMisses(file: string, line: number, path: string, release: string): DraftFinding {
  return {
    rule: "renovate-misses-chart",
    level: "caution",
    at: { file, line, col: 1 },
    what: `Renovate reads ${release}, but none of its patterns for Flux matches ${path}, where the chart's version stands now.`,
    why: "No update of that chart would be proposed any more.",
    next: `Let a pattern of the flux manager match ${path} too.`,
  };
}

export function repositoryKept(tree: Tree, repository: KubeObject, why: string): DraftFinding {
  return {
    rule: "chart-repository-kept",
    level: "info",
    resource: describe(repository),
    at: locateField(tree, repository),
    what: `No HelmRelease reads ${describe(repository)} any more, but it stays: ${why}.`,
    why: "fluxlift removes a HelmRepository only when nothing in the repository needs it.",
    next: "Remove it by hand when you are sure.",
  };
}

/** Without --charts nothing is removed; this says what could be. */
export function repositoriesIdle(removals: readonly DraftEdit[]): DraftFinding[] {
  const [first] = removals;
  if (!first) return [];
  return [
    {
      rule: "chart-repository-kept",
      level: "info",
      at: { file: first.path, line: 1, col: 1 },
      what: "HelmRepositories stay whose charts all come from OCIRepositories now.",
      why: "They are removed only with --charts.",
      next: "Run this phase with --charts to remove them.",
    },
  ];
}

export function sourceLost(tree: Tree, release: KubeObject, source: string, cluster: string): DraftFinding {
  return {
    rule: "chart-source-lost",
    level: "blocker",
    resource: describe(release),
    at: locateField(tree, release, ["spec", "chartRef"]),
    what: `${describe(release)} would wait for OCIRepository ${source}, which is not delivered to ${cluster} with it.`,
    why: "Whatever delivers this file does not deliver the new source in the same namespace.",
    next: "Leave this out with --skip charts-to-oci, or move this release by hand.",
  };
}

export function chartTwice(tree: Tree, release: KubeObject, cluster: string): DraftFinding {
  return {
    rule: "chart-source-lost",
    level: "blocker",
    resource: describe(release),
    at: locateField(tree, release, ["spec", "chartRef"]),
    what: `${describe(release)} would have a chart and a chartRef in ${cluster}, which its CRD refuses.`,
    why: "A patch on the way gives it a chart of its own.",
    next: "Leave this out with --skip charts-to-oci, or take the chart out of the patch.",
  };
}

function listNames(objects: readonly KubeObject[]): string {
  const names = [...new Set(objects.map(({ name }) => name))];
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? `, and ${names.length - 5} more` : ""}`;
}
