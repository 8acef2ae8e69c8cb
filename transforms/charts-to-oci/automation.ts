import { grepOthers, isDocs, isJinja, listAutomation } from "../../src/cluster/automation-files.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { ChartMove } from "./decide.ts";

const READS_VERSION = /\bchart["']?\]?\.\[?["']?spec["']?\]?\.(?:version|chart|sourceRef)|\.spec\.chart\b(?!Ref)/;

/** Scripts, helmfiles and templates that look into `spec.chart` of a HelmRelease: they may mean a release that moved. */
export function findVersionReaders(tree: Tree, clusters: readonly Cluster[]): DraftFinding[] {
  const isDelivered = (path: string) => clusters.some(({ files }) => files.has(path)) || isDocs(path) || isJinja(path);
  const texts = new Map<string, string>();
  for (const { path, text } of [
    ...listAutomation(tree),
    ...grepOthers(tree, ["chart.spec", ".spec.chart"], isDelivered),
  ])
    texts.set(path, text);
  for (const path of tree.grep("spec.chart")) if (/helmfile/.test(path)) texts.set(path, tree.read(path) ?? "");
  return [...texts].flatMap(([path, text]) => {
    const line = text.split("\n").findIndex((item) => READS_VERSION.test(item) && !/^\s*(?:#|\/\/)/.test(item));
    return line < 0
      ? []
      : [{ rule: "chart-version-moved", level: "caution", at: { file: path, line: line + 1, col: 1 }, facts: {} }];
  });
}

/** A list of patterns of Renovate's flux manager, with the line it stands in. */
interface FluxPatterns {
  file: string;
  line: number;
  patterns: RegExp[];
}

/**
 * Renovate finds an OCIRepository's tag in every file its flux manager reads. A new file that none of the patterns matches,
 * while one of them matches the release, would lose its updates.
 */
export function findMissedByRenovate(tree: Tree, moved: readonly { move: ChartMove; file: string }[]): DraftFinding[] {
  const lists = listAutomation(tree)
    .filter(({ kind }) => kind === "renovate")
    .flatMap(({ path, text }) => readPatterns(path, text));
  const all = lists.flatMap(({ patterns }) => patterns);
  const matches = (path: string) => all.some((pattern) => pattern.test(path));
  const missed = moved.find(({ move, file }) => matches(move.release.file) && !matches(file));
  if (!missed) return [];
  const at = { file: lists[0]!.file, line: lists[0]!.line, col: 1 };
  const facts = { release: describe(missed.move.release), path: missed.file };
  return [{ rule: "renovate-misses-chart", level: "caution", at, facts }];
}

function readPatterns(file: string, text: string): FluxPatterns[] {
  const block = /(["']?)flux\1\s*:\s*\{[^}]*?(?:fileMatch|managerFilePatterns)["']?\s*:\s*\[([^\]]*)\]/g;
  return [...text.matchAll(block)].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    patterns: [...match[2]!.matchAll(/(["'])((?:\\.|(?!\1).)*)\1/g)].flatMap(([, , raw]) => toPattern(raw!)),
  }));
}

/** `fileMatch` holds patterns, `managerFilePatterns` patterns between slashes or globs. */
function toPattern(raw: string): RegExp[] {
  const text = raw.replace(/\\\\/g, "\\");
  const body = /^\/(.*)\/i?$/.exec(text)?.[1] ?? text;
  try {
    return [new RegExp(body)];
  } catch {
    return [];
  }
}
