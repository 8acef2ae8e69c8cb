import { isYamlPath } from "../../src/cluster/objects.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { FactFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";
import { isMap } from "../../src/yaml/is-map.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { depthOf } from "../shared/automation/lines.ts";

/** Lines one after the other that are comments alone, without their `#`. */
interface Block {
  line: number;
  lines: string[];
}

const COMMENT = /^\s*#+/;
const FIELD = /^[a-z][A-Za-z0-9]*$/;

/**
 * Settings that somebody has commented out, and that go with what edits remove: nothing carries them over, as nothing
 * applies them. Not those that another file has as well, such as the comments of a patch in the FluxInstance.
 */
export function reportLostComments(tree: Tree, edits: readonly DraftEdit[]): FactFinding[] {
  const lost = edits.flatMap((edit) => {
    const text = tree.read(edit.path) ?? "";
    // Nobody writes into those, and they are large.
    if (/^kind: CustomResourceDefinition/m.test(text)) return [];
    const blocks = commentBlocks(text, rangesOf(edit, text.length)).flatMap((block) => withoutProse(block) ?? []);
    return blocks.map((block) => ({ ...block, path: edit.path }));
  });
  if (lost.length === 0) return [];
  const gone = new Set(edits.flatMap(({ kind, path }) => (kind === "delete" ? [path] : [])));
  const holders = findHolders(tree, gone, new Set(lost.flatMap(({ lines }) => bareLines(lines))));
  return lost
    .filter(({ path, lines }) => !isKept(path, bareLines(lines), holders))
    .map(({ path, line, lines }) => {
      const facts = { last: line + lines.length - 1 };
      return { rule: "commented-out-lost", level: "info", at: lineOf(path, line), facts };
    });
}

function rangesOf(edit: DraftEdit, length: number): readonly { start: number; end: number }[] {
  if (edit.kind === "delete") return [{ start: 0, end: length }];
  return edit.kind === "replace" ? edit.ranges : [];
}

/** The comments that lie in ranges of a text as a whole. */
function commentBlocks(text: string, ranges: readonly { start: number; end: number }[]): Block[] {
  const blocks: Block[] = [];
  let offset = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [start, end] = [offset, offset + line.length];
    offset = end + 1;
    if (!COMMENT.test(line) || !ranges.some((range) => range.start <= start && end <= range.end)) continue;
    const last = blocks.at(-1);
    const bare = line.replace(COMMENT, "").trimEnd();
    if (last && last.line + last.lines.length === index + 1) last.lines.push(bare);
    else blocks.push({ line: index + 1, lines: [bare] });
  }
  return blocks;
}

/** The settings of a block, which a line about them may stand above: `# TODO: too small` and `# - patch: …`. */
function withoutProse({ line, lines }: Block): Block | undefined {
  const item = lines.findIndex((text) => /^\s*- \S/.test(text));
  const parts = [lines, ...(item > 0 ? [lines.slice(item)] : []), ...(item < 0 ? [] : [listFrom(lines, item)])];
  const settings = parts.find(isConfiguration);
  return settings && { line: line + (settings === lines ? 0 : item), lines: settings };
}

/** The items of a list, without the comment that follows on them: `# - patch: …` and `# For the next patch`. */
function listFrom(lines: readonly string[], first: number): string[] {
  const indent = depthOf(lines[first]!);
  const isOf = (text: string) => text.trim() === "" || depthOf(text) > indent || /^\s*- \S/.test(text);
  const end = lines.findIndex((text, index) => index > first && !isOf(text));
  return lines.slice(first, end < 0 ? lines.length : end);
}

/** Errs towards prose: `TODO: check this` is a map as well. */
function isConfiguration(lines: readonly string[]): boolean {
  // `#- patch: |` has no space behind the sign, and its other lines have what they had before.
  const indents = lines.flatMap((line) => (line.trim() === "" ? [] : [depthOf(line)]));
  const indent = indents.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const read = readYaml(lines.map((line) => line.slice(indent)).join("\n"));
  const data: YamlData = read.ok && read.docs.length === 1 ? read.docs[0]!.data : undefined;
  const isSettings = (value: unknown) => isMap(value) && Object.keys(value).every((key) => FIELD.test(key));
  if (Array.isArray(data)) return data.length > 0 && data.every(isSettings);
  return lines.length > 1 && isSettings(data);
}

function bareLines(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** The files that stay and have a line as a comment, for each of some lines. One look at each file, however many lines. */
function findHolders(tree: Tree, gone: ReadonlySet<string>, wanted: ReadonlySet<string>): Map<string, Set<string>> {
  const holders = new Map<string, Set<string>>();
  for (const path of tree.paths) {
    if (gone.has(path) || !isYamlPath(path)) continue;
    for (const line of (tree.read(path) ?? "").split("\n")) {
      const bare = COMMENT.test(line) ? line.replace(COMMENT, "").trim() : "";
      if (wanted.has(bare)) holders.set(bare, (holders.get(bare) ?? new Set()).add(path));
    }
  }
  return holders;
}

function isKept(own: string, lines: readonly string[], holders: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const [first = "", ...rest] = lines.toSorted((a, b) => (holders.get(a)?.size ?? 0) - (holders.get(b)?.size ?? 0));
  const paths = [...(holders.get(first) ?? [])].filter((path) => path !== own);
  return paths.some((path) => rest.every((line) => holders.get(line)?.has(path)));
}
