import { readPushCalls } from "../../../src/cluster/artifact-calls.ts";
import { isCommentLine, readableText } from "../../../src/cluster/readable-text.ts";
import { given } from "../../../src/contract/given.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { splitIdentity } from "./registry.ts";
import type { Publisher } from "./types.ts";

/** Every `flux push artifact` in files that CI runs, in path order. */
export function findPublishers(tree: Tree, identity: string | undefined): Publisher[] {
  return tree
    .grep("flux push artifact")
    .filter(isAutomation)
    .flatMap((file) => readCalls(file, readableText(tree, file) ?? "", identity));
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
  return readPushCalls(file, text)
    .filter(({ lead }) => lead.endsWith("flux ") && !isCommentLine(lead))
    .map(({ path, address: written, call, line }) => {
      const address = fillForge(written, identity);
      const url = address === "" || address.includes("$") ? undefined : address.toLowerCase();
      return { file, line, path, address, text, hasRevision: call.includes("--revision"), ...given({ url }) };
    });
}

/** The address with the forge's own variables filled in. */
function fillForge(address: string, identity: string | undefined): string {
  const repository = splitIdentity(identity);
  const full = repository ? `${repository.owner}/${repository.name}` : undefined;
  const known: Record<string, string | undefined> = {
    "github.repository": full,
    GITHUB_REPOSITORY: full,
    "github.repository_owner": repository?.owner,
    GITHUB_REPOSITORY_OWNER: repository?.owner,
    "github.event.repository.name": repository?.name,
    CI_REGISTRY_IMAGE: full && repository?.host === "gitlab.com" ? `registry.gitlab.com/${full}` : undefined,
  };
  return address.replace(
    /\$\{\{\s*([\w.]+)\s*\}\}|\$\{(\w+)\}|\$(\w+)/g,
    (whole, context?: string, braced?: string, bare?: string) => known[context ?? braced ?? bare ?? ""] ?? whole,
  );
}
