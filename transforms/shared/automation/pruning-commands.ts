import { type AutomationFile, isArchived, isDocs, listAutomation } from "../../../src/cluster/automation-files.ts";
import { readCommands } from "../../../src/cluster/command-lines.ts";
import { type Entered, makeEntered } from "../../../src/cluster/entered-folders.ts";
import { UNKNOWN } from "../../../src/cluster/entering.ts";
import { appliesFolder, isPruning, TRIES } from "../../../src/cluster/pruning-folders.ts";
import { codeLines } from "../../../src/cluster/readable-text.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Line, readLines } from "./applies.ts";
import { runsOf } from "./sayings.ts";
import { findWords, type Word } from "./words.ts";

/** Commands that do the same as often as they are run. */
const COMMANDS: readonly { search: string; program: string; isMeant: (line: string) => boolean }[] = [
  { search: "kapp", program: "kapp", isMeant: (line) => /\bkapp\s+(?:app-)?deploy\b/.test(line) },
  { search: "kpt live", program: "kpt", isMeant: (line) => /\bkpt\s+live\s+apply\b/.test(line) },
  { search: "--prune", program: "kubectl --prune", isMeant: isPruning },
];

/** Its settings; older releases of it apply what `manifest_projects` lists. */
const AGENT = /(?:^|\/)\.gitlab\/agents\/[^/]+\/config\.yaml$/;

const isRead = (path: string): boolean => !isArchived(path) && !isDocs(path);

/**
 * Commands that apply files of Flux and delete what leaves their folder; somebody may run them. Folders that a script enters, and
 * variables that it sets, count; a path that only a run knows is named as such where it may be one of these folders.
 */
export function reportPruningCommands(tree: Tree, files: readonly string[]): DraftFinding[] {
  const agents = tree.paths.filter((path) => AGENT.test(path));
  const scripts = [
    ...COMMANDS.map(({ search, ...rest }) => ({ ...rest, paths: tree.grep(search) })),
    { paths: agents, program: "GitLab's agent", isMeant: (line: string) => /\bglob:/.test(line) },
  ];
  const all = listAutomation(tree);
  const known = new Map(all.map((one) => [one.path, one]));
  return scripts.flatMap(({ paths, program, isMeant }) =>
    paths.filter(isRead).flatMap((path) => {
      const text = codeLines(tree, path).join("\n");
      const file: AutomationFile = known.get(path) ?? { path, kind: "other", text };
      const said = readCommands(text).map((one) => ({ ...one, commands: commandsIn(runsOf(one.line)) }));
      if (!known.has(path) && !said.some(({ commands }) => commands.some(isMeant))) return [];
      const lines = readLines(tree, { ...file, text }, all);
      const commands = said.flatMap(({ line, number, commands }) => {
        const { expand } = lines[number - 1]!;
        // A flag may stand in a variable: `--prune $DRY`.
        const meant = commands.filter((command) => {
          const both = [command, expand(command)];
          return both.some(isMeant) && !both.some((each) => TRIES.test(each));
        });
        return meant.length > 0 ? [{ meant, line, number }] : [];
      });
      if (commands.length === 0) return [];
      const entered = makeEntered(lines);
      return commands.flatMap(({ meant, line, number }): DraftFinding[] => {
        const place = { line: lines[number - 1]!, ...entered(number, line) };
        if (place.line.isPrinted) return [];
        const places = meant.flatMap((command) => findPath(tree, place, command, files) ?? []);
        const found = places.find(({ isOpen }) => !isOpen) ?? places[0];
        if (!found) return [];
        return [
          { rule: "pruner-applies-flux", level: "caution", at: lineOf(path, number), facts: { program, ...found } },
        ];
      });
    }),
  );
}

/** kapp, kpt and kustomize go down by themselves; kubectl does with a flag. */
const goesDown = (command: string): boolean =>
  !/\b(?:kubectl|KUBECTL)\b/.test(command) || /\s(?:-R|--recursive|-k|--kustomize)\b/.test(command);

/** Where a tool starts: a workflow at the top of the repository, others where their file lies, if none above may include it. */
function startOf({ file: { kind, path }, home }: Line): string | undefined {
  if (kind === "workflow") return "";
  const own = dirname(path);
  return TOOLS.includes(kind) && (own === "" || home === own) ? own : undefined;
}
const TOOLS: readonly AutomationFile["kind"][] = ["make", "task", "just", "mise"];

