import type { Phase } from "../../contract/options.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { branchName } from "../../report/commit-subject.ts";

/** A name for the branch of a phase that no branch has yet. */
export function nameBranch(phase: Phase, isTaken: (name: string) => boolean): string {
  const name = branchName(phase, false);
  for (let number = 1; ; number++) {
    const next = number === 1 ? name : `${name}-${number}`;
    if (!isTaken(next)) return next;
  }
}

/** How the branch that is checked out becomes a pull request, where a client of its forge is usual. */
export function requestCommand({ git }: Workspace): string | undefined {
  const host = hostOf(git?.remotes().find(({ name }) => name === "origin")?.url ?? "");
  return CLIENTS.find(([forge]) => forge.test(host))?.[1];
}

const CLIENTS: readonly (readonly [forge: RegExp, command: string])[] = [
  [/(^|\.)github\./, "gh pr create --fill"],
  [/(^|\.)gitlab\./, "glab mr create --fill"],
  [/(^|\.)(codeberg|gitea|forgejo)\./, "tea pulls create"],
  [/(^|\.)(dev\.azure\.com|visualstudio\.com)$/, "az repos pr create"],
];

/** `github.com` of `git@github.com:o/r.git` and `https://github.com/o/r`. */
function hostOf(url: string): string {
  return (/^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^:/]+)/.exec(url)?.[1] ?? "").toLowerCase();
}
