import { RepoError } from "../contract/errors.ts";
import { classify, type FileContent, HUGE_BYTES } from "./file-text.ts";
import { ask, isPartialClone, type Repository, SEARCH_ARGS } from "./git-repository.ts";
import { type GitOutput, splitNul } from "./git-run.ts";

/** A file of a commit. */
export interface Blob {
  readonly mode: string;
  readonly id: string;
  /** In bytes; undefined when this clone does not hold the file. */
  readonly size: number | undefined;
}

/** So much is read by one process, in bytes. */
const BATCH = 1 << 25;

/** A commit of a few bytes can name one folder a million times over, and hold more files than anybody has. */
const MAX_FILES = 500_000;

/** The files of a commit below the root, by path. Submodules are left out. @throws RepoError when git cannot list them. */
export function listBlobs(repository: Repository, commit: string): Map<string, Blob> {
  const { stdout } = check(repository, ask(repository, ["ls-tree", "-r", "-l", "-z", commit]));
  refuseCrowd(stdout, commit);
  const blobs = new Map<string, Blob>();
  for (const entry of splitNul(stdout)) {
    const tab = entry.indexOf("\t");
    const [mode, type, id, size] = entry.slice(0, tab).split(/ +/);
    if (type !== "blob" || !mode || !id) continue;
    const path = entry.slice(tab + 1);
    if (blobs.has(path)) throw namedTwice(path, commit);
    blobs.set(path, { mode, id, size: /^\d+$/.test(size ?? "") ? Number(size) : undefined });
  }
  return blobs;
}

/**
 * @param stdout entries, each of which ends with so many NULs
 * @throws RepoError `too-many-files`
 */
export function refuseCrowd(stdout: Buffer, commit: string, each = 1): void {
  let rest = MAX_FILES * each;
  for (let at = stdout.indexOf(0); at >= 0 && rest >= 0; at = stdout.indexOf(0, at + 1)) rest--;
  if (rest >= 0) return;
  throw new RepoError(
    "too-many-files",
    `commit ${commit.slice(0, 9)} has more than ${MAX_FILES} files, or changes so many`,
    "Look at it with `git ls-tree -d -r` before anything checks it out: it may name one folder over and over.",
  );
}

/** The error for a tree that has two files of one name: each reader of it takes another one. */
export function namedTwice(path: string, commit: string): RepoError {
  return new RepoError(
    "git-failed",
    `commit ${commit.slice(0, 9)} has the file ${path} twice, so that nobody can say what is in it`,
    "`git fsck` names the tree. Make the commit anew: git checks out one of the two.",
  );
}

/** Blobs with their sizes, which take a process of their own to know. */
export function measureBlobs(repository: Repository, blobs: readonly Pick<Blob, "id" | "mode">[]): Blob[] {
  if (blobs.length === 0) return [];
  const input = `${blobs.map(({ id }) => id).join("\n")}\n`;
  const output = check(repository, ask(repository, ["cat-file", "--batch-check=%(objectsize)"], { input }));
  const sizes = output.stdout.toString("latin1").split("\n");
  // What is not there is said in words.
  return blobs.map((blob, i) => ({ ...blob, size: /^\d+$/.test(sizes[i] ?? "") ? Number(sizes[i]) : undefined }));
}

/** The contents of files, one for each; undefined for one that this clone does not hold. */
export function readBlobs(repository: Repository, blobs: readonly Blob[]): (FileContent | undefined)[] {
  const contents = blobs.map((blob): FileContent | undefined => {
    if (blob.mode === "120000") return { status: "symlink" };
    return (blob.size ?? 0) > HUGE_BYTES ? { status: "huge" } : undefined;
  });
  let batch: number[] = [];
  let size = 0;
  const flush = (): void => {
    const texts = readBatch(
      repository,
      batch.map((at) => blobs[at]!.id),
    );
    for (const [i, at] of batch.entries()) contents[at] = texts[i];
    batch = [];
    size = 0;
  };
  for (const [at, blob] of blobs.entries()) {
    if (contents[at] || blob.size === undefined) continue;
    if (size + blob.size > BATCH) flush();
    batch.push(at);
    size += blob.size;
  }
  flush();
  return contents;
}

function readBatch(repository: Repository, ids: readonly string[]): (FileContent | undefined)[] {
  if (ids.length === 0) return [];
  const { stdout } = check(repository, ask(repository, ["cat-file", "--batch"], { input: `${ids.join("\n")}\n` }));
  let at = 0;
  return ids.map(() => {
    const end = stdout.indexOf(10, at);
    const [, type, size] = stdout.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (type !== "blob") return undefined;
    const bytes = stdout.subarray(at, at + Number(size));
    at += bytes.length + 1;
    return classify(bytes);
  });
}

/** Files of a commit that hold a text, huge ones left out; undefined when git cannot say. */
export function searchCommit(
  repository: Repository,
  commit: string,
  needle: string,
  blobs: ReadonlyMap<string, Blob>,
): string[] | undefined {
  if (needle === "" || needle.includes("\n")) return undefined;
  const large = [...blobs].filter(([, { size = 0 }]) => size > HUGE_BYTES);
  const huge = large.map(([path]) => Buffer.from(repository.prefix + path).toString("latin1"));
  const output = ask(repository, [...SEARCH_ARGS, "-e", needle, commit], { huge });
  if (output.code !== 0 && output.code !== 1) return undefined;
  return splitNul(output.stdout).map((name) => name.slice(commit.length + 1));
}

/** The answer of git. @throws RepoError when it has none. */
export function check(repository: Repository, output: GitOutput, what = `read ${repository.root}`): GitOutput {
  if (output.code === 0) return output;
  const hint = isPartialClone(repository) ? FETCH_HINT : "Run `git fsck` there, then repeat.";
  throw new RepoError("git-failed", `git cannot ${what}: ${output.stderr}`, hint);
}

/** What to do where a clone was made with `--filter`: fluxlift itself starts no download. */
const FETCH_HINT = "This clone lacks a part of the history. Fetch it: git fetch --refetch --no-filter";

/** The error for a file that this clone does not hold. */
export function missing(path: string, commit: string): RepoError {
  return new RepoError(
    "missing-objects",
    `${path} of commit ${commit.slice(0, 9)} is not in this clone, and fluxlift fetches nothing`,
    FETCH_HINT,
  );
}
