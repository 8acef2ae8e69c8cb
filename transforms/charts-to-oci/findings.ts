import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding, FactFinding } from "../../src/contract/finding.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { ChartMove, ChartStay } from "./decide.ts";

/** What moves, in one finding; the releases are in the diff. */
export function chartsMoved(tree: Tree, moves: readonly ChartMove[]): FactFinding {
  const releases = moves.map(({ release }) => release);
  return {
    rule: "charts-upgrade-once",
    level: "caution",
    at: locateField(tree, releases[0]!, ["spec", "chart"]),
    facts: { releases: namesOf(releases) },
  };
}

/**
 * Charts whose HelmRepository is no registry: that the pinned version is in the registry too cannot be seen from here. One
 * finding a chart and version, which is what has to be looked up.
 */
export function chartsMirrored(tree: Tree, moves: readonly ChartMove[]): DraftFinding[] {
  return groupBy(moves, ({ source }) => JSON.stringify([source.spec.url, source.spec.ref])).map((same) => {
    const [{ release, repository, source }] = same as [ChartMove, ...ChartMove[]];
    const { url, ref } = source.spec;
    const resource = describe(release);
    return {
      rule: "chart-from-registry",
      level: "caution",
      ...(same.length === 1 ? { resource } : {}),
      at: locateField(tree, release, ["spec", "chart"]),
      facts: {
        resource,
        releases: namesOf(same.map((move) => move.release)),
        url,
        old: String(repository.data?.spec?.url),
        version: String(ref.tag ?? ref.semver),
      },
    };
  });
}

/** Releases that stay, one finding a reason: an old Flux or an old API version often keeps all of them. */
export function chartsStay(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  return groupBy(stays, ({ why }) => why).map((same) => {
    const [{ release, why: reason }] = same as [ChartStay, ...ChartStay[]];
    const resource = describe(release);
    const repository = String(release.data?.spec?.chart?.spec?.sourceRef?.name);
    return {
      rule: "chart-stays",
      level: "info",
      ...(same.length === 1 ? { resource } : {}),
      at: locateField(tree, release, ["spec", "chart"]),
      facts: { resource, repository, releases: namesOf(same.map((stay) => stay.release)), reason },
    };
  });
}

/** Releases that fluxlift sees in the tree and cannot follow to a cluster. */
export function chartsUnfollowed(tree: Tree, objects: readonly KubeObject[]): DraftFinding[] {
  if (objects.length === 0) return [];
  const at = locateField(tree, objects[0]!);
  return [{ rule: "chart-not-followed", level: "info", at, facts: { names: namesOf(objects) } }];
}

/** Chart repositories that are no registries, each with the releases that read them. */
export function chartsUnpublished(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  const unpublished = stays.filter((stay) => stay.unpublished !== undefined);
  return groupBy(unpublished, (stay) => stay.unpublished!).map((same) => ({
    rule: "chart-not-published",
    level: "info",
    at: locateField(tree, same[0]!.release, ["spec", "chart"]),
    facts: { url: same[0]!.unpublished!, releases: namesOf(same.map(({ release }) => release)) },
  }));
}

/** Without --charts nothing is moved; this says what could be. */
export function chartsCanMove(tree: Tree, releases: readonly KubeObject[]): DraftFinding[] {
  if (releases.length === 0) return [];
  const at = locateField(tree, releases[0]!, ["spec", "chart"]);
  return [{ rule: "charts-can-move", level: "info", at, facts: { releases: releases.length } }];
}

/** Without --charts nothing is removed; this says what could be. */
export function repositoriesIdle(removals: readonly DraftEdit[]): DraftFinding[] {
  const [first] = removals;
  if (!first) return [];
  const at = { file: first.path, line: 1, col: 1 };
  return [{ rule: "chart-repository-kept", level: "info", at, facts: { isIdle: true } }];
}

/** A release that would find no source, or has a chart of its own beside it, in one cluster. */
export function sourceLost(tree: Tree, release: KubeObject, cluster: string, source?: string): DraftFinding {
  const resource = describe(release);
  const at = locateField(tree, release, ["spec", "chartRef"]);
  const facts = { resource, cluster, ...(source === undefined ? {} : { source }) };
  return { rule: "chart-source-lost", level: "blocker", resource, at, facts };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known) known.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups.values()];
}

function namesOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.map(({ name }) => name))];
}
