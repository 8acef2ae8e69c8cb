import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { MergeList } from "../compare/merges.ts";
import { cleanEnv, git } from "../corpus/repo.ts";
import { seededRandom } from "../corpus/yaml/pick.ts";

/** What is made of each real merge: the way back, half of it, half of the way back, and one file of either. */
const KINDS = ["back", "half", "half-back", "file", "file-back"] as const;

interface Change {
  mode: string;
  blob: string;
  path: string;
}

/**
 * Changes that somebody who merges only a part of a real one makes, or takes it back: tagged in the clone like real pairs.
 * @param seed which halves and files
 */
export function makeParts(list: MergeList, clone: string, seed: string): MergeList {
  const pairs: string[] = [];
  const tag = (name: string, from: string, to: string) => {
    git(clone, "tag", "--force", `${name}-base`, from);
    git(clone, "tag", "--force", `${name}-head`, to);
    pairs.push(name);
  };
  for (const pair of list.pairs) {
    const [base, head] = ["base", "head"].map((side) => git(clone, "rev-parse", `${pair}-${side}^{commit}`).trim());
    const random = seededRandom(`${list.unit} ${pair} ${seed}`);
    for (const kind of KINDS) {
      const [from, to] = kind.endsWith("back") ? [head!, base!] : [base!, head!];
      const all = listChanges(clone, from, to);
      const some =
        kind === "back" ? all : kind.startsWith("file") ? pick(all, random) : all.filter(() => random() < 0.5);
      // All of them is the merge itself.
      if (some.length === 0 || (some.length === all.length && kind !== "back")) continue;
      tag(`${pair}-${kind}`, from, commitSome(clone, from, some));
    }
  }
  return { ...list, pairs };
}

function pick(all: readonly Change[], random: () => number): Change[] {
  return all.length > 1 ? [all[Math.floor(random() * all.length)]!] : [];
}

function listChanges(clone: string, from: string, to: string): Change[] {
  const raw = git(clone, "diff-tree", "-r", "-z", "--no-renames", from, to).split("\0");
  const changes: Change[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [, mode = "", , blob = ""] = raw[index]!.split(" ");
    changes.push({ mode: Number(mode) === 0 ? "0" : mode, blob, path: raw[index + 1]! });
  }
  return changes;
}

/** A commit on top of `from` with these changes alone; nothing is checked out. */
function commitSome(clone: string, from: string, changes: readonly Change[]): string {
  const env = { ...cleanEnv(), GIT_INDEX_FILE: join(clone, ".git", "parts-index") };
  const run = (input: string, ...args: string[]) =>
    execFileSync("git", args, { cwd: clone, env, input, encoding: "utf8", maxBuffer: 256 << 20 }).trim();
  run("", "read-tree", from);
  const lines = changes.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}\0`);
  run(lines.join(""), "update-index", "-z", "--index-info");
  return run("", "commit-tree", run("", "write-tree"), "-p", from, "-m", "part");
}
