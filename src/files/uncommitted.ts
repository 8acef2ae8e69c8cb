import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { type FileContent, GIT_CRYPT_HEADER, HUGE_BYTES, readContent } from "./file-text.ts";
import { ask, hugeFilesOf, noWorkTree, type Repository, workOnObjects } from "./git-repository.ts";
import { type GitOutput, splitNul } from "./git-run.ts";
import { quotePath } from "./git-stand-in.ts";
import { type ChangedPath, GITLINK, readRawDiff } from "./raw-diff.ts";
import { diskName } from "./raw-names.ts";

/** What is not committed yet: every file as it lies on disk, or what the next `git commit` would take. */
export type Uncommitted = "worktree" | "index";

/**
 * Makes a commit of what is not committed, which lies in the stand-in. Files are read here and not by git, so that no filter
 * of the repository starts. What git ignores is left out, as is what is dirty inside a submodule.
 * @param head full id of the commit that is checked out
 * @returns its id, and the paths of a merge that is not resolved, which stay as they are in `head`
 * @throws RepoError outside a work tree.
 */
export function commitUncommitted(
  repository: Repository,
  head: string,
  which: Uncommitted,
): { commit: string; unmerged: string[] } {
  const { top } = repository;
  if (repository.isBare) throw noWorkTree(top);
  const changed = new Map<string, ChangedPath>();
  const { tracked, unmerged } = listTracked(repository, head, which);
  for (const one of tracked) if (!unmerged.has(one.path)) changed.set(one.path, one);
  if (which === "worktree") for (const one of listUncompared(repository)) changed.set(one.path, one);
  const entries = [...changed.values()].filter(({ mode }) => mode).map((one) => printEntry(top, one));
  const stream = [
    entries.some(namesHuge) ? `blob\nmark :1\n${data("\0".repeat(HUGE_BYTES + 1))}` : "",
    `commit refs/heads/uncommitted\nmark :2\ncommitter fluxlift <fluxlift> 0 +0000\n${data("")}from ${head}\n`,
    ...listMergeHeads(repository).map((parent) => `merge ${parent}\n`),
    // A file that becomes a folder has to go first.
    ...[...changed.values()].filter(({ mode }) => !mode).map(({ path }) => `D ${quotePath(path)}\n`),
    ...entries,
    "\nget-mark :2\ndone\n",
  ];
  const args = ["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done", "--force"];
  const made = workOnObjects(repository, args, stream.join(""));
  const commit = made.stdout.toString().trim();
  if (made.code === 0 && commit !== "") return { commit, unmerged: [...unmerged].sort() };
  throw refused(top, made);
}

function printEntry(top: string, { path, mode, id }: ChangedPath): string {
  // A submodule only has to differ: nothing reads the commit it stands at, and git does not say it here.
  if (mode === GITLINK) return `M ${GITLINK} ${isZero(id) ? "1".repeat(id.length) : id} ${quotePath(path)}\n`;
  if (!isZero(id)) return `M ${mode} ${id} ${quotePath(path)}\n`;
  const file = diskName(`${top}/${path}`);
  const link = mode === "120000" ? readLink(file) : undefined;
  const content = link === undefined ? readContent(file) : ({ status: "text", text: link } as const);
  if (content.status === "huge") return `M ${mode} :1 ${quotePath(path)}\n`;
  return `M ${mode} inline ${quotePath(path)}\n${data(textOf(content))}`;
}

function namesHuge(entry: string): boolean {
  return entry.startsWith(":1 ", "M 100644 ".length);
}

/** Text as it is; what is none is told by its first bytes. */
function textOf({ status, text }: FileContent): string {
  return text ?? (status === "encrypted" ? GIT_CRYPT_HEADER : "\0");
}

function readLink(file: string | Buffer): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

/** What differs from a commit. */
function listTracked(
  repository: Repository,
  head: string,
  which: Uncommitted,
): { tracked: ChangedPath[]; unmerged: Set<string> } {
  const index = which === "index" ? findHookIndex(repository) : undefined;
  const cached = which === "index" ? ["--cached", "--ita-invisible-in-index"] : [];
  const args = ["diff-index", "--raw", "-z", "--no-renames", "--ignore-submodules=dirty", ...cached, head, "--"];
  const [output, stages] = [args, ["ls-files", "--unmerged", "-z"]].map((one) => {
    const done = ask(repository, one, { index, huge: hugeFilesOf(repository), fromTop: true });
    if (done.code !== 0) throw refused(repository.top, done);
    return done.stdout;
  }) as [Buffer, Buffer];
  const unmerged = splitNul(stages).map((entry) => entry.slice(entry.indexOf("\t") + 1));
  return { tracked: readRawDiff(output), unmerged: new Set(unmerged) };
}

/**
 * What lies on disk and no comparison with the index tells of: what is untracked and not ignored, and what git was told to
 * overlook (skip-worktree, assume-unchanged). What a sparse checkout leaves out is as it is committed.
 */
function listUncompared(repository: Repository): ChangedPath[] {
  const { top } = repository;
  const args = ["ls-files", "-z", "-v", "--stage", "--cached", "--others", "--exclude-standard"];
  const output = ask(repository, args, { fromTop: true });
  if (output.code !== 0) throw refused(top, output);
  return splitNul(output.stdout).flatMap((entry) => {
    const isUntracked = entry.startsWith("?");
    const path = isUntracked ? entry.slice(2) : entry.slice(entry.indexOf("\t") + 1);
    // A repository inside this one is listed as a folder.
    if (isUntracked ? path.endsWith("/") : /^[HM]|^. 160000 /.test(entry)) return [];
    const stat = lstatSync(diskName(`${top}/${path}`), { throwIfNoEntry: false });
    if (!stat && !entry.startsWith("h")) return [];
    const mode = stat && (stat.isSymbolicLink() ? "120000" : stat.mode & 0o100 ? "100755" : "100644");
    return [{ path, mode, oldMode: "0", id: "0" }];
  });
}

/** The other parents of a merge that is about to be committed. */
function listMergeHeads({ gitDir }: Repository): string[] {
  const content = readContent(join(gitDir, "MERGE_HEAD"));
  return (content.text ?? "").split("\n").filter((line) => /^[0-9a-f]{40,64}$/.test(line));
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function isZero(id: string): boolean {
  return /^0+$/.test(id);
}

/**
 * The index that `git commit --only` and `--all` hand to their hooks in a variable. Only one that lies in git's own folder
 * of this repository counts: a hook of one repository may verify another.
 */
function findHookIndex({ gitDir }: Repository): string | undefined {
  const given = process.env.GIT_INDEX_FILE;
  if (!given || !existsSync(given)) return undefined;
  const file = realpathSync(given);
  const inside = relative(gitDir, file);
  return inside.startsWith("..") || isAbsolute(inside) ? undefined : file;
}

function refused(top: string, { stderr }: GitOutput): RepoError {
  const reason = stderr.split("\n")[0]!.replace(/^fatal: /, "");
  return new RepoError("git-failed", `git cannot read ${top}: ${reason}`, "Make `git status` work there, then repeat.");
}
