import type { AutomationFile } from "./automation-files.ts";
import { readEntering, SETTING, sayOpen, UNKNOWN } from "./entering.ts";

/** A line of a file that automates something. */
export interface Line {
  file: Pick<AutomationFile, "kind">;
  text: string;
  /** Fills in its variables, as far as they are known. */
  expand: (word: string) => string;
  /** Where it runs, as far as that is known: each line that changes this has a list of its own. */
  bases: readonly string[];
  isComment: boolean;
}

/** What leaves the folder that was entered: of a subshell its end, of a stack of folders what takes one off. */
const LEAVES = /^\s*\)|(?:^|[\s;&|(])popd\b/;

const WITHIN = /(?<!\$)\(\s*(?:cd|pushd)\s/;

/** Whether a line enters a folder for the rest of its parentheses alone. */
function entersOnce(text: string): boolean {
  const at = text.search(WITHIN);
  return at >= 0 && text.includes(")", at);
}

/** A command that is an item by itself, as GitLab and Woodpecker have them: one shell runs the whole list. */
const SHARES = /^\s*-\s+(?!["']?[\w-]+["']?:(?:\s|$))/;
/** Goes on in the shell of `before_script`. */
const GOES_ON = /^\s*script:\s*$/;

/** Where a command runs. */
export interface Entered {
  /** The folder that was entered before. */
  entered: string | undefined;
  /** The same where only a run knows all of it. */
  open: string | undefined;
  /** Something else was entered, which is not known. */
  isLost: boolean;
}

interface Folder {
  path: string;
  isOpen: boolean;
}

/** The folder that a line entered, how far in that stands, and whether the items of its list share it. */
interface Stay {
  folder: Folder;
  indent: number;
  isShared: boolean;
}

/** How far the key of a line stands in, behind the dash of an item. */
const indentOf = (text: string): number => text.search(/[^\s-]/);

/** Whether what was entered ends by how far lines stand in. */
const isNested = ({ file }: Line): boolean => file.kind === "task" || file.kind === "workflow";

/** Whether what was entered before ends at a line. */
function endsStay(line: Line, { indent, isShared }: Stay): boolean {
  const { text } = line;
  if (LEAVES.test(text)) return true;
  if (!isNested(line)) return false;
  if (indentOf(text) < indent) return !(isShared && GOES_ON.test(text));
  // An item of a list ends the one before it, whose keys stand as far in.
  return !isShared && /^\s*-\s/.test(text) && indentOf(text) === indent;
}

/** The folder that a line enters; none where only a run knows which. */
function enterFolder(lines: readonly Line[], index: number, entered: string): Stay | undefined {
  const line = lines[index]!;
  const { text, bases, expand, file } = line;
  const before = lines[index - 1]?.bases;
  // `defaults: run: working-directory: …` holds for all that is beside it.
  const isDefault = isNested(line) && /^\s*run:\s*$/.test(lines[index - 1]?.text ?? "");
  const indent = indentOf((isDefault ? lines[index - 2]?.text : undefined) ?? text);
  const isOpen = before ? bases === before : bases[0] === "";
  const path = isOpen ? sayOpen(expand(entered)) : bases[0]!;
  const isShared = file.kind === "workflow" && SHARES.test(text);
  return path.startsWith(UNKNOWN) ? undefined : { folder: { path, isOpen }, indent, isShared };
}

/**
 * Tells the folder that a command runs in; of make each line runs by itself, and of a workflow or a Taskfile what is no deeper
 * than where it was entered. `cd -`, `cd ..` and what only a run knows leave it open.
 */
export function makeEntered(lines: readonly Line[]): (number: number, command: string) => Entered {
  /** The first line that enters what only a run knows: from there on no folder may be the one it is started in. */
  let lost = Number.POSITIVE_INFINITY;
  let now: Stay | undefined;
  const folders: (Folder | undefined)[] = [];
  for (const [index, line] of lines.entries()) {
    const { text, bases, isComment } = line;
    const outside = now;
    if (!isComment && text.trim() !== "") {
      if (now && endsStay(line, now)) now = undefined;
      const entering = readEntering(text);
      if (entering) {
        now = enterFolder(lines, index, entering.folder);
        if (!now) lost = Math.min(lost, index + 1);
        if (now && isNested(line) && SETTING.test(text)) fillAbove(lines, folders, now);
      } else if (index > 0 && bases !== lines[index - 1]!.bases) {
        // A recipe of just runs where its file is.
        now = undefined;
      }
    }
    folders.push(now?.folder);
    if (!isComment && entersOnce(text)) now = outside;
  }
  return (number, command) => {
    const line = lines[number - 1];
    const isHere = line?.file.kind !== "make" || /\b(?:cd|pushd)\s/.test(command);
    const folder = isHere ? folders[number - 1] : undefined;
    const [entered, open] = folder?.isOpen ? [undefined, folder.path] : [folder?.path, undefined];
    return { entered, open, isLost: number >= lost };
  };
}

/** `working-directory:` holds for the `run:` of its step above it as well; it ends where another one has its say. */
function fillAbove(
  lines: readonly Line[],
  folders: (Folder | undefined)[],
  { folder, indent }: { folder: Folder; indent: number },
): void {
  for (let index = folders.length - 1; index >= 0; index--) {
    const { text } = lines[index]!;
    const own = text.trim() === "" ? indent : indentOf(text);
    if (own < indent || SETTING.test(text)) return;
    folders[index] ??= folder;
    if (own === indent && /^\s*-\s/.test(text)) return;
  }
}
