import type { Claim, KubeObject } from "../contract/objects.ts";
import { isWithin, join, normalizePath } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import type { Tree } from "../files/tree.ts";

const PUSH = "push artifact";

/**
 * Folder of the repository that becomes the root of a source's artifact: `''` for Git, and for OCI what the publishing
 * workflow or task pushes (`flux push artifact … --path=./kubernetes`). Of several pushes the one whose address fits the
 * source best counts, then one that pushes the folder the source is declared in. Undefined when two of them still
 * disagree or none says.
 */
export function findArtifactRoot(tree: Tree, source: KubeObject, given: string | undefined): Claim<string> | undefined {
  const at = { file: source.file, line: 1, col: 1 };
  if (source.kind === "GitRepository") return { value: "", at };
  if (given !== undefined) return { value: normalizePath(given) ?? "", at };
  return findPush(tree, source);
}

/** The call that publishes a source; undefined where none or several different ones fit. */
export function findPush(tree: Tree, source: Pick<KubeObject, "file" | "data">): Claim<string> | undefined {
  const url = String(source.data?.spec?.url ?? "")
    .toLowerCase()
    .replace(/\/+$/, "");
  const pushes = tree.grep(PUSH).flatMap((file) => readPushes(file, tree.read(file) ?? ""));
  const fitting = pushes.map((push) => ({ push, fit: fitOf(push, url) })).filter(({ fit }) => fit >= 0);
  const best = Math.max(...fitting.map(({ fit }) => fit));
  const claims = fitting.filter(({ fit }) => fit === best).map(({ push }) => push);
  return single(claims) ?? single(claims.filter(({ value }) => isWithin(source.file, value)));
}

/** What `--ignore-paths` of the call at a place leaves out, one pattern a line. */
export function readUnpublished(tree: Tree, { file, line }: Claim<string>["at"]): string {
  const lines = (tree.read(file) ?? "").split("\n").slice(line - 1);
  const last = lines.findIndex((one) => !one.trimEnd().endsWith("\\"));
  const call = lines.slice(0, last < 0 ? lines.length : last + 1).join("\n");
  const said = /--ignore-paths[= ]+(?:"([^"]*)"|'([^']*)'|([^\s\\]+))/.exec(call);
  return (said?.[1] ?? said?.[2] ?? said?.[3] ?? "").split(",").join("\n");
}

function single(claims: readonly Push[]): Push | undefined {
  return new Set(claims.map((claim) => claim.value)).size === 1 ? claims[0] : undefined;
}

/** What one call pushes, and to where as far as it is written out: the parts between variables. */
type Push = Claim<string> & { address: readonly string[] };

/** How many characters of a push's address are the source's own; -1 where they contradict it. */
function fitOf({ address }: Push, url: string): number {
  if (url === "") return 0;
  const pattern = address.map(escapeRegExp).join(".*");
  return new RegExp(`^${pattern}$`).test(url) ? address.join("").length : -1;
}

function readPushes(file: string, text: string): Push[] {
  return readPushCalls(text).map(({ path, call, line }) => {
    return { value: path, at: { file, line, col: 1 }, address: readAddress(text, call.slice(PUSH.length)) };
  });
}

/** One `push artifact` of the Flux CLI. */
interface PushCall {
  /** Folder of the repository that it pushes. */
  path: string;
  /** The command from `push` on, over all its lines. */
  call: string;
  line: number;
  /** What stands before it on its line. */
  lead: string;
}

/** The calls of a text that say which folder they push. */
export function readPushCalls(text: string): PushCall[] {
  const calls: PushCall[] = [];
  for (let from = text.indexOf(PUSH); from >= 0; from = text.indexOf(PUSH, from + 1)) {
    const lines = text.slice(from).split("\n");
    const last = lines.findIndex((line) => !line.trimEnd().endsWith("\\"));
    const call = lines.slice(0, last < 0 ? lines.length : last + 1).join("\n");
    const pushed = /--path[= ]+["']?([\w./-]+)["']?/.exec(call)?.[1];
    const before = text.slice(0, from);
    const path = pushed === undefined ? undefined : normalizePath(join(workingDirectory(before), pushed));
    const lead = before.slice(before.lastIndexOf("\n") + 1);
    if (path !== undefined) calls.push({ path, call, line: before.split("\n").length, lead });
  }
  return calls;
}

const VARIABLE = /\$\{\{[^}]*\}\}|\$\([^)]*\)|\$\{[^}]*\}|\$\w+|\{\{[^}]*\}\}/g;

/** The address of a call without its tag, split at what only the run knows; variables that the file sets are filled in. */
function readAddress(text: string, call: string): string[] {
  const written =
    /^(?:\s|\\\n|--\S+)*["']?((?:\$\{\{[^}]*\}\}|\$\([^)]*\)|\{\{[^}]*\}\}|[^\s"'\\])+)/.exec(call)?.[1] ?? "";
  const filled = written.replace(VARIABLE, (variable) => readVariable(text, variable) ?? variable);
  const parts = filled.toLowerCase().split(VARIABLE);
  // A tag or digest follows the last slash; the colon of `oci:` and a registry's port come before one.
  const whole = parts.join("\0").replace(/[:@][^/]*$/, "");
  return whole === "" ? ["", ""] : whole.split("\0");
}

/** `OCI_REPO: oci://ghcr.io/owner/repo` or `OCI_REPO=…`, for `$OCI_REPO`, `${OCI_REPO}` and `${{ env.OCI_REPO }}`. */
function readVariable(text: string, variable: string): string | undefined {
  const name = /^\$\{\{\s*env\.(\w+)\s*\}\}$|^\$\{?(\w+)\}?$|^\{\{\s*\.(\w+)\s*\}\}$/.exec(variable);
  const key = name?.[1] ?? name?.[2] ?? name?.[3];
  if (key === undefined) return undefined;
  const values = [
    ...text.matchAll(new RegExp(`^[ \\t-]*(?:export )?${key}[:=][ \\t]*["']?(oci://[^"'\\n]*?)["']?[ \\t\\r]*$`, "gm")),
  ];
  return values.length === 1 ? values[0]![1] : undefined;
}

/** `working-directory` of the CI step that holds the call, so that `--path=.` in `./kubernetes` means `kubernetes`. */
function workingDirectory(before: string): string {
  const step = before.slice(Math.max(before.lastIndexOf("\n      - "), before.lastIndexOf("\n    - "), 0));
  return /working-directory:\s*["']?([\w./-]+)["']?/.exec(step)?.[1] ?? "";
}
