import { parseAllDocuments, type Scalar, visit } from "yaml";
import { cutEnd } from "../../contract/cut.ts";

const HEADER = /[|>][-+\d]*[ \t]*(?:#[^\n]*)?$/;

/**
 * The text so that parsers read a block scalar (`|`, `>`) at its very end as Go's does: where the text ends without a
 * line break, the scalar does too. js-yaml and `yaml` put one there, and by YAML 1.2 nobody is wrong.
 */
export function chompEnd(text: string): string {
  if (/[\r\n]$/.test(text) || !mayEndInBlock(text)) return text;
  const start = lastBlock(text);
  if (start === undefined) return text;
  const header = /[|>][-+\d]*/y;
  header.lastIndex = start;
  const written = header.exec(text)![0];
  // Blanks below what is kept are its last line break, and no more.
  if (written.includes("+") && /\n[ \t]+$/.test(text)) return cutEnd(text, " \t");
  return `${text.slice(0, start)}${written.replace(/[-+]/, "")}-${text.slice(start + written.length)}`;
}

/** Whether some line could begin a block that all lines below it are in. Errs towards yes. */
function mayEndInBlock(text: string): boolean {
  let depth = Number.POSITIVE_INFINITY;
  for (let end = text.length; end > 0 && depth > 0; ) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    const line = text.slice(start, end).trimEnd();
    const indent = line.search(/\S/);
    if (indent >= 0 && indent < depth && depth < Number.POSITIVE_INFINITY && HEADER.test(line)) return true;
    if (indent >= 0) depth = Math.min(depth, indent);
    end = start - 1;
  }
  return false;
}

/** Where the header of the block scalar stands that the text ends with. */
function lastBlock(text: string): number | undefined {
  const last = parseAllDocuments(text, { logLevel: "silent" }).at(-1);
  let found: number | undefined;
  const look = (_: unknown, { type, range }: Scalar) => {
    if (type?.startsWith("BLOCK") && range?.[1] === text.length) found = range[0];
  };
  if (last && "contents" in last) visit(last, { Scalar: look });
  return found;
}
