import { grepOthers, isDocs, isJinja, listAutomation } from "../../src/cluster/automation-files.ts";
import { isCommentLine } from "../../src/cluster/readable-text.ts";
import { readersOf } from "../../src/cluster/territory.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readFluxPatterns } from "../shared/automation/renovate-files.ts";
import type { ChartMove } from "./decide.ts";

const READS_VERSION = /\bchart["']?\]?\.\[?["']?spec["']?\]?\.(?:version|chart|sourceRef)|\.spec\.chart\b(?!Ref)/;

/** Scripts, helmfiles and templates that look into `spec.chart` of a HelmRelease: they may mean a release that moved. */
export function findVersionReaders(tree: Tree, clusters: readonly Cluster[]): DraftFinding[] {
  const isDelivered = (path: string) => readersOf(path, clusters).length > 0 || isDocs(path) || isJinja(path);
  const found = [...listAutomation(tree), ...grepOthers(tree, ["chart.spec", ".spec.chart"], isDelivered)];
  const texts = new Map(found.map(({ path, text }) => [path, text]));
  for (const path of tree.grep("spec.chart")) if (/helmfile/.test(path)) texts.set(path, tree.read(path) ?? "");
  return [...texts].flatMap(([path, text]): DraftFinding[] => {
    const line = text.split("\n").findIndex((item) => READS_VERSION.test(item) && !isCommentLine(item));
    if (line < 0) return [];
    return [{ rule: "chart-version-moved", level: "caution", at: lineOf(path, line + 1), facts: {} }];
  });
}

/**
 * Renovate finds an OCIRepository's tag in every file its flux manager reads. A new file that none of the patterns matches,
 * while one of them matches the release, would lose its updates.
 */
export function findMissedByRenovate(tree: Tree, moved: readonly { move: ChartMove; file: string }[]): DraftFinding[] {
  const lists = listAutomation(tree)
    .filter(({ kind }) => kind === "renovate")
    .flatMap(({ path, text }) => readFluxPatterns(path, text));
  const matches = (path: string) => lists.some(({ fits }) => fits(path));
  const missed = moved.find(({ move, file }) => matches(move.release.file) && !matches(file));
  if (!missed) return [];
  const facts = { release: describe(missed.move.release), path: missed.file };
  return [{ rule: "renovate-misses-chart", level: "caution", at: lists[0]!.at, facts }];
}
