import { existsSync } from "node:fs";
import { RepoError } from "../contract/errors.ts";
import { buildDiskTree, type DiskTree, isSearchable, type Search } from "./disk-tree.ts";
import { FACTS_ARGS, type GitFacts, REMOTES_ARGS, readFacts } from "./git.ts";
import { type GitOutput, runGit, splitNul, startGit } from "./git-run.ts";
import { LISTING_ARGS, parseListing } from "./listing.ts";
import { isOutsideListing, resolveRoot } from "./site.ts";

/** A folder as it was when it was opened. Files are read when first asked for; nothing is ever written through it. */
export interface Workspace {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  readonly tree: DiskTree;
  /** null outside git, or when there is no git executable. */
  readonly git: GitFacts | null;
}

export interface OpenOptions {
  /** Strings that will be asked of `tree.grep`; looking them up together costs one process. */
  prefetch?: readonly string[];
}

/**
 * Opens a folder, which may lie below the top of a git repository. All git processes start at once, so that the caller can
 * load its modules meanwhile.
 * @throws RepoError when it is no folder, or git refuses the repository around it.
 */
export async function openWorkspace(dir: string, options: OpenOptions = {}): Promise<Workspace> {
  const root = resolveRoot(dir);
  const needles = (options.prefetch ?? []).filter(isSearchable);
  const [facts, remotes, listing, found] = await Promise.all([
    startGit(root, FACTS_ARGS),
    startGit(root, REMOTES_ARGS),
    startGit(root, LISTING_ARGS),
    needles.length > 0 ? startGit(root, searchArgs(needles)) : undefined,
  ]);
  const git = readFacts(root, facts, remotes);
  let early = found;
  const workspace = await assemble(root, git, git ? listing : undefined, (wanted) => {
    const output = early;
    early = undefined;
    return output ? readSearch(output) : searchGit(root, wanted);
  });
  if (needles.length > 0) workspace.tree.prefetch(needles);
  return workspace;
}

async function assemble(
  root: string,
  git: GitFacts | null,
  listing: GitOutput | undefined,
  search: Search,
): Promise<Workspace> {
  if (git && listing) {
    if (listing.code !== 0) throw new RepoError("git-failed", `git cannot list ${root}: ${listing.stderr}`, GIT_HINT);
    const { paths, unsearched } = parseListing(listing.stdout, (path) => existsSync(`${root}/${path}`));
    const isIgnoredFolder = paths.length === 0 && isOutsideListing(root, git.prefix);
    if (!isIgnoredFolder) return { root, git, tree: buildDiskTree({ root, paths, unsearched, search }) };
  }
  const { walkFolder } = await import("./walk.ts");
  const tree = buildDiskTree({ root, paths: walkFolder(root), unsearched: [], search: () => undefined });
  return { root, git: null, tree };
}

const GIT_HINT = "Make `git status` work there, then repeat.";

/** Tracked files only: what is untracked is few files and read anyway, and looking for it would cost git as much again. */
function searchArgs(needles: readonly string[]): string[] {
  const patterns = needles.flatMap((needle) => ["-e", needle]);
  return ["grep", "-z", "-l", "-F", "--no-color", "--no-recurse-submodules", "--no-textconv", "-a", ...patterns];
}

function searchGit(root: string, needles: readonly string[]): readonly string[] | undefined {
  return readSearch(runGit(root, searchArgs(needles)));
}

function readSearch(output: GitOutput): readonly string[] | undefined {
  return output.code === 0 || output.code === 1 ? splitNul(output.stdout) : undefined;
}
