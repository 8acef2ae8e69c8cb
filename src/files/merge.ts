import { posix } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { type ChangedFile, changeTree } from "./changed-tree.ts";
import { ask, type Repository, repositoryAt, workOnObjects } from "./git-repository.ts";
import { splitNul } from "./git-run.ts";
import { type ChangedPath, diffCommits, GITLINK } from "./raw-diff.ts";
import { noSuchRevision, openRevision, resolveAll } from "./revision.ts";
import { check, measureBlobs, missing, readBlobs } from "./revision-blobs.ts";
import { resolveRoot } from "./site.ts";
import type { Tree } from "./tree.ts";
import { commitUncommitted, type Uncommitted } from "./uncommitted.ts";

/**
 * How the tree after a merge was found. `fast-forward`: it is the one of the change, which holds all of the base. `merge`:
 * git joined the two. `contained`: the base holds the change already. `unmerged`: there are conflicts, or git
 * could not say, so the change is compared with where it left the base.
 */
export type MergeMethod = "fast-forward" | "merge" | "contained" | "unmerged";

export interface Merge {
  method: MergeMethod;
  /** Files that git cannot join, or that wait to be resolved, sorted; `../` leads out of the folder that is looked at. */
  conflicts: readonly string[];
  /** Why git could not say. */
  refusal?: string;
  /** Full ids of the commit that `before` is, and of the one that the change stands on. */
  base: string;
  head: string;
  before: Tree;
  after: Tree;
  /** Files and submodules that differ, sorted. */
  changed: readonly string[];
  /** Submodules that stand at another commit, come or go. */
  submodules: readonly string[];
}

export interface MergeInput {
  /** What the change is merged into: a revision. */
  base: string;
  /** The change: a revision, or what is not committed yet on top of `HEAD`. */
  head: string;
  uncommitted?: Uncommitted | undefined;
}

/**
 * The tree as it is and as it will be once a change is merged, from git objects alone: nothing is checked out, nothing is
 * written to the repository, and no program that it names is started.
 * @throws RepoError `no-such-revision`; `history-too-short` in a shallow clone; `unrelated-histories`.
 */
export function openMerge(dir: string, { base, head, uncommitted }: MergeInput): Merge {
  const repository = repositoryOf(dir);
  const [tip, own] = resolveBoth(repository, base, uncommitted ? "HEAD" : head);
  const forks = findForks(repository, tip, own);
  const ends = { repository, base: tip, head: own };
  if (!uncommitted) {
    if (forks.includes(tip)) return compare(ends, tip, own, { method: "fast-forward" });
    if (forks.includes(own)) return compare(ends, tip, tip, { method: "contained" });
  }
  const mine = uncommitted ? commitUncommitted(repository, own, uncommitted) : { commit: own, unmerged: [] };
  if (forks.includes(tip)) return compare(ends, tip, mine.commit, { method: "fast-forward", conflicts: mine.unmerged });
  const { tree, conflicts: torn, refusal } = joinCommits(repository, tip, mine.commit);
  const conflicts = [...mine.unmerged, ...torn];
  if (tree !== undefined) return compare(ends, tip, tree, { method: "merge", conflicts });
  const from = forks[0]!;
  return compare({ ...ends, base: from }, from, mine.commit, { method: "unmerged", conflicts, refusal });
}

function compare(
  { repository, base, head }: { repository: Repository; base: string; head: string },
  from: string,
  to: string,
  {
    method,
    conflicts = [],
    refusal,
  }: { method: MergeMethod; conflicts?: readonly string[]; refusal?: string | undefined },
): Merge {
  const { root, prefix } = repository;
  const entries = from === to ? [] : diffCommits(repository, from, to);
  const changed = entries.map(({ path }) => path);
  const before = openRevision(root, from, changed);
  return {
    method,
    conflicts: [...new Set(conflicts.map((path) => posix.relative(prefix, path)))].sort(),
    ...(refusal === undefined ? {} : { refusal }),
    ...{ base, head, before, after: changeTree(before, readChanges(repository, entries, to)), changed },
    submodules: entries.filter(({ mode, oldMode }) => mode === GITLINK || oldMode === GITLINK).map(({ path }) => path),
  };
}

