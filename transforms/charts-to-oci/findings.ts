import { objectAt } from "../../src/cluster/objects.ts";
import type { RepoModel } from "../../src/cluster/types.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { locateField, pointAt } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import { findMissedByRenovate, findVersionReaders } from "./automation.ts";
import { type ChartMove, type ChartStay, findUnfollowed } from "./decide.ts";
import type { WrittenMoves } from "./write.ts";

const CHART = ["spec", "chart"];

/** What moves, what stays and why, and what a move asks of a person. */
export function reportCharts(
  context: TransformContext,
  stays: readonly ChartStay[],
  { moved, refused }: WrittenMoves,
): DraftFinding[] {
  const { tree, model } = context;
  const moves = moved.map(({ move }) => move);
  return [
    ...chartsMoved(tree, moves),
    ...chartsMirrored(tree, moves),
    ...chartsStay(tree, [...stays.filter(({ unpublished }) => unpublished === undefined), ...refused]),
    ...chartsUnpublished(tree, stays),
    ...chartsUnfollowed(tree, findUnfollowed(context)),
    ...(moved.length > 0 ? findVersionReaders(tree, model.clusters) : []),
    ...findMissedByRenovate(tree, moved),
  ];
}

/** What moves, in one finding; the releases are in the diff. */
function chartsMoved(tree: Tree, moves: readonly ChartMove[]): DraftFinding[] {
  const releases = moves.map(({ release }) => release);
  if (!releases[0]) return [];
  const at = locateField(tree, releases[0], CHART);
  return [{ rule: "charts-upgrade-once", level: "caution", at, facts: { releases: namesOf(releases) } }];
}

/**
 * Charts whose HelmRepository is no registry: that the pinned version is in the registry too cannot be seen from here. One
 * finding a chart and version, which is what has to be looked up.
 */
function chartsMirrored(tree: Tree, moves: readonly ChartMove[]): DraftFinding[] {
  const mirrored = moves.filter((move) => move.mirrored);
  const groups = groupBy(mirrored, ({ source }) => JSON.stringify([source.spec.url, source.spec.ref]));
  return [...groups.values()].map((same) => {
    const { repository, source } = same[0]!;
    const { url, ref } = source.spec;
    const { resource, releases, place } = pointAtAll(tree, same);
    const version = String(ref.tag ?? ref.semver);
    const facts = { resource, releases, url, old: String(repository.data.spec?.url), version };
    return { rule: "chart-from-registry", level: "caution", ...place, facts };
  });
}

/** Releases that stay, one finding a reason: an old Flux or an old API version often keeps all of them. */
function chartsStay(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  return [...groupBy(stays, ({ why }) => why)].map(([reason, same]) => {
    const { release } = same[0]!;
    const { resource, releases, place } = pointAtAll(tree, same);
    const repository = String(release.data.spec?.chart?.spec?.sourceRef?.name);
    return { rule: "chart-stays", level: "info", ...place, facts: { resource, repository, releases, reason } };
  });
}

/** The first of some releases; the finding is about it alone where there is no other. */
function pointAtAll(tree: Tree, same: readonly { release: KubeObject }[]) {
  const releases = namesOf(same.map(({ release }) => release));
  const { resource, at } = pointAt(tree, same[0]!.release, CHART);
  return { resource, releases, place: same.length === 1 ? { resource, at } : { at } };
}

/** Releases that fluxlift sees in the tree and cannot follow to a cluster. */
function chartsUnfollowed(tree: Tree, objects: readonly KubeObject[]): DraftFinding[] {
  if (objects.length === 0) return [];
  const at = locateField(tree, objects[0]!);
  return [{ rule: "chart-not-followed", level: "info", at, facts: { names: namesOf(objects) } }];
}

/** Chart repositories that are no registries, each with the releases that read them. */
function chartsUnpublished(tree: Tree, stays: readonly ChartStay[]): DraftFinding[] {
  const unpublished = stays.filter((stay) => stay.unpublished !== undefined);
  return [...groupBy(unpublished, (stay) => stay.unpublished!)].map(([url, same]) => {
    const { releases, place } = pointAtAll(tree, same);
    return { rule: "chart-not-published", level: "info", at: place.at, facts: { url, releases } };
  });
}

/** Without --charts nothing is moved; this says what could be. */
export function chartsCanMove(tree: Tree, releases: readonly KubeObject[]): DraftFinding[] {
  if (releases.length === 0) return [];
  const at = locateField(tree, releases[0]!, CHART);
  return [{ rule: "charts-can-move", level: "info", at, facts: { releases: releases.length } }];
}

/** Without --charts nothing is removed; this says what could be. */
export function repositoriesIdle(removals: readonly DraftEdit[]): DraftFinding[] {
  const facts = { isIdle: true } as const;
  return removals
    .slice(0, 1)
    .map(({ path }) => ({ rule: "chart-repository-kept", level: "info", at: lineOf(path), facts }));
}

/** A release that would find no source, or has a chart of its own beside it, in one cluster. */
function sourceLost(tree: Tree, release: KubeObject, cluster: string, source?: string): DraftFinding {
  const place = pointAt(tree, release, ["spec", "chartRef"]);
  const facts = { resource: place.resource, cluster, ...(source === undefined ? {} : { source }) };
  return { rule: "chart-source-lost", level: "blocker", ...place, facts };
}

function namesOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.map(({ name }) => name))];
}

/** Reads the result again: every release that moved must find its source in every cluster that is delivered it. */
export function findLostSources(before: RepoModel, after: RepoModel, moved: ReadonlySet<string>): DraftFinding[] {
  return after.clusters.flatMap((cluster) =>
    cluster.objects.flatMap(({ object, namespace, effective }) => {
      const ref = readable(effective).spec?.chartRef;
      if (object.kind !== "HelmRelease" || ref?.kind !== "OCIRepository" || !moved.has(object.file)) return [];
      const was = objectAt(before.tree, object.file, object.doc);
      if (was?.data.spec?.chart === undefined) return [];
      if (readable(effective).spec?.chart !== undefined) return [sourceLost(after.tree, object, cluster.name)];
      const wanted = typeof ref.namespace === "string" ? ref.namespace : namespace;
      const isThere = cluster.objects.some(
        (other) =>
          other.object.kind === "OCIRepository" && other.object.name === ref.name && other.namespace === wanted,
      );
      return isThere ? [] : [sourceLost(after.tree, object, cluster.name, ref.name)];
    }),
  );
}
