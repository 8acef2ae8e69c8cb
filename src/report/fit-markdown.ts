import type { Markdown } from "../contract/media.ts";
import { escapeText, md } from "./markdown-escape.ts";
import { sayCount } from "./terminal.ts";

/** A piece of a page that may be cut: rows between lines that frame them. */
export interface Part {
  open: readonly Markdown[];
  /** Most important first, one line each. */
  rows: readonly Markdown[];
  close: readonly Markdown[];
  /** What a row is, and what the whole part is, to say how many are left out. */
  noun: string;
  whole?: string;
}

/** Every part gets so many rows before any gets more. */
const FIRST = 8;
/** Room for the line that says how many rows of a part are left out, in bytes. */
const MORE = 80;

/**
 * Puts as much of the parts into so many bytes of UTF-8 as fits, those that come first before the others. Bytes are never
 * fewer than characters, however those are counted.
 * @returns the lines, and how much is left out by noun; a part that does not fit at all counts, and so do its rows
 */
export function fitParts(parts: readonly Part[], bytes: number): { lines: Markdown[]; left: Map<string, number> } {
  const taken = parts.map(() => -1);
  let rest = bytes;
  for (const most of [FIRST, Infinity]) {
    for (const [index, { open, rows, close }] of parts.entries()) {
      if (taken[index] === -1) {
        const frame = sizeOf([...open, ...close]) + MORE;
        // A part whose first row has no room would be a heading above nothing.
        if (frame + sizeOf(rows.slice(0, 1)) > rest) continue;
        rest -= frame;
        taken[index] = 0;
      }
      for (let at = taken[index]!; at < Math.min(rows.length, most); at++) {
        const size = sizeOf([rows[at]!]);
        if (size > rest) break;
        rest -= size;
        taken[index] = at + 1;
      }
    }
  }
  const left = new Map<string, number>();
  const count = (noun: string, hidden: number) => {
    if (hidden > 0) left.set(noun, (left.get(noun) ?? 0) + hidden);
  };
  const lines = parts.flatMap(({ open, rows, close, noun, whole }, index) => {
    const shown = taken[index]!;
    if (shown === -1 && whole !== undefined) count(whole, 1);
    const hidden = rows.length - Math.max(0, shown);
    count(noun, hidden);
    if (shown === -1) return [];
    const more = hidden > 0 ? [md``, md`*${escapeText(sayCount(hidden, `more ${noun}`))} left out.*`] : [];
    return [...open, ...rows.slice(0, shown), ...more, ...close];
  });
  return { lines, left };
}

function sizeOf(lines: readonly Markdown[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}
