import { existsSync } from "node:fs";
import { RepoError } from "../contract/errors.ts";
import { buildDiskTree, type DiskTree, lookAt, type Search, type Unread } from "./disk-tree.ts";
import { factsOf, type GitFacts } from "./git.ts";
import {
  ask,
  GIT_HINT,
  hugeFilesOf,
  type Repository,
  SEARCH_ARGS,
  startAsking,
  startOpening,
} from "./git-repository.ts";
import { type GitOutput, splitNul } from "./git-run.ts";
import { isOutsideListing, resolveRoot } from "./site.ts";

/** A folder as it was when it was opened. Files are read when first asked for; nothing is ever written through it. */
export interface Workspace {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  readonly tree: DiskTree;
  /** null outside git. */
  readonly git: GitFacts | null;
  /** Tracked files that a sparse checkout leaves out, or that are not there and overlooked by git all the same. */
  readonly hidden?: readonly string[];
  /** Set for a sparse checkout. */
  readonly isSparse?: true;
  /** Tracked files that are there and whose changes git was told to overlook: `update-index --skip-worktree`, `--assume-unchanged`. */
  readonly overlooked?: readonly string[];
  /** Why a file that may hold a word is not read; undefined for one that is, and for a large one without the word. */
  readonly unread?: (path: string, word: string) => Unread | undefined;
}

/**
 * Opens a folder, which may lie below the top of a git repository.
 * @param prefetch strings that will be asked of `tree.grep`; looking them up together costs one process at most
 * @param later strings that may be asked for, too
 * @param underWay called when git is at work on all that is left, so that the caller can load its modules meanwhile
 * @throws RepoError when it is no folder, or git refuses the repository around it.
 */
export async function openWorkspace(
  dir: string,
  prefetch: readonly string[] = [],
  later: readonly string[] = [],
  underWay: () => void = () => {},
): Promise<Workspace> {
  const root = resolveRoot(dir);
  const repository = await startOpening(root);
  const tracked = repository && (await openTracked(repository, later, underWay));
  const workspace = tracked ?? (await openUntracked(root));
  workspace.tree.prefetch(prefetch);
  return workspace;
}

/** @returns undefined for a folder that git ignores as a whole */
async function openTracked(
  repository: Repository,
  later: readonly string[],
  underWay: () => void,
): Promise<Workspace | undefined> {
  const { root } = repository;
  const asking = startAsking(repository, LISTING_ARGS);
  underWay();
  const listing = await asking;
  if (listing.code !== 0) throw new RepoError("git-failed", `git cannot list ${root}: ${listing.stderr}`, GIT_HINT);
  const { paths, unsearched, ...flagged } = parseListing(
    listing.stdout,
    (path) => existsSync(`${root}/${path}`),
    (path) => lookAt(`${root}/${path}`) === "kept",
  );
  if (paths.length === 0 && isOutsideListing(repository)) return undefined;
  const search: Search = (needles) => {
    return readSearch(ask(repository, searchArgs(needles), { huge: hugeFilesOf(repository) }));
  };
  const sparse = isOn(repository, "core.sparsecheckout") ? { isSparse: true as const } : {};
  const built = buildDiskTree(root, paths, unsearched, search, later);
  return { root, git: factsOf(repository), ...built, ...flagged, ...sparse };
}

/** Whether a setting that is yes or no says yes. */
function isOn({ settings }: Repository, name: string): boolean {
  return /^(true|yes|on|[1-9]\d*)$/i.test(settings.get(name)?.at(-1) ?? "");
}

async function openUntracked(root: string): Promise<Workspace> {
  const { walkFolder } = await import("./walk.ts");
  return { root, git: null, ...buildDiskTree(root, walkFolder(root), [], () => undefined) };
}

/** Tracked files with their index flags, files that are not there, and untracked files that are not ignored. */
const LISTING_ARGS: readonly string[] = [
  ...["ls-files", "-z", "-v", "--stage", "--cached", "--others", "--deleted", "--exclude-standard"],
];

/**
 * Interprets the output of `LISTING_ARGS`; submodules and nested repositories are left out.
 * @param isThere asked only for flagged files: git does not say which files a sparse checkout leaves out.
 * @param isKept asked only for files that git does not see: those in a folder that this user may not enter are not gone.
 * @returns paths, in no order, and those `git grep` may not look at on disk: untracked, or flagged in the index.
 */
function parseListing(
  stdout: Buffer,
  isThere: (path: string) => boolean,
  isKept: (path: string) => boolean,
): { paths: string[]; unsearched: string[]; hidden: string[]; overlooked: string[] } {
  const paths = new Set<string>();
  const hidden: string[] = [];
  const overlooked: string[] = [];
  const unsearched = new Set<string>();
  const absent: string[] = [];
  for (const entry of splitNul(stdout)) {
    const tag = entry.charAt(0);
    const isUntracked = tag === "?";
    const path = isUntracked ? entry.slice(2) : entry.slice(entry.indexOf("\t") + 1);
    const isRepository = isUntracked ? path.endsWith("/") : entry.startsWith("160000 ", 2);
    if (isRepository) continue;
    if (tag === "R" || tag === "r") absent.push(path);
    else if (tag === "H" || tag === "M") paths.add(path);
    else if (isUntracked || isThere(path)) {
      paths.add(path);
      unsearched.add(path);
      if (!isUntracked) overlooked.push(path);
    } else hidden.push(path);
  }
  for (const path of absent) {
    if (isKept(path)) unsearched.add(path);
    else paths.delete(path);
  }
  return { paths: [...paths], unsearched: [...unsearched].filter((path) => paths.has(path)), hidden, overlooked };
}

/** Tracked files only: what is untracked is few files and read anyway, and looking for it would cost git as much again. */
function searchArgs(needles: readonly string[]): string[] {
  return [...SEARCH_ARGS, ...needles.flatMap((needle) => ["-e", needle])];
}

function readSearch(output: GitOutput): readonly string[] | undefined {
  return output.code === 0 || output.code === 1 ? splitNul(output.stdout) : undefined;
}