interface Place extends Entered {
  line: Line;
}

/** What stands before the name of what a command applies. */
const FLAG = /\s(?:-[fk]|--file|--filename|--kustomize)(?:=|\s+|(?<=-[fk]))["']?$/;

interface Found {
  path: string;
  file: string;
  isOpen?: true;
}

/** What a command applies: the files below one of its folders, or one of them. */
interface Command extends Place {
  tree: Tree;
  text: string;
  files: readonly string[];
}

/** The word of a command that names a folder, a file or a pattern with one of the files in it. */
function findPath(tree: Tree, place: Place, text: string, files: readonly string[]): Found | undefined {
  let open: Found | undefined;
  for (const word of findWords(text)) {
    const found = readWord({ ...place, tree, text, files }, word);
    if (found && !found.isOpen) return found;
    open ??= found;
  }
  return open;
}

/** The file that a word of a command applies, if it does; open where that depends on what only a run knows. */
function readWord(command: Command, word: Word): Found | undefined {
  const { line, entered, open, isLost, files } = command;
  const text = fillIn(line, word);
  const isNamed = FLAG.test(command.text.slice(0, word.start));
  if (text.includes(UNKNOWN)) {
    const isAddress = /\$[({]*\w*URL\b/i.test(word.text);
    return isNamed && !isAddress ? findOpen(files, text, word.text) : undefined;
  }
  const [bare = "", ...pattern] = text.split("*");
  if (/^(?:https?|oci|git):|\$/.test(bare)) return undefined;
  const isHere = /^\.[./]*$/.test(bare);
  if (isHere && isNamed && open !== undefined) return findOpen(files, open, ".");
  const start = startOf(line);
  if (isHere && isNamed && entered === undefined) {
    const applied = goesDown(command.text) ? files : files.filter((each) => dirname(each) === (start ?? ""));
    const [first] = applied;
    if (isLost || start === undefined)
      return first === undefined ? undefined : { path: ".", file: first, isOpen: true };
    // Without a kustomization there `-k` fails.
    const isTaken = !/\s(?:-k|--kustomize)\b/.test(command.text) || findKustomization(command.tree, "") !== undefined;
    return findBelow({ ...command, files: applied }, [start], { bare, isTaken: isTaken || pattern.length > 0 });
  }
  if ((isHere || !bare.includes("/")) && !(isNamed && entered !== undefined)) return undefined;
  const inside = entered === undefined ? [] : [entered];
  const bases = isHere ? [entered ?? start ?? ""] : [...inside, ...line.bases];
  return findBelow(command, bases, { bare, isTaken: pattern.length > 0 });
}

function findOpen(files: readonly string[], text: string, path: string): Found | undefined {
  const file = files.find((each) => mayHold(text, each));
  return file === undefined ? undefined : { path, file, isOpen: true };
}

/** @param isTaken whether the top of the repository itself may be meant */
function findBelow(
  { tree, files }: Command,
  bases: readonly string[],
  { bare, isTaken }: { bare: string; isTaken: boolean },
): Found | undefined {
  for (const base of bases) {
    const path = join(base, bare.replace(/^\//, "").replace(/\/$/, ""));
    const isNone = path === "" && !isTaken;
    const file = isNone ? undefined : files.find((each) => each === path || appliesFolder(tree, path, each));
    if (file !== undefined) return { path, file };
  }
  return undefined;
}

/** A variable with a default means that, where nothing else is said. */
function fillIn(line: Line, { text }: Word): string {
  const plain = line.expand(text);
  return plain.includes(UNKNOWN) ? line.guess(text) : plain;
}

/** Whether what stands open in a path may make it a folder of a file, or the file. */
function mayHold(text: string, file: string): boolean {
  const said = text.split("/").filter((part) => !part.includes(UNKNOWN) && part !== "." && part !== "");
  const parts = file.split("/");
  let from = 0;
  for (const part of said) {
    const at = parts.indexOf(part, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

/** The commands of a line, without what is said behind them; a pipe is one. */
function commandsIn(line: string): string[] {
  return line.replace(/(?:^|\s)#.*$/s, "").split(/&&|\|\||;/);
}
