import { Lexer } from "yaml";
import { lineStart, positionAt } from "./lines.ts";
import { readYamlCached } from "./read.ts";
import type { TemplateKind } from "./types.ts";

export interface TemplateMark {
  kind: TemplateKind;
  line: number;
  col: number;
}

const ANY_MARK = /\{[ \t]*\{|\{%|\{#|#\{|#%/;
/** Marks of makejinja, which begin as comments of YAML do. */
const MAKEJINJA = [
  ["#{", "}#"],
  ["#%", "%#"],
] as const;
const GO_WORDS =
  /^\{[ \t]*\{-?\s*(?:[.$]|\/\*|(?:if|else|end|range|with|define|template|include|block|toYaml|tpl|fromYaml|index|printf|ternary)\b)/;

/**
 * Says whether a text is a template that must be rendered before it is YAML (Jinja, Go template, makejinja), and where
 * its first mark is. Marks inside YAML strings (quoted, block, or in the middle of a plain scalar) do not count:
 * a Prometheus annotation with `{{ $labels.pod }}` or a Taskfile command is plain YAML.
 */
export function detectTemplate(text: string): TemplateMark | undefined {
  if (!ANY_MARK.test(text)) return undefined;
  // The lexer takes a byte order mark for indentation.
  const bom = text.startsWith("\uFEFF") ? 1 : 0;
  const found = findMark(text.slice(bom));
  const offset = found === undefined ? findBreakingMark(text) : found + bom;
  if (offset === undefined) return undefined;
  return { kind: classify(text, offset), ...positionAt(text, offset) };
}

/** Offset of the first mark where YAML expects a node or a comment. */
function findMark(text: string): number | undefined {
  let at = 0;
  for (const token of new Lexer().lex(text)) {
    // The lexer's own control tokens (BOM, doc-mode, flow-error-end, scalar) are not part of the text, but for the BOM.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f") continue;
    // `{ {` is what formatters make of `{{`; a map as a key of a flow map does not occur.
    if (token === "{" && /^(?:[%#]|[ \t]*\{)/.test(text.slice(at + 1, at + 20))) return at;
    if (token.startsWith("#")) {
      const starts = MAKEJINJA.flatMap(([open, close]) => {
        const start = token.indexOf(open);
        return start >= 0 && token.includes(close, start + open.length) ? [start] : [];
      });
      if (starts.length > 0) return at + Math.min(...starts);
    }
    at += token.length;
  }
  return undefined;
}

/** A file that does not parse is a template if a mark stands on the line of the error or right beside it. */
function findBreakingMark(text: string): number | undefined {
  const parsed = readYamlCached(text);
  if (parsed.ok) return undefined;
  const lines = text.split("\n");
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const mark = ANY_MARK.exec(line);
    if (mark && Math.abs(index + 1 - parsed.line) <= 1) return offset + mark.index;
    offset += line.length + 1;
  }
  return undefined;
}

function classify(text: string, offset: number): TemplateKind {
  if (text[offset] === "#") return "makejinja";
  if (/^\{[%#]/.test(text.slice(offset, offset + 2))) return "jinja";
  const rest = text.slice(offset, offset + 80);
  if (GO_WORDS.test(rest)) return "go-template";
  // `{% %}` anywhere on a line of its own settles a bare `{{ name }}`.
  return /^[ \t]*\{%/m.test(text.slice(lineStart(text, offset))) || !/\{\{-?\s*[.$]/.test(text)
    ? "jinja"
    : "go-template";
}
