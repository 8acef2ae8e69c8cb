import { plainTypes } from "./schema.ts";

/** One line: indent, dash of an item, key, and the rest of it. */
const LINE = /( *)((?:- +)?)(?:([A-Za-z_$/][\w./${}@+-]*|"[^"\\\n]*"|'[^'\n]*'):(?=[ \n]))? *([^\n]*)\n/y;
/** Tabs, carriage returns, byte order marks, surrogates and whatever YAML does not allow. */
const UNUSUAL = /[^\n\x20-\x7E\xA0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]/;
const MARKER = /^---(?: *| +#.*)$/;
const ANCHOR = /^&([\w-]+)(?: +|$)/;
const ALIAS = /^\*([\w-]+) *(?: #.*)?$/;
const SINGLE = /^'((?:[^']|'')*)' *(?: #.*)?$/;
const DOUBLE = /^"([^"\\]*)" *(?: #.*)?$/;
const EMPTY_FLOW = /^(?:\[\]|\{\}) *(?: #.*)?$/;
const LITERAL = /^\|([+-]?) *(?: #.*)?$/;
const PLAIN = /^(?:[^,[\]{}#&*!|>'"%@`?:-]|-[^ ])/;
/** Plain scalars that are no strings begin like this, and keys that the text of a key is not the name of. */
const MAY_RESOLVE = /^[\d.+~-]|^(?:null|true|false)$/i;
const MAX_DEPTH = 50;

type Container = Record<string, unknown> | unknown[];

interface Frame {
  indent: number;
  value: Container;
}

/** A key whose value may follow on the next lines. */
interface Pending extends Frame {
  value: Record<string, unknown>;
  key: string;
  anchor: string | undefined;
}

/** Thrown at whatever takes a whole parser. */
const UNREADABLE = new Error("not plain");

/**
 * Reads the YAML that most manifests are written in, three times as fast as js-yaml on a cold start: blocks, one-line
 * scalars, literals, anchors. Errs towards giving up: flow collections, folded or several-line scalars, tags, merge keys.
 * @returns what js-yaml gives with `coreSchema`, one value a document; undefined for any other text, broken ones included
 */
export function readPlainYaml(text: string): unknown[] | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    return new PlainReader(text.endsWith("\n") ? text : `${text}\n`).read();
  } catch (error) {
    if (error === UNREADABLE) return undefined;
    throw error;
  }
}

class PlainReader {
  readonly #text: string;
  readonly #docs: unknown[] = [];
  #at = 0;
  #frames: Frame[] = [];
  #pending: Pending | undefined;
  #anchors = new Map<string, unknown>();
  #marked = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown[] {
    while (this.#at < this.#text.length) {
      LINE.lastIndex = this.#at;
      const [line, indent, dash, key, rest] = LINE.exec(this.#text) as unknown as [
        string,
        string,
        string,
        string,
        string,
      ];
      this.#at += line.length;
      if (key === undefined && dash === "") this.#between(indent, rest);
      else this.#entry(indent.length, dash.length, key, rest);
    }
    this.#closeDocument();
    return this.#docs;
  }

  /** Blank lines, comments, markers. */
  #between(indent: string, rest: string): void {
    if (rest === "" || rest.startsWith("#")) return;
    if (indent !== "" || !MARKER.test(rest)) throw UNREADABLE;
    if (this.#marked || this.#frames.length > 0) this.#closeDocument();
    this.#marked = true;
  }

  #closeDocument(): void {
    this.#settle();
    const [root] = this.#frames;
    if (!root) throw UNREADABLE;
    this.#docs.push(root.value);
    this.#frames = [];
    this.#anchors = new Map();
  }

  #entry(indent: number, dash: number, key: string | undefined, rest: string): void {
    const { value } = this.#frameFor(indent, dash > 0);
    if (!Array.isArray(value)) {
      this.#setKey(indent, value, key!, rest);
    } else if (key === undefined) {
      value.push(this.#scalar(rest, indent));
    } else {
      const item: Record<string, unknown> = {};
      value.push(item);
      this.#open({ indent: indent + dash, value: item });
      this.#setKey(indent + dash, item, key, rest);
    }
  }

  /** The collection that a line is an entry of: a new one below the key before it, or one that is open. */
  #frameFor(indent: number, isItem: boolean): Frame {
    const { key, value, anchor, indent: above } = this.#pending ?? { indent: -1 };
    const isBelow = value !== undefined && (indent > above || (isItem && indent === above && anchor === undefined));
    if (isBelow || this.#frames.length === 0) {
      const made: Container = isItem ? [] : {};
      if (value !== undefined) value[key!] = made;
      else if (indent !== 0) throw UNREADABLE;
      if (anchor !== undefined) this.#anchors.set(anchor, made);
      this.#pending = undefined;
      return this.#open({ indent, value: made });
    }
    this.#settle();
    return this.#close(indent, isItem);
  }

  #open(frame: Frame): Frame {
    if (this.#frames.length >= MAX_DEPTH) throw UNREADABLE;
    this.#frames.push(frame);
    return frame;
  }

  #close(indent: number, isItem: boolean): Frame {
    for (;;) {
      const top = this.#frames.at(-1);
      if (!top || top.indent < indent) throw UNREADABLE;
      if (top.indent === indent && Array.isArray(top.value) === isItem) return top;
      // A list may stand as deep as the key it belongs to.
      if (top.indent === indent && isItem) throw UNREADABLE;
      this.#frames.pop();
    }
  }

  /** Nothing followed a key: its value is null, as it was set. */
  #settle(): void {
    if (this.#pending?.anchor !== undefined) throw UNREADABLE;
    this.#pending = undefined;
  }

  #setKey(indent: number, value: Record<string, unknown>, written: string, rest: string): void {
    const isQuoted = written.startsWith('"') || written.startsWith("'");
    const key = isQuoted ? written.slice(1, -1) : written;
    if (key === "__proto__" || Object.hasOwn(value, key) || (!isQuoted && MAY_RESOLVE.test(key))) throw UNREADABLE;
    const anchor = ANCHOR.exec(rest);
    const content = anchor ? rest.slice(anchor[0].length) : rest;
    if (content === "" || content.startsWith("#")) {
      value[key] = null;
      this.#pending = { indent, value, key, anchor: anchor?.[1] };
    } else {
      value[key] = this.#scalar(rest, indent);
    }
  }

  #scalar(rest: string, indent: number): unknown {
    const anchor = ANCHOR.exec(rest);
    if (!anchor) return this.#bare(rest, indent);
    const content = rest.slice(anchor[0].length);
    if (/^[&*]/.test(content)) throw UNREADABLE;
    const value = this.#bare(content, indent);
    this.#anchors.set(anchor[1]!, value);
    return value;
  }

  #bare(rest: string, indent: number): unknown {
    if (PLAIN.test(rest)) return resolvePlain(rest);
    const quoted = SINGLE.exec(rest);
    if (quoted) return quoted[1]!.replaceAll("''", "'");
    const double = DOUBLE.exec(rest);
    if (double) return double[1]!;
    const literal = LITERAL.exec(rest);
    if (literal) return this.#literal(literal[1]!, indent);
    if (EMPTY_FLOW.test(rest)) return rest.startsWith("[") ? [] : {};
    const alias = ALIAS.exec(rest)?.[1];
    if (alias === undefined || !this.#anchors.has(alias)) throw UNREADABLE;
    return this.#anchors.get(alias);
  }

  /** The lines of a `|` below `indent`; `chomping` is `-`, `+` or nothing. */
  #literal(chomping: string, indent: number): string {
    const lines: string[] = [];
    let depth = 0;
    while (this.#at < this.#text.length) {
      const end = this.#text.indexOf("\n", this.#at);
      const line = this.#text.slice(this.#at, end);
      const content = line.search(/[^ ]/);
      if (depth === 0 && content >= 0) depth = content;
      if (content >= 0 && (content < depth || depth <= indent)) break;
      lines.push(line);
      this.#at = end + 1;
    }
    if (depth <= indent) throw UNREADABLE;
    const isLate = lines
      .slice(
        0,
        lines.findIndex((line) => trimSpaces(line) !== ""),
      )
      .some((line) => line.length > depth);
    if (isLate) throw UNREADABLE;
    return chomp(
      lines.map((line) => line.slice(depth)),
      chomping,
    );
  }
}

function chomp(lines: string[], chomping: string): string {
  if (chomping === "+") return `${lines.join("\n")}\n`;
  let last = lines.length;
  while (lines[last - 1] === "") last--;
  return lines.slice(0, last).join("\n") + (chomping === "-" ? "" : "\n");
}

/** Without the spaces at the end; no other blank is one to YAML. */
function trimSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end--;
  return text.slice(0, end);
}

function resolvePlain(rest: string): unknown {
  const comment = rest.indexOf(" #");
  const text = trimSpaces(comment < 0 ? rest : rest.slice(0, comment));
  if (text.includes(": ") || text.endsWith(":")) throw UNREADABLE;
  if (!MAY_RESOLVE.test(text)) return text;
  const type = plainTypes.find((candidate) => candidate.resolve(text));
  return type ? type.construct(text) : text;
}
