import { cutEnd } from "../contract/cut.ts";
import type { Loc } from "../contract/errors.ts";
import { given } from "../contract/given.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Claim, KubeObject } from "../contract/objects.ts";
import { dirname, isWithin, normalizePath } from "../delivery/paths.ts";
import { matchTokens } from "../files/glob.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs } from "./automation-files.ts";
import { findUpload } from "./bucket-uploads.ts";
import { commandLines, LONGEST_COMMAND } from "./command-lines.ts";
import { publishedFolder } from "./published-folder.ts";
import { isCommentLine, readableText } from "./readable-text.ts";

export const PUSH = "push artifact";

/**
 * Folder of the repository that becomes the root of a source's artifact: `''` for Git, for a Bucket what is uploaded to it,
 * and for OCI what the publishing workflow or task pushes (`flux push artifact … --path=./kubernetes`). Of several pushes the one whose address fits the
 * source best counts, then one that pushes the folder the source is declared in. Undefined when two of them still
 * disagree or none says.
 * @param given `--artifact-path`, see `publishedFolder`
 */
export function findArtifactRoot(tree: Tree, source: KubeObject, given: string | undefined): Claim<string> | undefined {
  const at = { file: source.file, line: 1, col: 1 };
  if (source.kind === "GitRepository") return { value: "", at };
  const said = publishedFolder(given, source.name);
  if (said !== undefined) return { value: said, at };
  return findFilling(tree, source);
}

/** The job or task here that fills a source which is no Git: a push of its artifact, or an upload to its bucket. */
export function findFilling(tree: Tree, source: Pick<KubeObject, "kind" | "file" | "data">): Claim<string> | undefined {
  return source.kind === "Bucket" ? findUpload(tree, source) : findPush(tree, source);
}

/** The call that publishes a source; undefined where none or several different ones fit. */
function findPush(tree: Tree, source: Pick<KubeObject, "file" | "data">): Claim<string> | undefined {
  const fitting = listFitting(tree, PUSH, urlOf(source.data)).flatMap(({ file, line, address, path, fit }) =>
    path === undefined ? [] : [{ push: { value: path, at: { file, line, col: 1 }, address }, fit }],
  );
  const best = fitting.reduce((most, { fit }) => Math.max(most, fit), -1);
  const claims = fitting.filter(({ fit }) => fit === best).map(({ push }) => push);
  return single(claims) ?? single(claims.filter(({ value }) => isWithin(source.file, value)));
}

/**
 * A push of an artifact that may be the source's, where `findArtifactRoot` finds no folder: a variable says it, or two pushes
 * name two. Pages name commands for people; what nothing runs counts for nothing.
 */
export function findOpenPush(tree: Tree, { kind, data }: Pick<KubeObject, "kind" | "data">): Loc | undefined {
  if (kind !== "OCIRepository") return undefined;
  const isRun = ({ file, lead }: FittingCall) => !isDocs(file) && !isArchived(file) && !isCommentLine(lead);
  const open = listFitting(tree, PUSH, urlOf(data)).find(isRun);
  return open && { file: open.file, line: open.line, col: 1 };
}

/**
 * Whether a push names the path of an OCIRepository in letters: an address of variables alone may be that of any artifact, those of
 * other people included.
 */
export function isNamedByPush(tree: Tree, { data }: Pick<KubeObject, "data">): boolean {
  const hasPath = (address: string) => /\w/.test(address.replace(VARIABLE, "").replace(/^[a-z]*:\/\/[^/]*/, ""));
  return listFitting(tree, PUSH, urlOf(data)).some(({ address }) => hasPath(address));
}

/** Whether a push names the whole path of an OCIRepository in letters, whatever the registry. */
export function isSpelledByPush(tree: Tree, { data }: Pick<KubeObject, "data">): boolean {
  const isPlain = (address: string) => !/\0/.test(address.replace(VARIABLE, "\0").replace(/^[a-z]*:\/\/[^/]*/, ""));
  return listFitting(tree, PUSH, urlOf(data)).some(({ address }) => isPlain(address));
}

/** What `--ignore-paths` of the call at a place leaves out, one pattern a line. */
export function readUnpublished(tree: Tree, { file, line }: Claim<string>["at"]): string {
  const call = listCalls(tree, file, PUSH).find((one) => one.line === line)?.call ?? "";
  const said = /--ignore-paths[= ]+(?:"([^"]*)"|'([^']*)'|([^\s\\]+))/.exec(call);
  return (said?.[1] ?? said?.[2] ?? said?.[3] ?? "").split(",").join("\n");
}

