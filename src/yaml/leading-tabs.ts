import { findFirst } from "../contract/find-first.ts";
import { lineStart } from "./lines.ts";

const LINE = /[^\r\n]*(?:\r\n?|\n|$)/g;
/** What a line begins with, up to its first tab. */
const LEADING = /^(?: |[-?:](?=[ \t]))*\t/;
/** A line break is one thing: read as two as well, each would double the time. */
const BEFORE_BLOCK = /^[|>][-+]?(?: [^\r\n]*)?(?:\r\n|\r(?!\n)|\n)(?: *(?:\r\n|\r(?!\n)|\n))* *\t/;
const BLANKS = /[ \t\r\n]*/y;

interface Tab {
  at: number;
  column: number;
  /** Whether it follows the mark of an item or a key. */
  isInItem: boolean;
  /** What the node says that it stands in or behind. */
  isTaken?: boolean;
  /** Where the block of comments begins that it stands in, which is read as one. */
  comment?: number | undefined;
}

/** Tabs where lines begin. Go's decoder refuses them, on lines of blanks and comments too, unless something takes them. */
export class LeadingTabs {
  readonly #text: string;
  readonly #tabs: Tab[];

  constructor(text: string) {
    this.#text = text;
    this.#tabs = text.includes("\t") ? listTabs(text) : [];
  }

  /** Where the first one stands that nothing has taken. */
  findRefused(): number | undefined {
    return this.#tabs.find(({ isTaken, comment }) => !isTaken && comment === undefined)?.at;
  }

  takeFlow(start: number, end: number): void {
    for (const tab of this.#between(start, end)) tab.isTaken ??= true;
  }

  takeQuoted(start: number, end: number): void {
    for (const tab of this.#between(start, end)) tab.isTaken = true;
  }

  takeBlock(start: number, end: number): void {
    if (this.#tabs.length === 0) return;
    this.#forgetComments(start, lineStart(this.#text, end));
    const tabs = this.#between(start, end);
    const length = tabs.length > 0 ? (BEFORE_BLOCK.exec(this.#text.slice(start, end))?.[0].length ?? 0) : 0;
    for (const tab of tabs) tab.isTaken = tab.at + 1 !== start + length;
  }

  /** @param indentOf how deep what continues the scalar has to stand */
  takePlain(start: number, end: number, indentOf: () => number): void {
    if (this.#tabs.length === 0) return;
    BLANKS.lastIndex = end;
    BLANKS.test(this.#text);
    // The blanks behind it are read with it.
    const tabs = this.#between(start, BLANKS.lastIndex);
    const indent = tabs.length > 0 ? indentOf() : 0;
    for (const tab of tabs) tab.isTaken = tab.isInItem || tab.column >= indent;
  }

  /** What looks like a comment in a text is none. */
  #forgetComments(start: number, end: number): void {
    for (let index = this.#next(start); index < this.#tabs.length; index++) {
      const tab = this.#tabs[index]!;
      const isText = tab.comment !== undefined && tab.comment >= start && tab.comment < end;
      if (isText) tab.comment = undefined;
      else if (tab.at >= end) return;
    }
  }

  #between(start: number, end: number): Tab[] {
    const found: Tab[] = [];
    let index = this.#next(start);
    for (; index < this.#tabs.length && this.#tabs[index]!.at < end; index++) found.push(this.#tabs[index]!);
    return found;
  }

  /** Index of the first tab at a place or behind it. */
  #next(place: number): number {
    return findFirst(this.#tabs, ({ at }) => at >= place);
  }
}

function listTabs(text: string): Tab[] {
  const tabs: Tab[] = [];
  let comment: number | undefined;
  /** The first tab behind the last comment. */
  let next = 0;
  for (const { 0: line, index } of text.matchAll(LINE)) {
    const [before] = LEADING.exec(line) ?? [];
    const column = (before ?? "").length - 1;
    if (before !== undefined) tabs.push({ at: index + column, column, isInItem: /[-?:]/.test(before) });
    const first = /[^ \t\r\n]/.exec(line)?.[0];
    if (first === "#") {
      if (comment !== undefined) for (; next < tabs.length; next++) tabs[next]!.comment = comment;
      else if (before === undefined) comment = index;
    } else if (first !== undefined) comment = undefined;
    if (comment === undefined || first === "#") next = tabs.length;
  }
  return tabs;
}
