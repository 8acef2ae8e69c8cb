import { cutEnd } from "../contract/cut.ts";
import { given } from "../contract/given.ts";
import { groupBy } from "../contract/group-by.ts";
import { dirname, normalizePath } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { kindOf } from "./automation-files.ts";
import { fillIn, listRuns, type Run, VARIABLE } from "./call-runs.ts";
import { commandLines, LONGEST_COMMAND } from "./command-lines.ts";
import { makeEntered } from "./entered-folders.ts";
import { UNKNOWN } from "./entering.ts";
import { isCommentLine, readableText } from "./readable-text.ts";

export const PUSH = "push artifact";

/** One `push artifact` of the Flux CLI, or another command of its that names an artifact. */
export interface ArtifactCall {
  /** Folder of the repository that it pushes, where it says one. */
  path?: string;
  /** The same where more of its variables is known. */
  pathIn: (run: Run) => string | undefined;
  /** The artifact, without the tag; variables that the file sets are filled in. */
  address: string;
  /** Its tag; the last variable of an address that may hold one, and `latest` where none is said. */
  tag: string;
  /** The command from its name on, over all its lines. */
  call: string;
  line: number;
  /** What stands before it on its line. */
  lead: string;
}

export type PushCall = ArtifactCall & { path: string };

/** Runs of the commands of one file that are told apart. */
const MOST_RUNS = 5000;
const NOTHING_KNOWN: readonly Run[] = [new Map()];

/** Calls of a command of the Flux CLI that names an artifact: one that a matrix, or a function, runs several times is several. */
export function listCalls(tree: Tree, file: string, command: string): ArtifactCall[] {
  return remember(tree, command, file, () => listCallsOf(command, file, readableText(tree, file) ?? "", tree));
}

/** The calls of a text that say which folder they push. */
export function readPushCalls(file: string, text: string): PushCall[] {
  return listCallsOf(PUSH, file, text).flatMap(({ path, ...call }) => (path === undefined ? [] : [{ path, ...call }]));
}

/** All calls of a text, with the folder where they say one. */
function listCallsOf(command: string, file: string, text: string, tree?: Tree): ArtifactCall[] {
  if (!text.includes(command)) return [];
  const lines = text.split("\n");
  const addresses = readSettings(text, ADDRESS_VALUE);
  const words = readSettings(text, WORD_VALUE);
  const aliases = new Map([...words].filter(([, value]) => OF_RUN.test(value)));
  const folderAt = makeFolderAt(file, lines);
  let left = MOST_RUNS;
  return lines.flatMap((line, index) => {
    const places = [...line.matchAll(new RegExp(command, "g"))].map((match) => match.index);
    return places.flatMap((from) => {
      const lead = line.slice(0, from);
      const raw = [line.slice(from), ...[...commandLines(lines, index)].slice(1)].join("\n").slice(0, LONGEST_COMMAND);
      const said = fillIn(raw, aliases);
      const runs = listRuns(said, { file, text, lines, index, tree });
      // Callers of calls of callers: of too many nothing is known.
      const told = runs.length > left ? NOTHING_KNOWN : runs;
      left -= told.length;
      return told.map((run): ArtifactCall => {
        const call = fillIn(said, run);
        const folder = folderAt(index, call);
        const pathIn = (more: Run) => {
          const fill = (one: string) => fillIn(fillIn(fillIn(one, run), more), words);
          return readPath(fill(call), file, folder === undefined ? undefined : fill(folder));
        };
        const named = readAddress(addresses, call.slice(command.length));
        return { ...given({ path: pathIn(new Map()) }), pathIn, ...named, call, line: index + 1, lead };
      });
    });
  });
}

/** The folder that a command runs in, where a step, a job or the lines above it say one. */
export function makeFolderAt(
  file: string,
  texts: readonly string[],
): (index: number, command: string) => string | undefined {
  const kind = kindOf(file);
  const bases = [""];
  const lines = texts.map((text) => {
    return { file: { kind }, text, bases, expand: (word: string) => word, isComment: isCommentLine(text) };
  });
  const entered = makeEntered(lines);
  return (index, command) => entered(index + 1, command).open;
}

