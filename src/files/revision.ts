import { RepoError } from "../contract/errors.ts";
import { isCommitId } from "../contract/names.ts";
import { type FileContent, HUGE_BYTES } from "./file-text.ts";
import { askReal, type Repository, repositoryAt } from "./git-repository.ts";
import { remotesIn } from "./git-settings.ts";
import { indexPaths } from "./path-index.ts";
import { remember } from "./remember.ts";
import { listBlobs, missing, readBlobs, searchCommit } from "./revision-blobs.ts";
import { resolveRoot } from "./site.ts";
import type { Tree } from "./tree.ts";

/** After this many single look-ups, the files that follow the next one are read along with it. */
const MAX_BATCHES = 6;
/** Up to here it is quicker to read a whole tree once than to ask git to search it again and again; in bytes. */
const SMALL_TREE = 1 << 25;

/**
 * The full commit id a revision names (branch, tag, `HEAD~2`, `origin/main`).
 * @returns undefined when it names no commit, or there is no repository.
 */
export function resolveRevision(dir: string, rev: string): string | undefined {
  const repository = repositoryAt(resolveRoot(dir));
  return repository && resolveAll(repository, [rev])[0];
}

/**
 * The full commit ids that revisions name, asked for at once; undefined for one that names none.
 * @throws RepoError `ambiguous-revision`
 */
export function resolveAll(repository: Repository, revs: readonly string[]): (string | undefined)[] {
  const meant = revs.map((rev) => ({ rev, refs: listRefs(rev) }));
  // Each is a line; a line break in one would move the answers.
  const names = meant.flatMap(({ rev, refs }) => [/[\r\n\0]/.test(rev) ? "" : rev, ...refs]);
  const ids = askCommits(repository, names);
  const take = () => ids.shift();
  return meant.map(({ rev, refs }) => {
    const id = take();
    const named = refs.map((ref) => ({ ref, id: take() })).filter((one) => one.id !== undefined);
    const found = named.length > 0 ? [...listCut(repository, rev), ...named] : named;
    if (new Set(found.map((one) => one.id)).size < 2) return id;
    const list = found.map(({ ref }) => ref);
    throw new RepoError(
      "ambiguous-revision",
      `${rev} names more than one commit: ${list.join(" and ")}`,
      `Name the one that is meant, such as ${list.at(-1)}.`,
    );
  });
}

/** The full ids of commits by any names of theirs, in that order; undefined for a name of none. */
function askCommits(repository: Repository, names: readonly string[]): (string | undefined)[] {
  const input = `${names.map((name) => name && `${name}^{commit}`).join("\n")}\n`;
  const output = askReal(repository, ["cat-file", "--batch-check=%(objectname)"], input);
  // Of a name that asks for more than the record of a branch holds (`main@{99}`, `@{u}`), git says nothing more at all.
  if (output.code !== 0 && names.length > 1) return names.flatMap((name) => askCommits(repository, [name]));
  const ids = output.code === 0 ? output.stdout.toString().split("\n") : [];
  // What names nothing is said in words.
  return names.map((_, index) => (isCommitId(ids[index] ?? "") ? ids[index] : undefined));
}

/** Where git looks for a short name: it takes the first, and a tag so stands before a branch of the same name. */
function listRefs(rev: string): string[] {
  const [name = ""] = /^[^~^@:\s]+/.exec(rev) ?? [];
  if (name === "" || name === "HEAD" || name.startsWith("refs/") || isCommitId(name)) return [];
  return ["tags", "heads", "remotes"].map((kind) => `refs/${kind}/${name}`);
}

/** Commits whose id, cut as git cuts it, is the name of a ref as well: git takes the ref, whoever made it. */
function listCut(repository: Repository, rev: string): { ref: string; id: string }[] {
  const [cut] = /^[0-9a-f]{7,39}(?=[~^@]|$)/.exec(rev) ?? [];
  if (cut === undefined) return [];
  const ids = askReal(repository, ["rev-parse", `--disambiguate=${cut}`])
    .stdout.toString()
    .split("\n");
  const commits = askCommits(
    repository,
    ids.filter((id) => isCommitId(id)),
  );
  return commits.flatMap((id) => (id?.startsWith(cut) ? [{ ref: id, id }] : []));
}

