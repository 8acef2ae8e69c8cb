import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Files } from "../../test/verify/judge.ts";
import { git } from "../corpus/repo.ts";
import { type Case, house, laid, URL } from "./house.ts";

/** The folders of one case: a repository with both commits, and what lies in each of them. */
export interface Laid {
  repo: string;
  base: string;
  head: string;
  /** Where main has moved on: where the branch began, as flate takes it by `--base`. */
  began: string | undefined;
}

/** Writes a case as a repository, `HEAD~1..HEAD`, or `main` and `change` where main has moved on. */
export function layCase(one: Case, dir: string): Laid {
  rmSync(dir, { recursive: true, force: true });
  const before = laid(house(), one.tree ?? {});
  const now = laid(before, one.since ?? {});
  const paths = { repo: join(dir, "repo"), base: join(dir, "base"), head: join(dir, "head") };
  const began = one.since ? join(dir, "began") : undefined;
  startRepo(paths.repo);
  commit(paths.repo, before, "Before");
  if (one.since) {
    git(paths.repo, "branch", "change");
    commit(paths.repo, now, "What main gained");
    git(paths.repo, "checkout", "-q", "change");
  }
  commit(paths.repo, laid(before, one.edits), "Change");
  for (const [path, tree] of [
    [paths.base, now],
    [paths.head, laid(now, one.edits)],
    ...(began ? ([[began, before]] as const) : []),
  ] as const) {
    startRepo(path);
    commit(path, tree, "Tree");
  }
  return { ...paths, began };
}

function startRepo(dir: string): void {
  mkdirSync(dir, { recursive: true });
  git(dir, "init", "-q", "-b", "main");
  // flate takes a source for this repository where the address is that of a remote.
  git(dir, "remote", "add", "origin", URL);
}

function commit(dir: string, files: Files, message: string): void {
  git(dir, "rm", "-rfq", "--ignore-unmatch", ".");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  git(dir, "add", "-A");
  git(dir, "commit", "-q", "--allow-empty", "-m", message);
}