function readChanges(
  repository: Repository,
  entries: readonly ChangedPath[],
  commit: string,
): Map<string, ChangedFile> {
  const isFile = ({ mode }: ChangedPath) => mode !== undefined && mode !== GITLINK;
  const files = entries.filter(isFile);
  const contents = readBlobs(
    repository,
    measureBlobs(
      repository,
      files.map(({ mode, id }) => ({ mode: mode!, id })),
    ),
  );
  const changes = new Map<string, ChangedFile>();
  for (const one of entries) if (!isFile(one)) changes.set(one.path, undefined);
  for (const [i, { path, mode }] of files.entries()) {
    const content = contents[i];
    if (!content) throw missing(path, commit);
    changes.set(path, { ...content, executable: mode === "100755" });
  }
  return changes;
}

/** Where two histories part; several where branches were merged both ways. */
function findForks(repository: Repository, base: string, head: string): string[] {
  const output = ask(repository, ["merge-base", "--all", base, head]);
  // 1 is the answer that there is none.
  if (output.code !== 1) check(repository, output);
  const forks = output.stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  if (forks.length > 0) return forks;
  if (listParents(repository, head).includes(base)) return [base];
  if (listParents(repository, base).includes(head)) return [head];
  if (ask(repository, ["rev-parse", "--is-shallow-repository"]).stdout.toString().trim() === "true") {
    throw new RepoError(
      "history-too-short",
      "This clone is shallow, and its history ends before the change and its base meet: what merging does cannot be told",
      "Fetch more of it: git fetch --unshallow, or fetch-depth: 0 in a workflow.",
    );
  }
  throw new RepoError(
    "unrelated-histories",
    `${base.slice(0, 7)} and ${head.slice(0, 7)} share no history, so git refuses to merge them`,
    "Name two commits of one history.",
  );
}

/** Parents as the commit names them; a shallow clone has the names of parents that it does not have. */
function listParents(repository: Repository, commit: string): string[] {
  const text = ask(repository, ["cat-file", "commit", commit]).stdout.toString("latin1");
  const head = text.slice(0, text.indexOf("\n\n"));
  return [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, id]) => id!);
}

/**
 * Joins two commits as `git merge` does; git before 2.38 cannot. Without a tree where there are conflicts: half of each side
 * would break what is whole on both.
 */
function joinCommits(
  repository: Repository,
  base: string,
  head: string,
): { tree?: string; conflicts: string[]; refusal?: string } {
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", base, head];
  const output = workOnObjects(repository, args);
  const [tree = "", ...conflicts] = splitNul(output.stdout);
  const isAnswer = (output.code === 0 || output.code === 1) && /^[0-9a-f]{40,64}$/.test(tree);
  if (!isAnswer) return { conflicts: [], refusal: sayRefusal(output.stderr) };
  if (output.code === 0) return { tree, conflicts: [] };
  // A file that has to make way for a folder is put beside it, under its name and that of its commit.
  return { conflicts: conflicts.map((path) => path.replace(/~[0-9a-f]{40,64}(_\d+)?$/, "")) };
}

function sayRefusal(stderr: string): string {
  if (/^usage: git merge-tree/m.test(stderr)) return "this git is older than 2.38";
  return stderr.split("\n")[0]!.replace(/^(fatal|error): /, "") || "it does not say why";
}

function repositoryOf(dir: string): Repository {
  const root = resolveRoot(dir);
  const repository = repositoryAt(root);
  if (repository) return repository;
  throw new RepoError("no-repository", `${root} is in no git repository`, "Name the folder of a clone.");
}

function resolveBoth(repository: Repository, base: string, head: string): [string, string] {
  const [tip, own] = resolveAll(repository, [base, head]);
  if (tip && own) return [tip, own];
  throw noSuchRevision(tip ? head : base, repository.root);
}
