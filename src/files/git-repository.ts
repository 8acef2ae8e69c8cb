import { statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { sh } from "../contract/shell.ts";
import { HUGE_BYTES } from "./file-text.ts";
import { REAL_SETTINGS, realEnv } from "./git-env.ts";
import { findRepository, type RepositoryPlace } from "./git-find.ts";
import { listHuge } from "./git-index.ts";
import { ANSWERS_WITHIN, type GitOutput, runGit, startGit } from "./git-run.ts";
import { parseSettings, SETTINGS_ARGS, type Settings } from "./git-settings.ts";
import { type StandInOptions, standInFor } from "./git-stand-in.ts";

/** A repository that git agrees to work on. */
export interface Repository extends RepositoryPlace {
  /** The folder that is looked at: `top`, or one below it. */
  readonly root: string;
  /** Path from `top` to `root`, `''` or with a trailing slash. */
  readonly prefix: string;
  readonly settings: Settings;
  /** Commit that is checked out; undefined in a repository without commits. */
  readonly head: string | undefined;
  /** `refs/heads/main`, `HEAD` when it is detached; undefined in a repository without commits. */
  readonly symbolicHead: string | undefined;
}

/** Whether git takes the repository, and what is checked out. */
function checkArgs({ isBare }: RepositoryPlace): string[] {
  return ["rev-parse", isBare ? "--absolute-git-dir" : "--show-toplevel", "HEAD", "--symbolic-full-name", "HEAD"];
}

/**
 * The repository around a folder.
 * @param root absolute, symlinks resolved
 * @returns undefined when there is no repository.
 * @throws RepoError when there is no git executable to read it with, when git refuses the repository (foreign owner, damaged),
 * when it says that its files lie elsewhere, and when it has none.
 */
export function openRepository(root: string): Repository | undefined {
  return withFiles(root, askRepository(root));
}

/** `openRepository` with both questions asked at once. */
export async function startOpening(root: string): Promise<Repository | undefined> {
  const place = findRepository(root);
  if (!place) return undefined;
  const questions = [checkArgs(place), SETTINGS_ARGS];
  const stamp = stampOf(place);
  const [check, settings] = await Promise.all(questions.map((args) => startGit(realCall(place, args))));
  const repository = withFiles(root, readAnswers(root, place, check!, settings!));
  opened.set(root, { stamp, repository });
  return repository;
}

function askRepository(root: string): Repository | undefined {
  const place = findRepository(root);
  return place && readAnswers(root, place, askReal(place, checkArgs(place)), askReal(place, SETTINGS_ARGS));
}

function withFiles(root: string, repository: Repository | undefined): Repository | undefined {
  const isOwnFolder = repository && `${root}${sep}`.startsWith(join(repository.gitDir, sep));
  if (isOwnFolder) throw noWorkTree(root);
  return repository;
}

const opened = new Map<string, { stamp: string; repository: Repository | undefined }>();

/** Where git's own folder lies, and which settings it has: with the same stamp it need not be asked again. */
function stampOf(place: RepositoryPlace | undefined): string {
  const stat = place && statSync(join(place.commonDir, "config"), { throwIfNoEntry: false });
  return `${place?.gitDir} ${stat?.mtimeMs} ${stat?.size}`;
}

/** The repository around a folder, a bare one too; asked once as long as the file of settings stays the same; what is checked out may have moved on. */
export function repositoryAt(root: string): Repository | undefined {
  const place = findRepository(root);
  const stamp = stampOf(place);
  const known = opened.get(root);
  if (known?.stamp === stamp) return known.repository;
  const repository = askRepository(root);
  opened.set(root, { stamp, repository });
  return repository;
}

/**
 * Asks the repository itself, with what could start a program or a connection switched off. Only for commands that read
 * neither the index nor files: where those are looked at, attributes decide what runs.
 */
export function askReal(place: RepositoryPlace, args: readonly string[], input = ""): GitOutput {
  return runGit({ ...realCall(place, args), input });
}

/** The commit that is checked out now. */
export function readHead(top: string): string | undefined {
  const place = findRepository(top);
  const id = place && askReal(place, ["rev-parse", "--verify", "-q", "HEAD"]).stdout.toString().trim();
  return id || undefined;
}

/**
 * The commit that is checked out in a folder, asked for while others go on; undefined where there is none.
 * @param root absolute
 * @param patience in milliseconds
 * @throws RepoError where git would wait for a named pipe, or has not answered in time
 */
export async function startReadingHead(root: string, patience: number): Promise<string | undefined> {
  const place = findRepository(root);
  if (!place) return undefined;
  const said = await startGit({ ...realCall(place, ["rev-parse", "--verify", "-q", "HEAD"]), patience });
  if (said.isLate) throw new RepoError("git-failed", `git cannot read ${place.top}: ${said.stderr}`, GIT_HINT);
  return said.code === 0 ? said.stdout.toString().trim() : undefined;
}

function realCall({ top, isBare }: RepositoryPlace, args: readonly string[]) {
  // Not where the user stands: a folder below may look like a bare repository.
  const bare = ["-c", `safe.bareRepository=${isBare ? "all" : "explicit"}`];
  return { cwd: top, args: [...REAL_SETTINGS, ...bare, ...args], env: realEnv(), patience: ANSWERS_WITHIN };
}

interface AskOptions extends StandInOptions {
  input?: string;
  /** Asks about the whole repository instead of `root`: some commands look below the working folder only. */
  fromTop?: boolean;
}

/** Asks about objects, index and files, through a stand-in: nothing can be started, and huge files are not read. */
export function ask(repository: Repository, args: readonly string[], options: AskOptions = {}): GitOutput {
  return runGit({ ...questionFor(repository, args, options), input: options.input ?? "" });
}

/** `ask` that goes on; never rejects, but throws as a stand-in does. */
export function startAsking(repository: Repository, args: readonly string[]): Promise<GitOutput> {
  return startGit(questionFor(repository, args, {}));
}

function questionFor(repository: Repository, args: readonly string[], options: AskOptions) {
  const { env } = standInFor(repository, repository.settings, options);
  return { cwd: options.fromTop ? repository.top : repository.root, args, env, patience: ANSWERS_WITHIN };
}

/** Lets git work on objects alone, as in a bare repository. What it makes lies in the stand-in, and goes with it. */
export function workOnObjects(repository: Repository, args: readonly string[], input = ""): GitOutput {
  const { own, bareEnv } = standInFor(repository, repository.settings);
  return runGit({ cwd: own, args, env: bareEnv, input, patience: ANSWERS_WITHIN });
}

/**
 * Goes before the patterns of a search for plain strings. With `-I` a stand-in decides what is text: all but huge files. One
 * thread: with more, git spends on their locks as much again as on the files.
 */
export const SEARCH_ARGS: readonly string[] = [
  ...["grep", "-z", "-l", "-F", "-I", "--no-color", "--no-recurse-submodules", "--no-textconv", "--threads=1"],
];

/** Tracked files that are too large to be read, as `StandInOptions` wants them. */
export function hugeFilesOf(repository: Repository): string[] {
  const isSha256 = repository.settings.get("extensions.objectformat")?.at(-1) === "sha256";
  return listHuge(repository, HUGE_BYTES, isSha256 ? 32 : 20);
}

/** Whether objects may be missing that git would fetch when they are asked for. */
export function isPartialClone({ settings }: Repository): boolean {
  const names = [...settings.keys()];
  return settings.has("extensions.partialclone") || names.some((name) => /^remote\..*\.promisor$/s.test(name));
}

function readAnswers(
  root: string,
  place: RepositoryPlace,
  check: GitOutput,
  settings: GitOutput,
): Repository | undefined {
  // A folder that only looks like a bare repository is a folder; a `.git` that is damaged is not none.
  if (place.isBare && /not a git repository/i.test(check.stderr)) return undefined;
  if (check.missing) throw noGit(place.top);
  const said = /^([\s\S]*?)\n(?:([0-9a-f]+)\n(HEAD|refs\/[^\n]*)|HEAD)\n$/.exec(check.stdout.toString());
  const born = check.code === 0;
  if (!said?.[1] || settings.code !== 0 || born !== (said[2] !== undefined))
    throw refused(place.top, born ? settings : check);
  if (!isSame(said[1], place.top)) throw elsewhere(place.top, said[1]);
  const below = relative(place.top, root).split(sep).join("/");
  return {
    ...place,
    root,
    prefix: below === "" ? "" : `${below}/`,
    settings: parseSettings(settings),
    head: said[2],
    symbolicHead: said[3],
  };
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false, bigint: true }));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