/**
 * The tree of a commit below `root`, which may be a folder inside the repository; empty where the commit lacks it.
 * Submodules are left out. Files are read from git when first asked for; huge ones never.
 * @param rev a full commit id is taken as it is
 * @param wanted read these together when the first of them is asked for, where little else will be
 * @throws RepoError when the revision names no commit; later, when a file is needed that this clone does not hold.
 */
export function openRevision(dir: string, rev: string, wanted: readonly string[] = []): Tree {
  const root = resolveRoot(dir);
  const repository = repositoryAt(root);
  const commit = repository && (isCommitId(rev) ? rev : resolveAll(repository, [rev])[0]);
  if (!repository || !commit) throw noSuchRevision(rev, root);
  const blobs = listBlobs(repository, commit);
  const index = indexPaths([...blobs.keys()]);
  const sizeOf = (path: string) => blobs.get(path)?.size ?? 0;
  const contents = new Map<string, FileContent>();
  const together = new Set(wanted.filter((path) => blobs.has(path)));
  let batches = 0;

  const loadAll = (paths: readonly string[]): void => {
    const open = paths.filter((path) => !contents.has(path));
    if (open.length === 0) return;
    batches++;
    const read = readBlobs(
      repository,
      open.map((path) => blobs.get(path)!),
    );
    for (const [i, path] of open.entries()) {
      const content = read[i];
      if (!content) throw missing(path, commit);
      contents.set(path, content);
    }
  };
  /** The files that follow one in the order of paths, as much as is read in one go. */
  const listNear = (path: string): readonly string[] => {
    const near: string[] = [];
    let room = SMALL_TREE;
    for (let i = index.paths.indexOf(path); i < index.paths.length && room > 0; i++) {
      const next = index.paths[i] as string;
      if (sizeOf(next) > HUGE_BYTES || blobs.get(next)?.size === undefined) continue;
      near.push(next);
      room -= sizeOf(next);
    }
    return near;
  };
  const load = (path: string): FileContent | undefined => {
    if (!contents.has(path) && blobs.has(path)) {
      loadAll(together.has(path) ? [...together] : [path]);
      if (batches >= MAX_BATCHES) loadAll(listNear(path));
    }
    return contents.get(path);
  };
  let readable: { paths: readonly string[]; isSmall: boolean } | undefined;
  const listReadable = () => {
    const paths = index.paths.filter((path) => sizeOf(path) <= HUGE_BYTES);
    const lost = paths.find((path) => blobs.get(path)?.size === undefined);
    // What is not there could hold anything.
    if (lost !== undefined) throw missing(lost, commit);
    return { paths, isSmall: paths.reduce((sum, path) => sum + sizeOf(path), 0) <= SMALL_TREE };
  };
  const search = (needle: string): readonly string[] => {
    readable ??= listReadable();
    const found = readable.isSmall ? undefined : searchCommit(repository, commit, needle, blobs);
    const candidates = found?.filter((path) => blobs.has(path)) ?? readable.paths;
    loadAll(candidates);
    return candidates;
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

export function noSuchRevision(rev: string, root: string): RepoError {
  const [, text] = /^:\/(.*)$/s.exec(rev) ?? [];
  const hint =
    text === undefined
      ? "Name a commit, branch or tag that `git rev-parse` knows; in a shallow clone, fetch it first."
      : `A commit by its message is HEAD^{/${text}}, in quotes, or name its id.`;
  return new RepoError("no-such-revision", `${rev} names no commit of the repository at ${root}`, hint);
}

/** The top of the repository that a folder lies below; undefined at the top itself, and outside git. */
export function topAbove(dir: string): string | undefined {
  const repository = repositoryAt(resolveRoot(dir));
  return repository?.prefix ? repository.top : undefined;
}

/** The path from the top of its repository to a folder, `''` at the top or with a slash at its end. */
export function prefixOf(dir: string): string {
  return repositoryAt(resolveRoot(dir))?.prefix ?? "";
}

/** Clone URLs of the remotes, without credentials, `origin` first; empty outside git. */
export function readRemotes(dir: string): string[] {
  const repository = repositoryAt(resolveRoot(dir));
  return repository ? remotesIn(repository.settings).map(({ url }) => url) : [];
}
