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

/** Splits a simple command at spaces, keeping template expressions together. */
export function splitCommand(command: string): Word[] {
  const words: Word[] = [];
  for (const match of command.matchAll(/(?:\{\{.*?\}\}|"[^"]*"|'[^']*'|\S)+/g)) {
    words.push({
      text: match[0].replace(/^(["'])(.*)\1$/, "$2"),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  return words;
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