/** What a path may begin with: the folder of the file, the top of the checkout, or where the command runs. */
const BESIDE = String.raw`\$\{path\.module\}|\$\(dirname "?\$0"?\)`;
const TOP = String.raw`\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?|\$\{\{\s*github\.workspace\s*\}\}|\$\(git rev-parse --show-toplevel\)`;
const HERE = String.raw`\$\{?PWD\}?|\$\(pwd\)`;
// What follows ends the word: `--path=./${{ matrix.project }}` names no folder, and least of all the top; `-f -` reads what is built.
const PATH = new RegExp(
  `(?:--path|(?<=\\s)-f)[= ]+["']*(?:(?:(${BESIDE})|(${TOP})|${HERE})["']*/)?(?!-)([\\w./-]+)(?=["']*(?:[\\s\\\\;|&),\\]]|$))`,
);

/**
 * The folder that a call names, from the top. One that leads up is meant from the folder of its file, where nothing says that
 * it runs elsewhere: `../flux` in a script of the folder `ci`.
 */
function readPath(call: string, file: string, folder: string | undefined): string | undefined {
  const [, beside, top, said] = PATH.exec(call) ?? [];
  if (said === undefined) return undefined;
  const own = beside || (!top && folder === undefined && said.startsWith("../")) ? dirname(file) : folder;
  const from = top ? "" : (own ?? "");
  return from.includes(UNKNOWN) || /[$*{}]/.test(from) ? undefined : normalizePath(`${from}/${said}`);
}

/** A word of a command, which may hold variables of every kind met here. */
export const WORD = String.raw`((?:\$\{\{[^}]*\}\}|\$\([^)]*\)|\{\{[^}]*\}\}|[^\s"'\\])+)`;
const ADDRESS = new RegExp(String.raw`^(?:\s|\\\n|--\S+)*["']?${WORD}`);
const LATER_ADDRESS = new RegExp(String.raw`[\s"']oci://${WORD}`);
const LAST_VARIABLE = new RegExp(`(?:${VARIABLE.source})$`);

function readAddress(settings: Run, call: string): Pick<ArtifactCall, "address" | "tag"> {
  const first = ADDRESS.exec(call)?.[1] ?? "";
  // Flags may come first, with their values behind them: `--path . oci://…`.
  const later = first.startsWith("oci:") || first.search(VARIABLE) >= 0 ? undefined : LATER_ADDRESS.exec(call)?.[1];
  const filled = fillIn(later === undefined ? first : `oci://${later}`, settings);
  // A tag or digest follows the last slash; the colon of `oci:` and a registry's port come before one.
  const found = /[:@][^/]*$/.exec(filled.replace(VARIABLE, (variable) => "\0".repeat(variable.length)));
  const address = filled.slice(0, found?.index);
  return { address, tag: found ? filled.slice(found.index + 1) : (LAST_VARIABLE.exec(address)?.[0] ?? "latest") };
}

/** What one run gives another name: `NAME: ${{ matrix.name }}`, `local name="$1"`. */
const OF_RUN = /\$\{\{\s*(?:matrix|inputs)\.|\$\{?[1-9]/;

const ADDRESS_VALUE = String.raw`oci:\/\/[^"'\n]*`;
// A variable is read in one way only: else each `{{a}}` of a line that is no setting would double the ways to try.
const WORD_VALUE = String.raw`(?:\$?\{\{[^}\n]*\}\}|(?!\$?\{\{)[^\s"'#])+`;

/** What a text sets to one value, by name: `OCI_REPO: oci://ghcr.io/owner/repo` or `OCI_REPO=…`. */
function readSettings(text: string, value: string): Run {
  const setting = new RegExp(
    String.raw`^[ \t-]*(?:(?:export|local|readonly) )?(\w+)[ \t]*(?:[:?]?=|:)[ \t]*["']?(${value})(?:["'][ \t\r]*)?$`,
    "gm",
  );
  const values = groupBy(text.matchAll(setting), ([, name]) => name!);
  return new Map(
    [...values].flatMap(([name, all]): [string, string][] => {
      const [only, ...others] = new Set(all.map((match) => cutEnd(match[2]!, " \t\r")));
      return only === undefined || others.length > 0 ? [] : [[name, only]];
    }),
  );
}