function urlOf(data: KubeObject["data"]): string {
  return cutEnd(String(data.spec?.url ?? "").toLowerCase(), "/");
}

function single(claims: readonly Push[]): Push | undefined {
  return new Set(claims.map((claim) => claim.value)).size === 1 ? claims[0] : undefined;
}

/** What one call pushes, and to where. */
type Push = Claim<string> & Pick<PushCall, "address">;

/** A registry on the machine that pushes: what a cluster reaches by a name of its own, most often through a port that is forwarded. */
const LOOPBACK = /^oci:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?\//;

/**
 * How many characters of a push's address are those of `url`; -1 where they contradict it. Variables may be anything, and so
 * may the host of a push to the machine it runs on.
 */
export function fitOf(address: string, url: string): number {
  if (url === "" || address === "") return 0;
  const lower = address.toLowerCase();
  const literal = lower.startsWith(url) ? lower : lower.replace(LOOPBACK, "oci://${host}/");
  const parts = literal.split(VARIABLE);
  const literally = (part: string) => [...part].map((char) => (one: string) => one === char);
  const tokens = parts.flatMap((part, index) => (index === 0 ? literally(part) : ["*" as const, ...literally(part)]));
  return matchTokens(tokens, [...url]) === undefined ? -1 : parts.join("").length;
}

type FittingCall = ArtifactCall & { file: string; fit: number };

/** The calls of a command whose address may be that of a source, in the order of the tree. */
export function listFitting(tree: Tree, command: string, url: string): FittingCall[] {
  const { spelled, open } = remember(tree, "calls by address", command, () => indexCalls(tree, command));
  const all = url === "" ? [...spelled.values()].flat() : (spelled.get(url) ?? []);
  const fitting = [...all, ...open].map((one) => ({ ...one, fit: fitOf(one.address, url) }));
  return fitting.filter(({ fit }) => fit >= 0).sort((a, b) => a.at - b.at);
}

/** By their address, for a repository may publish thousands: one without a variable is that of no other source. */
function indexCalls(tree: Tree, command: string) {
  const files = tree.grep(command);
  const calls = files.flatMap((file) => listCalls(tree, file, command).map((call) => ({ ...call, file })));
  const all = calls.map((call, at) => ({ ...call, at }));
  const isSpelled = ({ address }: ArtifactCall) =>
    address !== "" && !LOOPBACK.test(address.toLowerCase()) && address.replace(VARIABLE, "") === address;
  const spelled = groupBy(all.filter(isSpelled), ({ address }) => address.toLowerCase());
  return { spelled, open: all.filter((one) => !isSpelled(one)) };
}

/** Calls of a command of the Flux CLI that names an artifact. */
function listCalls(tree: Tree, file: string, command: string): ArtifactCall[] {
  return remember(tree, command, file, () => listCallsOf(command, file, readableText(tree, file) ?? ""));
}

