import { findFirst } from "../contract/find-first.ts";
import { ofText } from "./of-text.ts";

/** Offset at which the line of `at` starts. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Offset of the line break that ends the line of `at` (of its `\r` in CRLF), or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  if (newline < 0) return text.length;
  return newline > at && text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** Offset just after the line break that ends the line of `at`, or the end of the text. */
export function nextLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline + 1;
}

/** Column of `at`, counted from 0. */
export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** Whether only spaces stand before `at` on its line. */
export function isFirstOnLine(text: string, at: number): boolean {
  for (let i = lineStart(text, at); i < at; i++) if (text[i] !== " " && text[i] !== "\t") return false;
  return true;
}

/** Indent of the own-line comment at the line start `at`; -1 when the line is something else. */
export function commentIndent(text: string, at: number): number {
  let i = at;
  while (text[i] === " " || text[i] === "\t") i++;
  return text[i] === "#" ? i - at : -1;
}

/** Whether the line at the line start `at` exists and holds only whitespace. */
export function isBlankLine(text: string, at: number): boolean {
  if (at >= text.length) return false;
  for (let i = at; i < text.length && text[i] !== "\n"; i++) if (!" \t\r".includes(text[i]!)) return false;
  return true;
}

/** Where the blank lines above the line start `at` begin, no further up than `floor`. */
export function blankStart(text: string, at: number, floor: number): number {
  let start = at;
  while (start > floor && isBlankLine(text, lineStart(text, start - 1))) start = lineStart(text, start - 1);
  return start;
}

/** Offsets of all line breaks. */
const breaksOf = ofText((text: string): readonly number[] => {
  const breaks: number[] = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) breaks.push(at);
  return breaks;
}, 64);

/** Line and column of an offset, both counted from 1. */
export function positionAt(text: string, offset: number): { line: number; col: number } {
  const before = findFirst(breaksOf(text), (at) => at >= offset);
  return { line: before + 1, col: columnOf(text, offset) + 1 };
}

/** Tells the line of one offset after the other, in one pass as long as they grow. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let done = 0;
  return (offset) => {
    if (offset < done) [line, done] = [1, 0];
    for (let i = text.indexOf("\n", done); i >= 0 && i < offset; i = text.indexOf("\n", done)) {
      line++;
      done = i + 1;
    }
    return line;
  };
}

/** A text without the blank lines at its end, and without the line break in front of them. */
export function withoutBlankEnd(text: string): string {
  let end = text.length;
  for (let at = end; ; end = at) {
    while (text[at - 1] === " " || text[at - 1] === "\t") at--;
    if (text[at - 1] !== "\n") return text.slice(0, end);
    at -= text[at - 2] === "\r" ? 2 : 1;
  }
}
