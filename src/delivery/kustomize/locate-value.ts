import { type Loc, lineOf } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import { ofText } from "../../yaml/of-text.ts";

type Place = Pick<Loc, "line" | "col">;

/** The lines of one top-level field, and the first place of each word in them. */
interface Section {
  /** Index of the field's line; 0 where the file has no such field. */
  start: number;
  end: number;
  words: ReadonlyMap<string, Place>;
  /** What was looked for letter by letter. */
  searched: Map<string, Place | undefined>;
}

/** Searches letter by letter in one field: each reads all of it. */
const MOST_SEARCHES = 200;
/** Lines of a text that are compared. */
const MOST_COMPARED = 100;

const linesOf = ofText((text) => text.split("\n"), 16);
const sectionsOf = ofText(() => new Map<string, Section>(), 16);

/**
 * Place of a value written under a top-level field of a kustomization file; the field's own line, or the start of the
 * file (or `otherwise`), when the value is not found. Errs to the first match: the same path listed twice yields its first line.
 * A text of several lines is found by all of them, since many patches begin alike.
 */
export function locateIn(tree: Tree, file: string, field: string, value: string, otherwise?: Loc): Loc {
  const text = tree.read(file) ?? "";
  const sections = sectionsOf(text);
  const section = sections.get(field) ?? readSection(linesOf(text), field);
  sections.set(field, section);
  const [wanted = "", ...rest] = value
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
  const block = rest.length > 0 ? searchBlock(linesOf(text), section, [wanted, ...rest]) : undefined;
  const found =
    wanted === "" ? undefined : (block ?? section.words.get(wanted) ?? search(linesOf(text), section, wanted));
  return found ? { file, ...found } : (otherwise ?? lineOf(file, section.start + 1));
}

/** A word in quotes, or up to what ends one in a list. */
const WORD = /"([^"\n]*)"|'([^'\n]*)'|[^\s"',[\]{}]+/g;

function readSection(lines: readonly string[], field: string): Section {
  const isField = (line: string) => line.startsWith(`${field}:`) || line.startsWith(`"${field}":`);
  const start = Math.max(0, lines.findIndex(isField));
  const next = lines.findIndex((line, index) => index > start && /^[A-Za-z"']/.test(line));
  const end = next < 0 ? lines.length : next;
  const words = new Map<string, Place>();
  const add = (word: string, line: number, col: number) => {
    if (word !== "" && !words.has(word)) words.set(word, { line, col });
  };
  for (let index = start; index < end; index++) {
    const line = lines[index]!;
    for (const { 0: whole, 1: double, 2: single, index: at } of line.matchAll(WORD)) {
      const word = double ?? single ?? whole;
      const col = at + (word === whole ? 1 : 2);
      add(word, index + 1, col);
      // `name=file`, as generators list files.
      const cut = word.indexOf("=") + 1;
      if (cut > 0) add(word.slice(cut), index + 1, col + cut);
    }
    // A name with blanks in it, and nothing around it.
    const item = line.trim();
    const name = item.startsWith("- ") ? item.slice(2).trim() : "";
    if (name.includes(" ")) add(name, index + 1, line.indexOf(name) + 1);
  }
  return { start, end, words, searched: new Map() };
}

function search(lines: readonly string[], { start, end, searched }: Section, wanted: string): Place | undefined {
  if (searched.has(wanted) || searched.size >= MOST_SEARCHES) return searched.get(wanted);
  for (let index = start; index < end; index++) {
    const line = lines[index]!;
    const col = line.indexOf(wanted);
    const after = line[col + wanted.length];
    if (col < 0 || !(after === undefined || /[\s"',\]}]/.test(after))) continue;
    searched.set(wanted, { line: index + 1, col: col + 1 });
    return searched.get(wanted);
  }
  searched.set(wanted, undefined);
  return undefined;
}

/** The first of the lines of a text that stand one below the other, however far they are indented. */
function searchBlock(
  lines: readonly string[],
  { start, end, searched }: Section,
  wanted: readonly string[],
): Place | undefined {
  const key = wanted.join("\n");
  if (searched.has(key) || searched.size >= MOST_SEARCHES) return searched.get(key);
  const first = wanted[0]!;
  // Most of a text is as good as all of it, and what repeats itself is not compared over and over.
  const compared = wanted.slice(0, MOST_COMPARED);
  for (let index = start; index <= end - compared.length; index++) {
    if (!compared.every((line, offset) => lines[index + offset]!.trim() === line)) continue;
    searched.set(key, { line: index + 1, col: lines[index]!.indexOf(first) + 1 });
    return searched.get(key);
  }
  searched.set(key, undefined);
  return undefined;
}
