import { cutEnd } from "../contract/cut.ts";
import type { Loc } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Claim, KubeObject } from "../contract/objects.ts";
import { isWithin } from "../delivery/paths.ts";
import { matchTokens } from "../files/glob.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { type ArtifactCall, listCalls, PUSH, type PushCall } from "./artifact-calls.ts";
import { isArchived, isDocs } from "./automation-files.ts";
import { findUpload } from "./bucket-uploads.ts";
import { bindLast, VARIABLE } from "./call-runs.ts";
import { publishedFolder } from "./published-folder.ts";
import { isCommentLine } from "./readable-text.ts";

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
  const url = urlOf(source.data);
  const fitting = listFitting(tree, PUSH, url).flatMap(({ file, line, address, path, pathIn, fit }) => {
    const value = path ?? pathIn(bindLast(address, url));
    return value === undefined ? [] : [{ push: { value, at: { file, line, col: 1 }, address }, fit }];
  });
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
  return listPushedPaths(tree, data).some((path) => /\w/.test(path));
}

/** Whether a push names the whole path of an OCIRepository in letters, whatever the registry. */
export function isSpelledByPush(tree: Tree, { data }: Pick<KubeObject, "data">): boolean {
  return listPushedPaths(tree, data).some((path) => !path.includes("\0"));
}

/** The addresses behind their registry of pushes that may be to a source, with NULs for variables. */
function listPushedPaths(tree: Tree, data: KubeObject["data"]): string[] {
  return listFitting(tree, PUSH, urlOf(data)).map(({ address }) =>
    address.replace(VARIABLE, "\0").replace(/^[a-z]*:\/\/[^/]*/, ""),
  );
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
  const { spelled, ending, open } = remember(tree, "calls by address", command, () => indexCalls(tree, command));
  const all =
    url === ""
      ? [...spelled.values(), ...ending.values()].flat()
      : [...(spelled.get(url) ?? []), ...(ending.get(lastOf(url)) ?? [])];
  const fitting = [...all, ...open].map((one) => ({ ...one, fit: fitOf(one.address, url) }));
  return fitting.filter(({ fit }) => fit >= 0).sort((a, b) => a.at - b.at);
}

/**
 * By their address, for a repository may publish thousands: one without a variable is that of no other source, and one whose name
 * has none (`oci://ghcr.io/${{ github.repository_owner }}/apps`) that of no source called otherwise.
 */
function indexCalls(tree: Tree, command: string) {
  const files = tree.grep(command);
  const calls = files.flatMap((file) => listCalls(tree, file, command).map((call) => ({ ...call, file })));
  const all = calls.map((call, at) => ({ ...call, at, plain: call.address.toLowerCase().replace(VARIABLE, "\0") }));
  const isSpelled = ({ plain }: { plain: string }) => plain !== "" && !LOOPBACK.test(plain) && !plain.includes("\0");
  const isEnding = (one: { plain: string }) => !isSpelled(one) && /\/[^/\0]+$/.test(one.plain);
  return {
    spelled: groupBy(all.filter(isSpelled), ({ plain }) => plain),
    ending: groupBy(all.filter(isEnding), ({ plain }) => lastOf(plain)),
    open: all.filter((one) => !isSpelled(one) && !isEnding(one)),
  };
}

const lastOf = (address: string): string => address.slice(address.lastIndexOf("/") + 1);
