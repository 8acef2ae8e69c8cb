import { RepoError } from "../contract/errors.ts";
import { classify, type FileContent } from "./file-text.ts";
import { type GitOutput, runGit, splitNul } from "./git-run.ts";
import { indexPaths } from "./path-index.ts";
import { remember } from "./remember.ts";
import { resolveRoot } from "./site.ts";
import type { Tree } from "./tree.ts";

/** `size` in bytes. */
type Blob = Readonly<{ mode: string; id: string; size: number }>;

/** After this many single look-ups, reading all the rest at once is cheaper than another process. */
const MAX_BATCHES = 6;
/** Up to here it is quicker to read a whole tree once than to ask git to search it again and again; in bytes. */
const SMALL_TREE = 1 << 25;
/** Larger files are data; git searches them where they are asked for. */
const LARGE_FILE = 1 << 21;
const FULL_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The full commit id a revision names (branch, tag, `HEAD~2`, `origin/main`).
 * @returns undefined when it names no commit, or there is no repository.
 */
export function resolveRevision(root: string, rev: string): string | undefined {
  const output = runGit(root, ["rev-parse", "--verify", "-q", "--end-of-options", `${rev}^{commit}`]);
  const id = output.stdout.toString().trim();
  return output.code === 0 && id !== "" ? id : undefined;
}

/**
 * The tree of a commit below `root`, which may be a folder inside the repository; empty where the commit lacks it.
 * Submodules are left out. Files are read from git when first asked for.
 * @param rev a full commit id is taken as it is
 * @param wanted read these together when the first of them is asked for, where little else will be
 * @throws RepoError when the revision names no commit.
 */
export function openRevision(dir: string, rev: string, wanted: readonly string[] = []): Tree {
  const root = resolveRoot(dir);
  const commit = FULL_ID.test(rev) ? rev : resolveRevision(root, rev);
  if (!commit) {
    throw new RepoError(
      "no-such-revision",
      `${rev} names no commit of the repository at ${root}`,
      "Name a commit, branch or tag that `git rev-parse` knows; in a shallow clone, fetch it first.",
    );
  }
  const blobs = parseTree(check(root, runGit(root, ["ls-tree", "-r", "-l", "-z", commit])).stdout);
  const index = indexPaths([...blobs.keys()]);
  const contents = new Map<string, FileContent>();
  let batches = 0;

  const loadAll = (paths: readonly string[]): void => {
    const wanted = paths.filter((path) => !contents.has(path));
    for (const path of wanted) if (blobs.get(path)?.mode === "120000") contents.set(path, { status: "symlink" });
    const files = wanted.filter((path) => !contents.has(path));
    if (files.length === 0) return;
    batches++;
    const texts = readBlobs(
      root,
      files.map((path) => blobs.get(path)!.id),
    );
    for (const [i, path] of files.entries()) contents.set(path, texts[i]!);
  };
  const load = (path: string): FileContent | undefined => {
    if (!contents.has(path) && blobs.has(path)) {
      loadAll(wanted.includes(path) ? wanted.filter((one) => blobs.has(one)) : [path]);
      if (batches >= MAX_BATCHES) loadAll(index.paths);
    }
    return contents.get(path);
  };
  /** Files that are worth reading all at once; undefined where the tree is too large for that. */
  const listSmall = (): readonly string[] | undefined => {
    const small = index.paths.filter((path) => (blobs.get(path)?.size ?? 0) <= LARGE_FILE);
    return small.reduce((sum, path) => sum + (blobs.get(path)?.size ?? 0), 0) <= SMALL_TREE ? small : undefined;
  };
  let small: readonly string[] | undefined;
  const search = (needle: string): readonly string[] => {
    small ??= listSmall();
    if (!small) {
      const candidates = searchCommit(root, commit, needle) ?? index.paths;
      loadAll(candidates.filter((path) => blobs.has(path)));
      return candidates;
    }
    loadAll(small);
    if (small.length === index.paths.length) return small;
    const read = new Set(small);
    return [...small, ...(searchCommit(root, commit, needle) ?? index.paths).filter((path) => !read.has(path))];
  };
  const tree: Tree = {
    ...index,
    status: (path) => load(path)?.status,
    executable: (path) => blobs.get(path)?.mode === "100755",
    read: (path) => load(path)?.text,
    grep: (needle) =>
      remember(tree, "grep", needle, () =>
        search(needle)
          .filter((path) => tree.read(path)?.includes(needle))
          .sort(),
      ),
  };
  return tree;
}

function parseTree(stdout: Buffer): Map<string, Blob> {
  const blobs = new Map<string, Blob>();
  for (const entry of splitNul(stdout)) {
    const tab = entry.indexOf("\t");
    const [mode, type, id, size] = entry.slice(0, tab).split(/ +/);
    if (type === "blob" && mode && id) blobs.set(entry.slice(tab + 1), { mode, id, size: Number(size) || 0 });
  }
  return blobs;
}

/** Reads objects in one process; unreadable is what git does not have. */
function readBlobs(root: string, ids: readonly string[]): FileContent[] {
  const { stdout } = check(root, runGit(root, ["cat-file", "--batch"], `${ids.join("\n")}\n`));
  let at = 0;
  return ids.map(() => {
    const end = stdout.indexOf(10, at);
    const [, type, size] = stdout.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (type !== "blob") return { status: "unreadable" };
    const bytes = stdout.subarray(at, at + Number(size));
    at += bytes.length + 1;
    return classify(bytes);
  });
}

function searchCommit(root: string, commit: string, needle: string): string[] | undefined {
  if (needle === "" || needle.includes("\n")) return undefined;
  const output = runGit(root, ["grep", "-z", "-l", "-F", "--no-color", "--no-textconv", "-a", "-e", needle, commit]);
  if (output.code !== 0 && output.code !== 1) return undefined;
  return splitNul(output.stdout).map((name) => name.slice(commit.length + 1));
}

function check(root: string, output: GitOutput): GitOutput {
  if (output.code === 0) return output;
  throw new RepoError("git-failed", `git cannot read ${root}: ${output.stderr}`, "Run `git fsck` there, then repeat.");
}

/** Clone URLs of the remotes; empty outside git. */
export function readRemotes(dir: string): string[] {
  const output = runGit(resolveRoot(dir), ["config", "--get-regexp", "^remote\\..*\\.url$"]);
  if (output.code !== 0) return [];
  return output.stdout
    .toString()
    .split("\n")
    .flatMap((line) => line.split(" ").slice(1, 2))
    .filter((url) => url !== "");
}