/** What to do where git fails for a reason that only it knows. */
export const GIT_HINT = "Make `git status` work there, then repeat.";

function refused(root: string, output: GitOutput): RepoError {
  if (/dubious ownership/.test(output.stderr)) {
    return new RepoError(
      "git-foreign-owner",
      `git refuses ${root} because it belongs to another user`,
      `Trust it with \`${sh`git config --global --add safe.directory ${root}`.line}\`, or run as its owner.`,
    );
  }
  if (/work tree/.test(output.stderr)) return noWorkTree(root);
  const reason = output.stderr.split("\n")[0]!.replace(/^fatal: /, "");
  return new RepoError("git-failed", `git cannot read ${root}: ${reason}`, GIT_HINT);
}

/** The error for a bare repository where files are asked for. */
export function noWorkTree(root: string): RepoError {
  return new RepoError(
    "git-no-work-tree",
    `${root} is a git repository without checked-out files`,
    "Clone it, and name the folder of the clone.",
  );
}

/** Uncommitted edits, the record of a write and what git ignores would all be unknown. */
function noGit(top: string): RepoError {
  return new RepoError(
    "git-missing",
    `${top} is a git repository, and there is no git to read it with`,
    "Install git. Only absolute folders of PATH are searched for it.",
  );
}

function elsewhere(top: string, there: string): RepoError {
  return new RepoError(
    "git-elsewhere",
    `the git settings of ${top} say that its files lie in ${there} (core.worktree)`,
    "Run fluxlift in that folder, or take the setting back: git config --unset core.worktree",
  );
}
