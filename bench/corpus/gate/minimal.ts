import { type Edit, editsOf, type PhasePlan } from "./plan-json.ts";
import { isYamlPath, type Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";
import { diffYaml, type Extent } from "./yaml-diff.ts";

export interface MinimalInput {
  before: Snapshot;
  after: Snapshot;
  phase: PhasePlan | undefined;
}

interface Line {
  text: string;
  start: number;
  end: number;
}

function linesOf(text: string): Line[] {
  const out: Line[] = [];
  let start = 0;
  for (const part of text.split("\n")) {
    out.push({ text: part, start, end: start + part.length + 1 });
    start += part.length + 1;
  }
  return out;
}

const isComment = (line: Line): boolean => /^\s*#/.test(line.text);

/** Lines that belong to a removed node: those it touches, and comment lines directly above it. */
function coveredLines(lines: Line[], extents: Extent[]): Set<number> {
  const covered = new Set<number>();
  for (const { start, end, valueOnly } of extents) {
    const first = lines.findIndex((line) => line.end > start);
    for (let at = first - 1; !valueOnly && at >= 0 && isComment(lines[at] as Line); at--) covered.add(at);
    for (let at = Math.max(first, 0); at < lines.length && (lines[at] as Line).start < Math.max(end, start + 1); at++)
      covered.add(at);
  }
  return covered;
}

const count = (items: string[]): Map<string, number> => {
  const out = new Map<string, number>();
  for (const item of items) out.set(item, (out.get(item) ?? 0) + 1);
  return out;
};

function checkComments(verdict: Verdict, path: string, oldText: string, newText: string, removed: Extent[]): void {
  const lines = linesOf(oldText);
  const covered = coveredLines(lines, removed);
  const left = count(
    linesOf(newText)
      .filter(isComment)
      .map((line) => line.text.trim()),
  );
  for (const [index, line] of lines.entries()) {
    if (!isComment(line) || covered.has(index)) continue;
    const text = line.text.trim();
    const available = left.get(text) ?? 0;
    if (available === 0) verdict.fail(`${path}:${index + 1} lost the comment ${text.slice(0, 60)}`);
    else left.set(text, available - 1);
  }
}

/** Applies the edits of one file in order; undefined when they do not lead from one text to the other. */
function replay(text: string, edits: Edit[], result: string): Extent[] | undefined {
  let current = text;
  const touched: Extent[] = [];
  for (const edit of edits) {
    if (edit.kind !== "replace") return undefined;
    let shift = 0;
    for (const range of [...edit.ranges].sort((a, b) => a.start - b.start)) {
      current = current.slice(0, range.start + shift) + range.text + current.slice(range.end + shift);
      shift += range.text.length - (range.end - range.start);
      touched.push({ start: range.start, end: range.end });
    }
  }
  return current === result ? touched : undefined;
}

function checkFormat(verdict: Verdict, path: string, oldText: string, newText: string): void {
  const bare = (text: string): number => (text.match(/(?<!\r)\n/g) ?? []).length;
  if (oldText.includes("\r\n") && bare(newText) > bare(oldText))
    verdict.fail(`${path} got lines that do not end in CRLF`);
  if (!oldText.includes("\r\n") && newText.includes("\r\n")) verdict.fail(`${path} got CRLF line ends`);
  if (oldText.startsWith("\uFEFF") !== newText.startsWith("\uFEFF")) verdict.fail(`${path} gained or lost its BOM`);
  const trailing = (text: string): number => /[ \t]+$/gm[Symbol.match](text)?.length ?? 0;
  if (trailing(newText) > trailing(oldText)) verdict.fail(`${path} got trailing blanks`);
}

/** Gate item 10: an edited file changes only what its edits name; comments, order and formatting of the rest survive. */
export function checkMinimal({ before, after, phase }: MinimalInput): GateResult {
  const verdict = new Verdict(10);
  const edits = phase ? editsOf(phase) : [];
  for (const path of new Set(edits.map((edit) => edit.path))) {
    if (!before.has(path) || !after.has(path)) continue;
    const [oldText, newText] = [before.text(path), after.text(path)];
    if (oldText === newText) continue;
    const own = edits.filter((edit) => edit.path === path);
    const touched = replay(oldText, own, newText);
    if (!touched) verdict.fail(`${path}: its edits do not lead from the old text to the new one`);
    else if (own.length === 1 && touched.some(({ start, end }) => start === 0 && end >= oldText.length)) {
      verdict.fail(`${path} is replaced as a whole`);
    }
    checkFormat(verdict, path, oldText, newText);
    if (!isYamlPath(path)) continue;
    const diff = diffYaml(path, oldText, newText);
    if (!diff) {
      verdict.note(`${path} is no plain YAML, its comments were not compared`);
      continue;
    }
    for (const place of diff.rewritten) verdict.fail(`${path}: ${place} kept its value but is written differently`);
    checkComments(verdict, path, oldText, newText, diff.removed);
  }
  return verdict.result();
}
