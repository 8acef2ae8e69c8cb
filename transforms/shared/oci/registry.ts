import { cutEnd } from "../../../src/contract/cut.ts";
import type { Forge } from "../../../src/contract/options.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** An address of an artifact, taken apart. */
export interface ArtifactUrl {
  host: string;
  /** Path below the host, lower-case as registries demand. */
  path: string;
}

/** Reads `oci://ghcr.io/Org/Name:tag` or `ghcr.io/org/name`; undefined when there is no host in it. */
export function parseArtifactUrl(text: string): ArtifactUrl | undefined {
  const plain = cutEnd(text.trim().replace(/^oci:\/\//i, ""), "/").toLowerCase();
  const slash = plain.indexOf("/");
  const host = slash < 0 ? plain : plain.slice(0, slash);
  if (!/^(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?$/.test(host) || Number(host.split(":")[1] ?? 0) > 65_535)
    return undefined;
  const path = slash < 0 ? "" : cutTag(plain.slice(slash + 1));
  if (path !== "" && !path.split("/").every((part) => PART.test(part))) return undefined;
  return { host, path };
}

/** What registries take between two slashes. */
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** A path without what follows the first `:` or `@` behind its last slash. */
function cutTag(path: string): string {
  const start = path.lastIndexOf("/") + 1;
  const tag = path.slice(start).search(/[:@]/);
  return tag < 0 ? path : path.slice(0, start + tag);
}

/** Whether an address ends in a tag or a digest. */
export function namesTag(text: string): boolean {
  const path = text
    .trim()
    .replace(/^oci:\/\//i, "")
    .replace(/^[^/]*/, "");
  return cutTag(path) !== path;
}

export function formatArtifactUrl({ host, path }: ArtifactUrl): string {
  return `oci://${host}/${path}`;
}

/** Splits `github.com/owner/name`; undefined for what is no repository of a forge. */
export function splitIdentity(identity: string | undefined): { host: string; owner: string; name: string } | undefined {
  const [host, ...rest] = (identity ?? "").split("/");
  if (!host?.includes(".") || rest.length < 2) return undefined;
  return { host: host.replace(/:\d+$/, ""), owner: rest.slice(0, -1).join("/"), name: rest.at(-1)! };
}

/**
 * The registry that comes with a forge: GitHub's is ghcr.io, GitLab.com's is registry.gitlab.com, Forgejo and Gitea answer
 * under their own host and port. Azure DevOps and Bitbucket have none, and a private GitHub or GitLab says nowhere in the
 * repository where its registry answers: those give undefined.
 */
export function defaultArtifact(forge: Forge, identity: string | undefined, url = ""): ArtifactUrl | undefined {
  const repository = splitIdentity(identity);
  if (!repository) return undefined;
  const { host, owner, name } = repository;
  const path = `${owner}/${name}/manifests`.toLowerCase();
  if (forge === "github") return host === "github.com" ? { host: "ghcr.io", path } : undefined;
  if (forge === "gitlab") return host === "gitlab.com" ? { host: "registry.gitlab.com", path } : undefined;
  if (forge !== "forgejo") return undefined;
  // The port of ssh says nothing of the registry, and without TLS source-controller and the CLI have to be told so.
  const [, scheme, port] = /^(https?):\/\/(?:[^@/]*@)?[^/:]+(:\d+)\//i.exec(url) ?? [];
  if (port === undefined) return { host, path };
  return scheme!.toLowerCase() === "https" ? { host: `${host}${port}`, path } : undefined;
}

/** `provider` that logs source-controller in without a secret, by the host of the registry (flux-facts 6.1). */
export function providerOf(host: string): "aws" | "azure" | "gcp" | undefined {
  if (/\.dkr\.ecr\.[\w-]+\.amazonaws\.com(\.cn)?$/.test(host)) return "aws";
  if (/\.azurecr\.(io|cn|us)$/.test(host)) return "azure";
  return /(?:^|[.-])(?:gcr\.io|docker\.pkg\.dev)$/.test(host) ? "gcp" : undefined;
}

/** Name of a new pull secret, by what it opens. */
export function secretNameFor(host: string): string {
  if (host === "ghcr.io") return "ghcr-auth";
  return host === "registry.gitlab.com" ? "gitlab-registry-auth" : "registry-auth";
}

const HOSTS: readonly (readonly [RegExp, Forge])[] = [
  [/^(?:ssh\.)?github\.com$/, "github"],
  [/^gitlab\.com$/, "gitlab"],
  [/^(?:ssh\.)?dev\.azure\.com$|\.visualstudio\.com$/, "azure"],
  [/^codeberg\.org$/, "forgejo"],
  [/^(?:altssh\.)?bitbucket\.org$/, "bitbucket"],
];
const FILES: readonly (readonly [string, Forge])[] = [
  [".forgejo/workflows", "forgejo"],
  [".gitea/workflows", "forgejo"],
  [".github/workflows", "github"],
  [".gitlab-ci.yml", "gitlab"],
  ["azure-pipelines.yml", "azure"],
  ["azure-pipelines.yaml", "azure"],
  ["bitbucket-pipelines.yml", "bitbucket"],
];
const WORDS: readonly (readonly [RegExp, Forge])[] = [
  [/github/, "github"],
  [/gitlab/, "gitlab"],
  [/gitea|forgejo/, "forgejo"],
  [/bitbucket/, "bitbucket"],
];

/**
 * The forge that runs the CI of this repository: a well-known host decides, then the CI files that are there, then the name
 * of a private host. A `.github` folder on codeberg.org is a mirror's leftover, so the host comes first.
 * @param identities `host/owner/name` of what Flux clones and of the remote, in that order
 */
export function detectForge(tree: Tree, identities: readonly (string | undefined)[]): Forge | undefined {
  const hosts = identities.flatMap((identity) => splitIdentity(identity)?.host ?? []);
  const byHost = (table: typeof HOSTS) =>
    hosts.map((host) => table.find(([pattern]) => pattern.test(host))?.[1]).find((forge) => forge !== undefined);
  const [, byFile] =
    FILES.find(([path]) => tree.has(path) || tree.entries(path).some((name) => /\.ya?ml$/.test(name))) ?? [];
  return byHost(HOSTS) ?? byFile ?? byHost(WORDS);
}
