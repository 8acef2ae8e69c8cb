import { ask, hugeFilesOf, type Repository, readHead, repositoryAt } from "./git-repository.ts";
import { splitNul } from "./git-run.ts";
import type { Journal } from "./journal-shape.ts";
import { resolveRoot } from "./site.ts";

/** What git has of a write. */
export interface Committed {
  /** Files of the write that are committed since, relative to the top of the repository, sorted. */
  files: readonly string[];
  /** Commits that hold them, the newest first; at most 20, and empty where history does not say. */
  commits: readonly { id: string; subject: string }[];
}

const MAX_COMMITS = 20;

/**
 * Which files of a write are committed since. The write noted what was checked out; where it did not, or that commit is gone,
 * a file counts as committed when git sees no change in it.
 */
export function findCommitted(dir: string, { head, files }: Journal): Committed | undefined {
  const found = repositoryAt(resolveRoot(dir));
  const now = found && readHead(found.top);
  if (!found || now === undefined || head === now) return undefined;
  const moved = typeof head === "string" ? listMoved(found, head, now) : undefined;
  const open = moved ? undefined : listOpen(found, now);
  const committed = files.map(({ path }) => path).filter((path) => (moved ? moved.has(path) : open && !open.has(path)));
  if (committed.length === 0) return undefined;
  const commits = typeof head === "string" ? listCommits(found, head, now, new Set(committed)) : [];
  return { files: committed.sort(), commits };
}

function listMoved(repository: Repository, from: string, to: string): Set<string> | undefined {
  const output = ask(repository, ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", from, to], {
    fromTop: true,
  });
  return output.code === 0 ? new Set(splitNul(output.stdout)) : undefined;
}

function listOpen(repository: Repository, head: string): Set<string> | undefined {
  const args = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all"];
  const output = ask(repository, args, { head, huge: hugeFilesOf(repository), fromTop: true });
  return output.code === 0 ? new Set(splitNul(output.stdout).map((entry) => entry.slice(3))) : undefined;
}

function listCommits(
  repository: Repository,
  from: string,
  to: string,
  files: ReadonlySet<string>,
): Committed["commits"] {
  const format = "--format=%x01%H%x02%s%x02";
  const output = ask(repository, ["log", "-n", "200", "--name-only", "--no-renames", "-z", format, `${from}..${to}`]);
  const entries = output.stdout.toString().split("\x01").slice(1);
  const commits = entries.flatMap((entry) => {
    const [id = "", subject = "", names = ""] = entry.split("\x02");
    return names.split("\0").some((name) => files.has(name.replace(/^\n/, ""))) ? [{ id, subject }] : [];
  });
  return commits.slice(0, MAX_COMMITS);
}
