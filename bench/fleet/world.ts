import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "../../test/support/git.ts";

/** A repository of the corpus: the newest commit is a change that verify has something to say about. */
export interface Original {
  name: string;
  root: string;
}

/**
 * Makes each state of the corpus, and each of its merges, a repository with two commits; what is there already stays.
 * @param dir folder of the bench
 */
export function makeOriginals(dir: string, corpus: string): Original[] {
  const folder = join(dir, "originals");
  mkdirSync(folder, { recursive: true });
  const states = readdirSync(join(corpus, "states"))
    .filter((file) => file.endsWith(".tar.gz"))
    .map((file) => file.slice(0, -".tar.gz".length));
  const merges = readdirSync(join(corpus, "merges")).filter((file) => file.endsWith(".bundle"));
  return [
    ...states.map((name) => make(folder, name, (root) => fromState(join(corpus, "states", `${name}.tar.gz`), root))),
    ...merges.flatMap((file) => fromBundle(folder, join(corpus, "merges", file), file.slice(0, -".bundle".length))),
  ];
}

/** Repositories are made under another name first: one that is there is whole. */
function make(folder: string, name: string, fill: (root: string) => void): Original {
  const root = join(folder, name);
  if (existsSync(root)) return { name, root };
  const part = `${root}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part);
  fill(part);
  // Copies have the files under other inodes.
  git(part, "config", "core.checkStat", "minimal");
  git(part, "config", "core.trustCtime", "false");
  renameSync(part, root);
  return { name, root };
}

function fromState(archive: string, root: string): void {
  execFileSync("tar", ["-xzf", archive, "-C", root, "--strip-components=1"]);
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "As it was");
  const releases = git(root, "ls-files", "-z", "*.yaml", "*.yml").split("\0").filter(Boolean).sort();
  const path = releases.find((one) => /^kind: HelmRelease$/m.test(readFileSync(join(root, one), "utf8")));
  if (path !== undefined) {
    const text = readFileSync(join(root, path), "utf8");
    writeFileSync(join(root, path), text.replace(/^( +interval:).*$/m, "$1 7m"));
  }
  git(root, "commit", "-q", "-a", "--allow-empty", "-m", "Another interval");
}

/** One repository a merge; all of a bundle share its objects. */
function fromBundle(folder: string, bundle: string, name: string): Original[] {
  const store = join(folder, `${name}.git`);
  if (!existsSync(store)) {
    execFileSync("git", ["clone", "-q", "--bare", bundle, `${store}.part`]);
    renameSync(`${store}.part`, store);
  }
  const heads = git(store, "tag", "--list", "pair-*-head").trim().split("\n");
  return heads.map((tag) =>
    make(folder, `${name}__${tag.slice(0, "pair-00".length)}`, (root) => {
      git(root, "init", "-q", "-b", "main");
      writeFileSync(join(root, ".git/objects/info/alternates"), `${join(store, "objects")}\n`);
      git(root, "reset", "-q", "--hard", git(store, "rev-parse", tag).trim());
    }),
  );
}

/** The list of a fleet: as many repositories as asked for, each with files of its own that are hard links. */
export function makeFleet(
  dir: string,
  originals: readonly Original[],
  count: number,
): { list: string; of: Original[] } {
  const folder = join(dir, "repositories");
  mkdirSync(folder, { recursive: true });
  const of = Array.from({ length: count }, (_, index) => originals[index % originals.length]!);
  const paths = of.map(({ name }, index) => join(folder, `${String(index).padStart(6, "0")}-${name}`));
  for (const [index, path] of paths.entries()) {
    if (existsSync(path)) continue;
    rmSync(`${path}.part`, { recursive: true, force: true });
    execFileSync("cp", ["-al", of[index]!.root, `${path}.part`]);
    renameSync(`${path}.part`, path);
  }
  const list = join(dir, `list-${count}.txt`);
  writeFileSync(list, `${paths.join("\n")}\n`);
  return { list, of };
}
