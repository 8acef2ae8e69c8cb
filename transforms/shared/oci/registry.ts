import type { Forge } from "../../../src/contract/options.ts";

/** An address of an artifact, taken apart. */
export interface ArtifactUrl {
  host: string;
  /** Path below the host, lower-case as registries demand. */
  path: string;
}

/** Reads `oci://ghcr.io/Org/Name:tag` or `ghcr.io/org/name`; undefined when there is no host in it. */
export function parseArtifactUrl(text: string): ArtifactUrl | undefined {
  const plain = text
    .trim()
    .replace(/^oci:\/\//i, "")
    .replace(/\/+$/, "")
    .toLowerCase();
  const slash = plain.indexOf("/");
  const host = slash < 0 ? plain : plain.slice(0, slash);
  if (!/^(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?$/.test(host)) return undefined;
  const path = slash < 0 ? "" : plain.slice(slash + 1).replace(/[:@][^/]*$/, "");
  if (path !== "" && !/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path)) return undefined;
  return { host, path };
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
 * under their own host. Azure DevOps and Bitbucket have none, and a private GitHub or GitLab says nowhere in the
 * repository where its registry answers: those give undefined.
 */
export function defaultArtifact(forge: Forge, identity: string | undefined): ArtifactUrl | undefined {
  const repository = splitIdentity(identity);
  if (!repository) return undefined;
  const { host, owner, name } = repository;
  const path = `${owner}/${name}/manifests`.toLowerCase();
  if (forge === "github") return host === "github.com" ? { host: "ghcr.io", path } : undefined;
  if (forge === "gitlab") return host === "gitlab.com" ? { host: "registry.gitlab.com", path } : undefined;
  return forge === "forgejo" ? { host, path } : undefined;
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
