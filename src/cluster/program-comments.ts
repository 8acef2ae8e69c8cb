/** What follows on the line of a `def` or a `class`, which may take several. */
const HEAD = /^\s*(?:(?:async\s+)?def\b|class\b|\)).*:\s*(?:#.*)?$/;
const DOCSTRING = /^\s*[rRuU]?("""|''')/;
const BLOCK = /^\s*\/\*/;
/** Behind a comment that ends. */
const CODE = /^[\s;]*[\w$(]/;

/**
 * A program in which every line of its docstrings, and of the block comments that begin a line, begins as a comment does, but
 * where code follows on it: they speak of commands and run none. Every line stays where it is.
 */
export function markComments(path: string, text: string): string {
  const isPython = path.endsWith(".py");
  if (!(isPython ? /"""|'''/ : /\/\*/).test(text)) return text;
  let end: string | undefined;
  /** The last line that is code; of a file that has none before, a docstring is that of the module. */
  let above: string | undefined;
  return text
    .split("\n")
    .map((line) => {
      const start = end === undefined ? startOf(line, isPython, above) : undefined;
      if (end === undefined && start === undefined) {
        if (line.trim() !== "" && !/^\s*#/.test(line)) above = line;
        return line;
      }
      const rest = start ? line.slice(line.indexOf(start.mark) + start.mark.length) : line;
      end = end ?? start?.end;
      const close = end === undefined ? -1 : rest.indexOf(end);
      const after = close < 0 ? "" : rest.slice(close + end!.length);
      if (close >= 0) end = undefined;
      above = line;
      return CODE.test(after) ? line : `# ${line}`;
    })
    .join("\n");
}

function startOf(
  line: string,
  isPython: boolean,
  above: string | undefined,
): { mark: string; end: string } | undefined {
  if (!isPython) return BLOCK.test(line) ? { mark: "/*", end: "*/" } : undefined;
  const mark = DOCSTRING.exec(line)?.[1];
  return mark !== undefined && (above === undefined || HEAD.test(above)) ? { mark, end: mark } : undefined;
}
