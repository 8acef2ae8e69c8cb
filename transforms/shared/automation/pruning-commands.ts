import { type AutomationFile, isArchived, isDocs, listAutomation } from "../../../src/cluster/automation-files.ts";
import { readCommands } from "../../../src/cluster/command-lines.ts";
import { appliesFolder, isPruning, TRIES } from "../../../src/cluster/pruning-folders.ts";
import { codeLines } from "../../../src/cluster/readable-text.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Line, readLines } from "./applies.ts";
import { type Entered, makeEntered } from "./entered-folders.ts";
import { runsOf } from "./sayings.ts";
import { findWords, UNKNOWN, type Word } from "./words.ts";

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

/** The word of a command that names a folder, a file or a pattern with one of the files in it. */
function findPath(
  tree: Tree,
  { line, entered, open: inside, isLost }: Place,
  command: string,
  files: readonly string[],
): Found | undefined {
  let open: Found | undefined;
  for (const word of findWords(command)) {
    const text = fillIn(line, word);
    const isNamed = FLAG.test(command.slice(0, word.start));
    if (text.includes(UNKNOWN)) {
      const isAddress = /\$[({]*\w*URL\b/i.test(word.text);
      const file = isNamed && !isAddress ? files.find((each) => mayHold(text, each)) : undefined;
      if (file !== undefined) open ??= { path: word.text, file, isOpen: true };
      continue;
    }
    const [bare = "", ...pattern] = text.split("*");
    if (/^(?:https?|oci|git):|\$/.test(bare)) continue;
    const isHere = /^\.[./]*$/.test(bare);
    if (isHere && isNamed && inside !== undefined) {
      const file = files.find((each) => mayHold(inside, each));
      if (file !== undefined) open ??= { path: ".", file, isOpen: true };
      continue;
    }
    const isTop = isHere && entered === undefined && isNamed;
    const start = startOf(line);
    const applied = isTop && !goesDown(command) ? files.filter((each) => dirname(each) === (start ?? "")) : files;
    if (isTop && (isLost || start === undefined)) {
      if (applied[0] !== undefined) open ??= { path: ".", file: applied[0], isOpen: true };
      continue;
    }
    if ((isHere || !bare.includes("/")) && !(isNamed && entered !== undefined) && !isTop) continue;
    for (const base of isHere
      ? [entered ?? start ?? ""]
      : [...(entered === undefined ? [] : [entered]), ...line.bases]) {
      const path = join(base, bare.replace(/^\//, "").replace(/\/$/, ""));
      // Without a kustomization there `-k` fails.
      const isTaken = isTop && (!/\s(?:-k|--kustomize)\b/.test(command) || findKustomization(tree, "") !== undefined);
      const isNone = path === "" && pattern.length === 0 && !isTaken;
      const file = isNone ? undefined : applied.find((each) => each === path || appliesFolder(tree, path, each));
      if (file !== undefined) return { path, file };
    }
  }
  return open;
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
