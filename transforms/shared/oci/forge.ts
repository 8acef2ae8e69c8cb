import type { Forge } from "../../../src/contract/options.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { splitIdentity } from "./registry.ts";

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

export interface ForgeGuess {
  forge: Forge;
  /** What says so, for findings. */
  because: string;
}

/**
 * The forge that runs the CI of this repository: a well-known host decides, then the CI files that are there, then the name
 * of a private host. A `.github` folder on codeberg.org is a mirror's leftover, so the host comes first.
 * @param identities `host/owner/name` of what Flux clones and of the remote, in that order
 */
export function detectForge(tree: Tree, identities: readonly (string | undefined)[]): ForgeGuess | undefined {
  const hosts = identities.flatMap((identity) => splitIdentity(identity)?.host ?? []);
  for (const host of hosts) {
    const known = HOSTS.find(([pattern]) => pattern.test(host));
    if (known) return { forge: known[1], because: `the repository is on ${host}` };
  }
  for (const [path, forge] of FILES) {
    if (tree.has(path) || tree.entries(path).some((name) => /\.ya?ml$/.test(name))) {
      return { forge, because: `${path} is there` };
    }
  }
  for (const host of hosts) {
    const named = WORDS.find(([pattern]) => pattern.test(host));
    if (named) return { forge: named[1], because: `the repository is on ${host}` };
  }
  return undefined;
}
