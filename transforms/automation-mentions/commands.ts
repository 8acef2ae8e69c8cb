import { LONGEST_COMMAND, MOST_LINES } from "../../src/cluster/command-lines.ts";
import { isComment } from "../shared/automation/words.ts";

/** The lines of a file by their numbers; one that a `\\` at its end continues together with what follows, as a shell reads it. */
export function readCommands(text: string): { line: string; number: number; last: number }[] {
  const commands: { line: string; number: number; last: number }[] = [];
  let isOpen = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/\r$/, "");
    const goesOn = line.endsWith("\\") && !isComment(line);
    const own = goesOn ? line.slice(0, -1) : line;
    const open = commands.at(-1);
    if (isOpen && open && index - open.number < MOST_LINES && open.line.length < LONGEST_COMMAND) {
      open.line += ` ${own.trimStart()}`;
      open.last = index + 1;
    } else commands.push({ line: own, number: index + 1, last: index + 1 });
    isOpen = goesOn;
  }
  return commands;
}
