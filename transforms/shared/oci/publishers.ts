import { join, normalizePath } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { splitIdentity } from "./registry.ts";
import type { Publisher } from "./types.ts";

const PUSH = "flux push artifact";

/** Every `flux push artifact` in files that CI runs, in path order. */
export function findPublishers(tree: Tree, identity: string | undefined): Publisher[] {
  return tree
    .grep(PUSH)
    .filter(isAutomation)
    .flatMap((file) => readCalls(file, tree.read(file) ?? "", identity));
}

/** Documentation and archived copies push nothing. */
function isAutomation(file: string): boolean {
  const parts = file.split("/");
  if (/\.(?:md|txt|adoc)$/i.test(file) || parts.some((part) => /^\.?archived?$/i.test(part))) return false;
  return /^(?:\.(?:github|gitlab|gitea|forgejo|azure)|azure-pipelines)\/|^(?:\.gitlab-ci|azure-pipelines|bitbucket-pipelines)\.ya?ml$/.test(
    file,
  );
}

function readCalls(file: string, text: string, identity: string | undefined): Publisher[] {
  const found: Publisher[] = [];
  for (let from = text.indexOf(PUSH); from >= 0; from = text.indexOf(PUSH, from + 1)) {
    const before = text.slice(0, from);
    if (/^\s*#/.test(before.slice(before.lastIndexOf("\n") + 1))) continue;
    const rest = text.slice(from).split("\n");
    const last = rest.findIndex((line) => !line.trimEnd().endsWith("\\"));
    const call = rest.slice(0, last < 0 ? rest.length : last + 1).join("\n");
    const pushed = /--path[= ]+["']?([\w./-]+)["']?/.exec(call)?.[1];
    const path = pushed === undefined ? undefined : normalizePath(join(workingDirectory(before), pushed));
    if (path === undefined) continue;
    const url = readUrl(call, identity);
    found.push({
      file,
      line: before.split("\n").length,
      path,
      hasRevision: call.includes("--revision"),
      ...(url ? { url } : {}),
    });
  }
  return found;
}

/** `working-directory` of the step that holds the call, so that `--path=.` in `./kubernetes` means `kubernetes`. */
function workingDirectory(before: string): string {
  const step = before.slice(Math.max(before.lastIndexOf("\n      - "), before.lastIndexOf("\n    - "), 0));
  return /working-directory:\s*["']?([\w./-]+)["']?/.exec(step)?.[1] ?? "";
}

/** The address with the forge's own variables filled in; undefined where it takes another variable. */
function readUrl(call: string, identity: string | undefined): string | undefined {
  const repository = splitIdentity(identity);
  const raw = /oci:\/\/\S+/.exec(call.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, "${$1}"))?.[0];
  if (raw === undefined) return undefined;
  const full = repository ? `${repository.owner}/${repository.name}` : undefined;
  const known: Record<string, string | undefined> = {
    "github.repository": full,
    GITHUB_REPOSITORY: full,
    "github.repository_owner": repository?.owner,
    GITHUB_REPOSITORY_OWNER: repository?.owner,
    "github.event.repository.name": repository?.name,
    CI_REGISTRY_IMAGE: full && repository?.host === "gitlab.com" ? `registry.gitlab.com/${full}` : undefined,
  };
  const withoutTag = raw.replace(/["']/g, "").replace(/:[^/]*$/, "");
  const url = withoutTag.replace(/\$\{?([\w.]+)\}?/g, (whole, name: string) => known[name] ?? whole);
  return url.includes("$") ? undefined : url.toLowerCase();
}
