import type { Line } from "./applies.ts";
import { readEntering, SETTING } from "./entering.ts";

/** What leaves the folder that was entered: of a subshell its end, of a stack of folders what takes one off. */
const LEAVES = /^\s*\)|(?:^|[\s;&|(])popd\b/;

/** Where a command runs. */
export interface Entered {
  /** The folder that was entered before. */
  entered: string | undefined;
  /** Something else was entered, which is not known. */
  isLost: boolean;
}

/** How far the key of a line stands in, behind the dash of an item. */
const indentOf = (text: string): number => text.search(/[^\s-]/);

/**
 * Tells the folder that a command runs in; of make each line runs by itself, and of a workflow or a Taskfile what is no deeper
 * than where it was entered. `cd -`, `cd ..` and what only a run knows leave it open.
 */
export function makeEntered(lines: readonly Line[]): (number: number, command: string) => Entered {
  /** The first line that enters what only a run knows: from there on no folder may be the one it is started in. */
  let lost = Number.POSITIVE_INFINITY;
  let now: { folder: string; indent: number } | undefined;
  const folders: (string | undefined)[] = [];
  for (const [index, { text, bases, isComment, file }] of lines.entries()) {
    const isNested = file.kind === "task" || file.kind === "workflow";
    const before = lines[index - 1]?.bases;
    if (!isComment && text.trim() !== "") {
      if (LEAVES.test(text) || (isNested && now && indentOf(text) < now.indent)) now = undefined;
      // An item of a list ends the one before it, whose keys stand as far in.
      if (isNested && now && /^\s*-\s/.test(text) && indentOf(text) === now.indent) now = undefined;
      if (readEntering(text) === undefined) {
        // A recipe of just runs where its file is.
        if (before && bases !== before) now = undefined;
      } else {
        // `defaults: run: working-directory: …` holds for all that is beside it.
        const isDefault = isNested && /^\s*run:\s*$/.test(lines[index - 1]?.text ?? "");
        const indent = indentOf((isDefault ? lines[index - 2]?.text : undefined) ?? text);
        const isOpen = before ? bases === before : bases[0] === "";
        if (isOpen) lost = Math.min(lost, index + 1);
        now = isOpen ? undefined : { folder: bases[0]!, indent };
        if (isNested && now && SETTING.test(text)) fillAbove(lines, folders, now);
      }
    }
    folders.push(now?.folder);
  }
  return (number, command) => {
    const line = lines[number - 1];
    const isHere = line?.file.kind !== "make" || /\b(?:cd|pushd)\s/.test(command);
    return { entered: isHere ? folders[number - 1] : undefined, isLost: number >= lost };
  };
}

/** `working-directory:` holds for the `run:` of its step above it as well; it ends where another one has its say. */
function fillAbove(
  lines: readonly Line[],
  folders: (string | undefined)[],
  { folder, indent }: { folder: string; indent: number },
): void {
  for (let index = folders.length - 1; index >= 0; index--) {
    const { text } = lines[index]!;
    const own = text.trim() === "" ? indent : indentOf(text);
    if (own < indent || SETTING.test(text)) return;
    folders[index] ??= folder;
    if (own === indent && /^\s*-\s/.test(text)) return;
  }
}
