import type { Tree } from "../workspace/tree.ts";
import { join, normalizePath } from "./paths.ts";
import type { Claim, KubeObject } from "./types.ts";

const PUSH = "push artifact";

/**
 * Folder of the repository that becomes the root of a source's artifact: `''` for Git, and for OCI what the publishing
 * workflow or task pushes (`flux push artifact … --path=./kubernetes`). Undefined when two of them disagree or none says.
 */
export function findArtifactRoot(tree: Tree, source: KubeObject, given: string | undefined): Claim<string> | undefined {
  const at = { file: source.file, line: 1, col: 1 };
  if (source.kind === "GitRepository") return { value: "", at };
  if (given !== undefined) return { value: normalizePath(given) ?? "", at };
  const url = source.data?.spec?.url;
  const claims = tree
    .grep(PUSH)
    .flatMap((file) => readPushes(file, tree.read(file) ?? ""))
    .filter((claim) => claim.url === undefined || typeof url !== "string" || claim.url === url.toLowerCase());
  return new Set(claims.map((claim) => claim.value)).size === 1 ? claims[0] : undefined;
}

/** What one call pushes, and to where if its address is written out. */
type Push = Claim<string> & { url?: string };

function readPushes(file: string, text: string): Push[] {
  const claims: Push[] = [];
  for (let from = text.indexOf(PUSH); from >= 0; from = text.indexOf(PUSH, from + 1)) {
    const lines = text.slice(from).split("\n");
    const last = lines.findIndex((line) => !line.trimEnd().endsWith("\\"));
    const call = lines.slice(0, last < 0 ? lines.length : last + 1).join("\n");
    const path = /--path[= ]+["']?([\w./-]+)["']?/.exec(call)?.[1];
    if (path === undefined) continue;
    const before = text.slice(0, from);
    const address = /oci:\/\/[\w.:-]+(?:\/[\w.-]+)+/.exec(call)?.[0].toLowerCase();
    const isLiteral = address !== undefined && !/oci:\/\/[^\s:]*[$]/.test(call);
    const root = normalizePath(join(workingDirectory(before), path));
    if (root !== undefined)
      claims.push({
        value: root,
        at: { file, line: before.split("\n").length, col: 1 },
        ...(isLiteral ? { url: address } : {}),
      });
  }
  return claims;
}

/** `working-directory` of the CI step that holds the call, so that `--path=.` in `./kubernetes` means `kubernetes`. */
function workingDirectory(before: string): string {
  const step = before.slice(Math.max(before.lastIndexOf("\n      - "), before.lastIndexOf("\n    - "), 0));
  return /working-directory:\s*["']?([\w./-]+)["']?/.exec(step)?.[1] ?? "";
}
