import type { DraftFinding } from "../../../engine/transform.ts";
import type { Tree } from "../../../workspace/tree.ts";
import { grepOthers, isDocs, isJinja, listAutomation } from "../../automation/files.ts";
import { describe } from "../../kinds.ts";
import type { Cluster } from "../../types.ts";
import type { ChartMove } from "./decide.ts";
import { chartVersionRead, renovateMisses } from "./findings.ts";

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
    return line < 0 ? [] : [chartVersionRead(path, line + 1)];
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
  return missed ? [renovateMisses(lists[0]!.file, lists[0]!.line, missed.file, describe(missed.move.release))] : [];
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
