import { hideCredentials } from "../contract/address.ts";
import { RepoError } from "../contract/errors.ts";
import { ownerEnv } from "./git-env.ts";
import { ask, askReal, GIT_HINT, openRepository } from "./git-repository.ts";
import { runGit, splitNul } from "./git-run.ts";

/** Housekeeping would go on in the background after fluxlift has ended. */
const COMMIT_ARGS: readonly string[] = [
  ...["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "safe.bareRepository=explicit"],
  ...["commit", "--quiet", "--only"],
];

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
  /** Without a path git would take all of them. */
  const run = (args: readonly string[], on: readonly string[], owner = false): string | undefined => {
    if (on.length === 0) return undefined;
    const input = on.map((path) => `:(literal)${repository.prefix}${path}\0`).join("");
    const all = [...args, "--pathspec-from-file=-", "--pathspec-file-nul"];
    const output = owner
      ? runGit({ cwd: repository.top, args: all, env: ownerEnv(), input })
      : askReal(repository, all, input);
    return output.code === 0 ? undefined : `${output.stderr}\n${hideCredentials(output.stdout.toString())}`;
  };
  const refused = outlive(() => {
    const reason = run(["add", "--intent-to-add"], unknown) ?? run([...COMMIT_ARGS, "-m", message], paths, true);
    if (reason !== undefined) run(["rm", "--cached", "--quiet", "--ignore-unmatch"], unknown);
    return reason;
  });
  if (refused === undefined) return askReal(repository, ["rev-parse", "HEAD"]).stdout.toString().trim();
  const reason = refused.split("\n").filter((line) => line.trim() !== "");
  throw new RepoError(
    "commit-failed",
    `git did not commit: ${reason[0] ?? "it says no reason, as where it was interrupted"}`,
    "The files are written. Solve what git or the hook says and commit them yourself, or run `fluxlift undo`.",
    { details: reason.slice(1, 12) },
  );
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
