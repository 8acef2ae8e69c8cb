import { RepoError } from "../contract/errors.ts";
import { runGit, splitNul } from "./git-run.ts";

/**
 * Commits exactly these root-relative paths as they are on disk; what else is staged stays staged. Hooks run.
 * @returns the new commit id.
 * @throws RepoError when git or a hook refuses; the files stay as written, and nothing is left staged.
 */
export function commitChanges(root: string, paths: readonly string[], message: string): string {
  const literal = (path: string) => `:(literal)${path}`;
  const unknown = splitNul(runGit(root, ["ls-files", "-z", "--others", "--", ...paths.map(literal)]).stdout);
  /** Without a path git would take all of them. */
  const run = (args: readonly string[], on: readonly string[]): string | undefined => {
    if (on.length === 0) return undefined;
    const input = on.map((path) => `${literal(path)}\0`).join("");
    const output = runGit(root, [...args, "--pathspec-from-file=-", "--pathspec-file-nul"], input, {});
    return output.code === 0 ? undefined : `${output.stderr}\n${output.stdout.toString()}`;
  };
  const refused =
    run(["add", "--intent-to-add"], unknown) ?? run(["commit", "--quiet", "--only", "-m", message], paths);
  if (refused === undefined) return runGit(root, ["rev-parse", "HEAD"]).stdout.toString().trim();
  run(["rm", "--cached", "--quiet", "--ignore-unmatch"], unknown);
  const reason = refused.split("\n").filter((line) => line.trim() !== "");
  throw new RepoError(
    "commit-failed",
    `git did not commit: ${reason.slice(0, 12).join("\n")}`,
    "The files are written. Solve what git or the hook says and commit them yourself, or run `fluxlift undo`.",
  );
}
