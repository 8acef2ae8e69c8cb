import { grepOthers, isDocs, isJinja, listAutomation } from "../../src/cluster/automation-files.ts";
import { isCommentLine } from "../../src/cluster/readable-text.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { compile, type Regex } from "../../src/delivery/kustomize/regex.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { ChartMove } from "./decide.ts";

const READS_VERSION = /\bchart["']?\]?\.\[?["']?spec["']?\]?\.(?:version|chart|sourceRef)|\.spec\.chart\b(?!Ref)/;

/** Scripts, helmfiles and templates that look into `spec.chart` of a HelmRelease: they may mean a release that moved. */
export function findVersionReaders(tree: Tree, clusters: readonly Cluster[]): DraftFinding[] {
  const isDelivered = (path: string) => clusters.some(({ files }) => files.has(path)) || isDocs(path) || isJinja(path);
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
    .flatMap(({ path, text }) => readPatterns(path, text));
  const all = lists.flatMap(({ patterns }) => patterns);
  const matches = (path: string) => all.some((pattern) => pattern.test(path));
  const missed = moved.find(({ move, file }) => matches(move.release.file) && !matches(file));
  if (!missed) return [];
  const facts = { release: describe(missed.move.release), path: missed.file };
  return [{ rule: "renovate-misses-chart", level: "caution", at: lists[0]!.at, facts }];
}

/** Characters of a block, and of a list in it, that are looked at. */
const LONGEST = 4096;

/** The lists of patterns of Renovate's flux manager, each with the line it stands in. */
function readPatterns(file: string, text: string) {
  const lists: { at: Loc; patterns: Regex[] }[] = [];
  let [read, line] = [0, 1];
  for (const { 0: head, index } of text.matchAll(/(["']?)flux\1\s*:\s*\{/g)) {
    // A list that was read may hold the same words.
    if (index < read) continue;
    const block = text.slice(index + head.length, index + head.length + LONGEST);
    const list = /^[^}]*?(?:fileMatch|managerFilePatterns)["']?\s*:\s*\[/.exec(block)?.[0];
    if (list === undefined) continue;
    const start = index + head.length + list.length;
    const end = text.slice(start, start + LONGEST).indexOf("]");
    if (end < 0) continue;
    line += text.slice(read, index).split("\n").length - 1;
    read = index;
    const items = text.slice(start, start + end).matchAll(/(["'])((?:\\.|(?!\1)[^\\\n])*)\1/g);
    lists.push({ at: lineOf(file, line), patterns: [...items].flatMap(([, , raw]) => toPattern(raw!)) });
    line += text.slice(read, start + end).split("\n").length - 1;
    read = start + end;
  }
  return lists;
}

/** `fileMatch` holds patterns, `managerFilePatterns` patterns between slashes or globs. */
function toPattern(raw: string): Regex[] {
  const text = raw.replace(/\\\\/g, "\\");
  const pattern = compile(/^\/(.*)\/i?$/.exec(text)?.[1] ?? text);
  return pattern ? [pattern] : [];
}
