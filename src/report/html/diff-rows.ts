import { diffArrays } from "diff";

/** A line of a file; `n` counts from 1. */
export interface Line {
  n: number;
  text: string;
}

/** A row of two columns: the same line on both sides, or what a change has on either side. */
export interface Row {
  old?: Line;
  new?: Line;
  changed: boolean;
}

/** Above this many changed lines a minimal diff costs more time than it is worth; the file is shown as replaced. */
const MAX_EDIT_LENGTH = 1500;

/** Every line of both texts, what changed side by side. */
export function pairLines(before: string, after: string): Row[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const chunks = diffArrays(old, now, { maxEditLength: MAX_EDIT_LENGTH }) ?? [
    { removed: true, added: false, value: old },
    { removed: false, added: true, value: now },
  ];
  const rows: Row[] = [];
  let [oldAt, newAt] = [0, 0];
  let gone: Line[] = [];
  let come: Line[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++) {
      rows.push({ ...(gone[i] && { old: gone[i] }), ...(come[i] && { new: come[i] }), changed: true });
    }
    [gone, come] = [[], []];
  };
  for (const { removed, added, value } of chunks) {
    if (removed) for (const text of value) gone.push({ n: ++oldAt, text });
    else if (added) for (const text of value) come.push({ n: ++newAt, text });
    else {
      flush();
      for (const text of value) rows.push({ old: { n: ++oldAt, text }, new: { n: ++newAt, text }, changed: false });
    }
  }
  flush();
  return rows;
}

/** As git says it. */
export const NO_LINE_BREAK = "\\ No newline at end of file";

/** Lines without their ends; a text that lacks the last line break says so in a line of its own. */
function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines.push(NO_LINE_BREAK);
  return lines;
}

/** Rows to show one after the other, or unchanged ones that are folded away. */
export type Block = { rows: Row[]; folded: boolean };

const CONTEXT = 3;
/** Fewer unchanged rows than this are not worth a fold. */
const SHORTEST_FOLD = 5;

/**
 * Folds unchanged rows away that are not beside a change or a row that is to be seen.
 * @param most changed rows to show; what comes after is folded away as well
 */
export function foldRows(rows: readonly Row[], isSeen: (row: Row) => boolean, most: number): Block[] {
  const shown = new Uint8Array(rows.length);
  let changes = 0;
  for (const [index, row] of rows.entries()) {
    if (row.changed) changes++;
    if ((!row.changed || changes > most) && !isSeen(row)) continue;
    shown.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  }
  const blocks: Block[] = [];
  for (const [index, row] of rows.entries()) {
    const folded = shown[index] === 0;
    const last = blocks.at(-1);
    if (last?.folded === folded) last.rows.push(row);
    else blocks.push({ rows: [row], folded });
  }
  return blocks.map((block) => (block.rows.length < SHORTEST_FOLD ? { ...block, folded: false } : block));
}
