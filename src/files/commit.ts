import { RepoError } from "../contract/errors.ts";
import { runGit, runGitCommand, splitNul } from "./git-run.ts";

/**
 * Commits exactly these root-relative paths as they are on disk; what else is staged stays staged. Hooks run.
 * @returns the new commit id.
 * @throws RepoError when git or a hook refuses; the files stay as written, and nothing is left staged.
 */
export function commitChanges(root: string, paths: readonly string[], message: string): string {
  const specs = paths.map((path) => `:(literal)${path}\0`).join("");
  const unknown = listUntracked(root, specs);
  const unknownSpecs = unknown.map((path) => `:(literal)${path}\0`).join("");
  const fromInput = ["--pathspec-from-file=-", "--pathspec-file-nul"];
  const unstage = () => {
    if (unknown.length === 0) return;
    runGitCommand(root, ["rm", "--cached", "--quiet", "--ignore-unmatch", ...fromInput], unknownSpecs);
  };
  if (unknown.length > 0) {
    const added = runGitCommand(root, ["add", "--intent-to-add", ...fromInput], unknownSpecs);
    if (added.code !== 0) {
      unstage();
      throw failed(added.stderr);
    }
  }
  const done = runGitCommand(root, ["commit", "--quiet", "--only", "-m", message, ...fromInput], specs);
  if (done.code !== 0) {
    unstage();
    throw failed(`${done.stderr}\n${done.stdout.toString()}`);
  }
  return runGit(root, ["rev-parse", "HEAD"]).stdout.toString().trim();
}

function listUntracked(root: string, specs: string): string[] {
  const args = ["ls-files", "-z", "--others", "--", ...splitNul(Buffer.from(specs))];
  return splitNul(runGit(root, args).stdout);
}

function failed(output: string): RepoError {
  const reason = output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, 12)
    .join("\n");
  return new RepoError(
    "commit-failed",
    `git did not commit: ${reason}`,
    "The files are written. Solve what git or the hook says and commit them yourself, or run `fluxlift undo`.",
  );
}
