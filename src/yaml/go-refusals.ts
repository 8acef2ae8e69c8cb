import type { LoadOptions, State } from "js-yaml";
import { LeadingTabs } from "./leading-tabs.ts";
import { positionAt } from "./lines.ts";
import type { Refusal } from "./types.ts";

/** Comments, blanks, tags and anchors that a node may begin with. */
const BEFORE = /(?:\s+|#[^\n]*|[&!]\S*(?=\s))*/y;
/** An escape that js-yaml knows and Go's decoder does not, `\/` and halves of surrogate pairs, or another one. */
const ESCAPE = /\\(?:(\/|u[dD][89a-fA-F]|U0000[dD][89a-fA-F])|[\s\S])/g;
const CONTROL = /[^\t\n\r\x20-\x7E\x85\xA0-\uFFFD]/;

/** Tells what js-yaml reads and Go's decoder refuses, and with it kustomize. */
export interface GoCheck {
  listener: NonNullable<LoadOptions["listener"]>;
  /** The first such place, once all is read. */
  find: () => Refusal | undefined;
}

/**
 * - a question mark in a plain scalar of a flow collection (`{url: https://a/?b}`), which is taken for the mark of a key
 * - a tab where a line begins, be it blank or a comment, unless it is text or in a flow collection
 * - control characters, in comments as well, and the escapes `\/` and `\ud83d`
 */
export function checkForGo(text: string): GoCheck {
  const control = CONTROL.exec(text);
  const nodes = new Nodes(text);
  return {
    listener: (event, state) => (event === "open" ? nodes.open(state) : nodes.close(state)),
    find: () => (control ? refuse(text, control.index, "a control character") : nodes.find()),
  };
}

class Nodes {
  readonly #text: string;
  readonly #tabs: LeadingTabs;
  readonly #starts: number[] = [];
  readonly #isEscaping: boolean;
  #depth = 0;
  #found: Refusal | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#isEscaping = /\\[/uU]/.test(text);
    this.#tabs = new LeadingTabs(text);
  }

  open({ position }: State): void {
    this.#starts.push(position);
    if (this.#isFlow(this.#contentOf(position))) this.#depth++;
  }

  close(state: State): void {
    const opened = this.#starts.pop()!;
    const { position: end, kind } = state;
    const start = this.#contentOf(opened);
    if (this.#isFlow(start)) {
      this.#depth--;
      this.#tabs.takeFlow(start, end);
    } else if (kind === "scalar") {
      if (this.#depth > 0 && !/["'*]/.test(this.#text[start]!) && this.#text.slice(start, end).includes("?"))
        this.#found ??= {
          reason: "a question mark in a flow collection needs quotes",
          ...{ line: state.line + 1, col: end - state.lineStart },
        };
      this.#closeScalar(start, end);
    }
  }

  find(): Refusal | undefined {
    const tab = this.#tabs.findRefused();
    return this.#found ?? (tab === undefined ? undefined : refuse(this.#text, tab, "a tab where YAML wants spaces"));
  }

  #closeScalar(start: number, end: number): void {
    const first = this.#text[start];
    if (first === '"' && this.#isEscaping) this.#checkEscapes(start, end);
    if (first === '"' || first === "'") this.#tabs.takeQuoted(start, end);
    else if (first === "|" || first === ">") this.#tabs.takeBlock(start, end);
    else this.#tabs.takePlain(start, end, () => this.#indentAround());
  }

  /** One more than the column of the collection around, flow collections left aside. */
  #indentAround(): number {
    const starts = this.#starts.map((opened) => this.#contentOf(opened));
    const start = starts.findLast((one) => !this.#isFlow(one));
    if (start === undefined) return 0;
    return start - Math.max(this.#text.lastIndexOf("\n", start - 1), this.#text.lastIndexOf("\r", start - 1));
  }

  #checkEscapes(start: number, end: number): void {
    for (const match of this.#text.slice(start, end).matchAll(ESCAPE)) {
      if (match[1] !== undefined) this.#found ??= refuse(this.#text, start + match.index, `the escape ${match[0]}`);
    }
  }

  #isFlow(start: number): boolean {
    const first = this.#text[start];
    return first === "{" || first === "[";
  }

  #contentOf(opened: number): number {
    BEFORE.lastIndex = opened;
    BEFORE.test(this.#text);
    return BEFORE.lastIndex;
  }
}

function refuse(text: string, at: number, reason: string): Refusal {
  return { reason, ...positionAt(text, at) };
}
