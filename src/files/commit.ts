import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hideCredentials } from "../contract/address.ts";
import { RepoError } from "../contract/errors.ts";
import { listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { ownerEnv } from "./git-env.ts";
import { ask, askReal, GIT_HINT, openRepository, type Repository } from "./git-repository.ts";
import { type GitOutput, runGit, splitNul } from "./git-run.ts";

/** Housekeeping would go on in the background after fluxlift has ended. */
const COMMIT_ARGS: readonly string[] = [
  ...["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "safe.bareRepository=explicit"],
  ...["commit", "--quiet", "--only"],
];

const FORGET_ARGS: readonly string[] = ["rm", "--cached", "--quiet", "--ignore-unmatch"];

/**
 * Commits exactly these root-relative paths as they are on disk; what else is staged stays staged. This is the one place
 * where git runs with the owner's settings: hooks, filters and signing do what they do for `git commit`.
 * @returns the new commit id.
 * @throws RepoError when git or a hook refuses; the files stay as written, and nothing is left staged.
 */
export function commitChanges(root: string, paths: readonly string[], message: string): string {
  const repository = openRepository(root);
  if (!repository) throw new RepoError("git-failed", `git cannot read ${root}: not a git repository`, GIT_HINT);
  const tracked = new Set(splitNul(ask(repository, ["ls-files", "-z"]).stdout));
  const unknown = paths.filter((path) => !tracked.has(path));
  const fromTop = (on: readonly string[]) => on.map((path) => repository.prefix + path);
  const run = (args: readonly string[], on: readonly string[], call?: Call) =>
    runOn(repository, args, fromTop(on), call);
  const refused = outlive(() => {
    const reason = run(["add", "--intent-to-add"], unknown) ?? run([...COMMIT_ARGS, "-m", message], paths, asOwner);
    if (reason !== undefined) run(FORGET_ARGS, unknown);
    return reason;
  });
  if (refused === undefined) return askReal(repository, ["rev-parse", "HEAD"]).stdout.toString().trim();
  const reason = refused.split("\n").filter((line) => line.trim() !== "");
  throw new RepoError(
    "commit-failed",
    `git did not commit: ${reason[0] ?? "it says no reason, as where it was interrupted"}`,
    `The files are written. ${withSpace(sayLocked(repository))}Solve what git or the hook says and commit them yourself, or run \`fluxlift undo\`.`,
    { details: reason.slice(1, 12) },
  );
}

/**
 * Takes back from the index that files were to be committed, where the run that said so was killed before its commit. What
 * somebody staged has its content there, and stays.
 * @param paths of files that are gone again, relative to the top
 * @returns what to do where git does not let the index be written
 */
export function forgetIntent(top: string, paths: readonly string[]): string | undefined {
  const repository = paths.length === 0 ? undefined : openRepository(top);
  if (!repository) return undefined;
  const gone = new Set(paths);
  const listed = splitNul(ask(repository, ["ls-files", "-z", "--stage"]).stdout).map((entry) => entry.split("\t"));
  const isEmpty = (stage: string) => EMPTY_BLOBS.includes(stage.split(" ")[1] ?? "");
  const intended = listed.flatMap(([stage = "", ...path]) => {
    const name = path.join("\t");
    return isEmpty(stage) && gone.has(name) ? [name] : [];
  });
  if (runOn(repository, FORGET_ARGS, intended) === undefined) return undefined;
  const names = listSome(intended, 3);
  return `git's index still lists ${names}, which ${intended.length === 1 ? "is" : "are"} gone. ${withSpace(sayLocked(repository))}Then run ${sh`git rm --cached --ignore-unmatch -- ${intended}`.line}.`;
}

const withSpace = (sentence: string) => (sentence === "" ? "" : `${sentence} `);

/** What to do about the lock of a git that was killed, which nothing takes away; nothing where there is none. */
function sayLocked({ gitDir }: Repository): string {
  const lock = join(gitDir, "index.lock");
  if (!existsSync(lock)) return "";
  return `${lock} locks the index of git. If no git is at work here, one that was killed has left it: delete that file.`;
}

/** What the index holds of a file without content, by the two ways in which git names objects. */
const EMPTY_BLOBS = ["sha1", "sha256"].map((way) => createHash(way).update("blob 0\0").digest("hex"));

type Call = (repository: Repository, args: readonly string[], input: string) => GitOutput;

const asOwner: Call = ({ top }, args, input) => runGit({ cwd: top, args, env: ownerEnv(), input });

/** @param paths relative to the top @returns what git says where it refuses */
function runOn(repository: Repository, args: readonly string[], paths: readonly string[], call: Call = askReal) {
  // Without a path git would take all of them.
  if (paths.length === 0) return undefined;
  const input = paths.map((path) => `:(literal)${path}\0`).join("");
  const output = call(repository, [...args, "--pathspec-from-file=-", "--pathspec-file-nul"], input);
  return output.code === 0 ? undefined : `${output.stderr}\n${hideCredentials(output.stdout.toString())}`;
}

/** What ends all that a person has started at a terminal, git and its hooks with it. */
const ENDS = ["SIGINT", "SIGHUP"] as const;

/** Goes on where a hook that takes long is interrupted: git would keep the names of new files that were to be committed. */
function outlive<T>(run: () => T): T {
  const stay = () => {};
  for (const signal of ENDS) process.on(signal, stay);
  try {
    return run();
  } finally {
    for (const signal of ENDS) process.off(signal, stay);
  }
}
