/** A word of a command line and where it stands in the line. */
export interface Word {
  /** As written, without surrounding quotes. */
  text: string;
  start: number;
  end: number;
}

const WORD = /(?:\{\{.*?\}\}|\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([\w-]+\)|[^\s"'`|&;<>(){}=,[\]\\])+/g;

/** Words of a line that may be paths; quotes, separators and `flag=` end a word, template expressions do not. */
export function findWords(line: string): Word[] {
  return [...line.matchAll(WORD)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Splits a simple command at spaces, keeping template expressions together; the words come without their quotes. */
export function splitCommand(command: string): string[] {
  const words = command.match(/(?:\{\{.*?\}\}|"[^"]*"|'[^']*'|\S)+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}

/** Whether the line is a comment in every language met here. */
export function isComment(line: string): boolean {
  return /^\s*(#(?!!)|\/\/)/.test(line);
}

/** A line without the comment at its end; a `#` inside quotes starts none. */
export function withoutComment(line: string): string {
  for (const { index } of line.matchAll(/\s#(?=\s)/g)) {
    const before = line.slice(0, index);
    const isOpen = (quote: string) => before.split(quote).length % 2 === 0;
    if (!isOpen('"') && !isOpen("'")) return before;
  }
  return line;
}

/** Flags between the kind and the name: `flux reconcile ks --with-source -n flux-system NAME`. */
export const FLAGS = String.raw`(?:(?:-n|--(?:namespace|context|kube-context|timeout))(?:=|\s+)\S+\s+|--[\w-]+(?:=\S+)?\s+)*`;
