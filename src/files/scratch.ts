import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { type GitOutput, QUERY, runGit } from "./git-run.ts";

/** Runs git somewhere; never throws. */
export type RunGit = (args: readonly string[], input?: string) => GitOutput;

export interface Scratch {
  run: RunGit;
  /** Runs git in a work tree and on an index that are not ours, with no more of their config than is given. */
  runIn(top: string, index: string, args: readonly string[]): GitOutput;
  /** Absolute path of its folder. */
  dir: string;
}

/**
 * A repository of our own in a temporary folder, with the objects of the one at `root` behind it: what git makes for a
 * question is written here, and gone when `use` returns. No config, attributes or hooks of that repository are read here,
 * nor those of the user, so no merge driver or filter that they name can start.
 * @param commit any id of the repository; tells SHA-1 from SHA-256
 * @throws RepoError where there is no room for it.
 */
export function withScratch<T>(root: string, commit: string, use: (scratch: Scratch) => T): T {
  const dir = makeScratch(root, commit);
  const env: NodeJS.ProcessEnv = {
    ...QUERY,
    ...{ GIT_DIR: dir, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_SYSTEM: devNull, GIT_CONFIG_NOSYSTEM: "1" },
    ...{ GIT_ATTR_NOSYSTEM: "1", GIT_NO_REPLACE_OBJECTS: "1", XDG_CONFIG_HOME: dir, HOME: dir },
  };
  try {
    return use({
      dir,
      run: (args, input) => runGit(dir, args, input, env),
      runIn: (top, index, args) => runGit(top, args, "", { ...env, GIT_WORK_TREE: top, GIT_INDEX_FILE: index }),
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function makeScratch(root: string, commit: string): string {
  const [objects, shallow] = ["objects", "shallow"].map((name) => gitPath(root, name)) as [string, string];
  let dir: string | undefined;
  try {
    dir = mkdtempSync(join(tmpdir(), "fluxlift-"));
    mkdirSync(join(dir, "objects/info"), { recursive: true });
    mkdirSync(join(dir, "refs/heads"), { recursive: true });
    writeFileSync(join(dir, "HEAD"), "ref: refs/heads/none\n");
    writeFileSync(join(dir, "objects/info/alternates"), `${quotePath(objects)}\n`);
    // Where a shallow history ends is no missing commit.
    const boundary = readIfThere(shallow);
    if (boundary) writeFileSync(join(dir, "shallow"), boundary);
    if (commit.length === 64) writeFileSync(join(dir, "config"), SHA256_CONFIG);
    return dir;
  } catch (cause) {
    if (dir) rmSync(dir, { recursive: true, force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new RepoError(
      "no-scratch",
      `No temporary repository can be made in ${tmpdir()} (${code ?? message})`,
      "Point TMPDIR at a folder that can be written to.",
      { cause },
    );
  }
}

const SHA256_CONFIG = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n";

/** Absolute path of something in git's own folder; right in worktrees and submodules too. */
export function gitPath(root: string, name: string): string {
  const { code, stdout, stderr } = runGit(root, ["rev-parse", "--git-path", name]);
  if (code !== 0)
    throw new RepoError("git-failed", `git cannot read ${root}: ${stderr}`, "Make `git status` work there.");
  return resolve(root, stdout.toString().replace(/\n$/, ""));
}

/** A path in the C style of git, which takes any byte but NUL. */
export function quotePath(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