/** One `push artifact` of the Flux CLI, or another command of its that names an artifact. */
interface ArtifactCall {
  /** Folder of the repository that it pushes, where it says one. */
  path?: string;
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

type PushCall = ArtifactCall & { path: string };

/** What a path may begin with: the folder of the file, or the top of the checkout. */
const BESIDE = String.raw`\$\{path\.module\}|\$\(dirname "?\$0"?\)`;
const TOP = String.raw`\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?|\$\{\{\s*github\.workspace\s*\}\}`;
// What follows ends the word: `--path=./${{ matrix.project }}` names no folder, and least of all the top.
const PATH = new RegExp(
  `--path[= ]+["']*(?:(?:(${BESIDE})|(${TOP}))["']*/)?([\\w./-]+)(?=["']*(?:[\\s\\\\;|&),\\]]|$))`,
);

/**
 * The folder that a call names, from the top. One that leads up is meant from the folder of its file, where nothing says that
 * it runs elsewhere: `../flux` in a script of the folder `ci`.
 */
function readPath(call: string, file: string, folder: string | undefined): string | undefined {
  const [, beside, top, said] = PATH.exec(call) ?? [];
  if (said === undefined) return undefined;
  const own = beside || (!top && folder === undefined && said.startsWith("../")) ? dirname(file) : folder;
  return normalizePath(`${top ? "" : (own ?? "")}/${said}`);
}

/** The calls of a text that say which folder they push. */
export function readPushCalls(file: string, text: string): PushCall[] {
  return listCallsOf(PUSH, file, text).flatMap(({ path, ...call }) => (path === undefined ? [] : [{ path, ...call }]));
}

/** All calls of a text, with the folder where they say one. */
function listCallsOf(command: string, file: string, text: string): ArtifactCall[] {
  const calls: ArtifactCall[] = [];
  const lines = text.split("\n");
  const variables = readVariables(text);
  // Of the CI step that holds the call: `--path=.` in `working-directory: ./kubernetes` means `kubernetes`.
  let folder: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (/^(?: {4}| {6})- /.test(line)) folder = undefined;
    folder ??= /working-directory:\s*["']?([\w./-]+)["']?/.exec(line)?.[1];
    for (let from = line.indexOf(command); from >= 0; from = line.indexOf(command, from + 1)) {
      const call = [line.slice(from), ...[...commandLines(lines, index)].slice(1)].join("\n").slice(0, LONGEST_COMMAND);
      const path = readPath(call, file, folder);
      const artifact = readAddress(variables, call.slice(command.length));
      calls.push({ ...given({ path }), ...artifact, call, line: index + 1, lead: line.slice(0, from) });
    }
  }
  return calls;
}

export const VARIABLE = /\$\{\{[^}]*\}\}|\$\([^)]*\)|\$\{[^}]*\}|\$\w+|\{\{[^}]*\}\}/g;

/** A word of a command, which may hold variables of every kind met here. */
export const WORD = String.raw`((?:\$\{\{[^}]*\}\}|\$\([^)]*\)|\{\{[^}]*\}\}|[^\s"'\\])+)`;
const ADDRESS = new RegExp(String.raw`^(?:\s|\\\n|--\S+)*["']?${WORD}`);
const LATER_ADDRESS = new RegExp(String.raw`[\s"']oci://${WORD}`);
const LAST_VARIABLE = new RegExp(`(?:${VARIABLE.source})$`);

function readAddress(variables: Variables, call: string): Pick<ArtifactCall, "address" | "tag"> {
  const first = ADDRESS.exec(call)?.[1] ?? "";
  // Flags may come first, with their values behind them: `--path . oci://…`.
  const later = first.startsWith("oci:") || first.search(VARIABLE) >= 0 ? undefined : LATER_ADDRESS.exec(call)?.[1];
  const written = later === undefined ? first : `oci://${later}`;
  const filled = written.replace(VARIABLE, (variable) => addressOf(variables, variable) ?? variable);
  // A tag or digest follows the last slash; the colon of `oci:` and a registry's port come before one.
  const found = /[:@][^/]*$/.exec(filled.replace(VARIABLE, (variable) => "\0".repeat(variable.length)));
  const address = filled.slice(0, found?.index);
  return { address, tag: found ? filled.slice(found.index + 1) : (LAST_VARIABLE.exec(address)?.[0] ?? "latest") };
}

/** What a text sets to an address, by name: `OCI_REPO: oci://ghcr.io/owner/repo` or `OCI_REPO=…`. */
type Variables = ReadonlyMap<string, readonly string[]>;

function readVariables(text: string): Variables {
  const found = text.matchAll(/^[ \t-]*(?:export )?(\w+)[:=][ \t]*["']?(oci:\/\/[^"'\n]*)(?:["'][ \t\r]*)?$/gm);
  const values = groupBy(found, ([, name]) => name!);
  return new Map([...values].map(([name, all]) => [name, all.map((match) => cutEnd(match[2]!, " \t\r"))]));
}

/** The one value of `$OCI_REPO`, `${OCI_REPO}` or `${{ env.OCI_REPO }}`. */
function addressOf(variables: Variables, variable: string): string | undefined {
  const name = /^\$\{\{\s*env\.(\w+)\s*\}\}$|^\$\{?(\w+)\}?$|^\{\{\s*\.(\w+)\s*\}\}$/.exec(variable);
  const values = variables.get(name?.[1] ?? name?.[2] ?? name?.[3] ?? "") ?? [];
  return values.length === 1 ? values[0] : undefined;
}
