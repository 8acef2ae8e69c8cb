import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { FETCHED } from "./places.ts";
import { git } from "./repo.ts";

/** Larger files are no manifests. */
const MOST_BYTES = 1_500_000;

interface Merge {
  /** `pair-01` */
  pair: string;
  commit: string;
}

/** One archive to make: a tree, or the merges of a repository. */
interface Wanted {
  name: string;
  target: string;
  make(staging: string): void;
}

const readList = (file: string): string[][] =>
  readFileSync(new URL(`lists/${file}`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));

/** Gets single commits, with as many parents as asked for, into a new repository. */
function fetchCommits(url: string, commits: string[], depth: number, repo: string): void {
  mkdirSync(repo, { recursive: true });
  git(repo, "init", "-q");
  git(repo, "fetch", "-q", "--no-tags", "--depth", String(depth), "--", url, ...commits);
}

/** Packs the tree of a commit as text: neither large files nor those with a zero byte. */
export function packState(url: string, name: string, commit: string, staging: string, target: string): void {
  fetchCommits(url, [commit], 1, join(staging, "repo"));
  const tree = join(staging, name);
  mkdirSync(tree);
  git(
    join(staging, "repo"),
    "--work-tree",
    tree,
    "-c",
    "core.symlinks=true",
    "checkout",
    "-q",
    "-f",
    commit,
    "--",
    ".",
  );
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (statSync(path).size > MOST_BYTES || readFileSync(path).includes(0))) rmSync(path);
  }
  execFileSync("tar", ["czf", target, "-C", staging, name]);
}

/** Packs the tree before and after each merge under two tags a pair; authors, dates and messages are not those of the repository. */
export function packMerges(url: string, merges: Merge[], staging: string, target: string): void {
  const repo = join(staging, "repo");
  const commits = merges.map(({ commit }) => commit);
  fetchCommits(url, commits, 2, repo);
  for (const { pair, commit } of merges) {
    const base = git(repo, "commit-tree", "-m", pair, `${commit}^1^{tree}`).trim();
    git(repo, "tag", `${pair}-base`, base);
    git(repo, "tag", `${pair}-head`, git(repo, "commit-tree", "-m", pair, "-p", base, `${commit}^{tree}`).trim());
  }
  git(repo, "bundle", "create", "-q", target, "--tags");
}

function listWanted(from: string): Wanted[] {
  const [states, merges] = [join(FETCHED, "corpus/states"), join(FETCHED, "corpus/merges")];
  const byRepository = new Map<string, Merge[]>();
  for (const [repository = "", pair = "", commit = ""] of readList("merges.tsv")) {
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), { pair, commit }]);
  }
  return [
    ...readList("states.tsv").map(([name = "", repository = "", commit = ""]) => {
      const target = join(states, `${name}.tar.gz`);
      const url = `${from}${repository}`;
      return { name, target, make: (staging: string) => packState(url, name, commit, staging, target) };
    }),
    ...[...byRepository].map(([repository, list]) => {
      const name = repository.replace("/", "__");
      const target = join(merges, `${name}.bundle`);
      return { name, target, make: (staging: string) => packMerges(`${from}${repository}`, list, staging, target) };
    }),
  ];
}

/**
 * Clones what the lists name into `.cache/fetched/corpus`, in the form in which the benches expect it. What is there is not
 * asked for again, so a run that was stopped goes on.
 * @param from what stands before `owner/name` in an address
 * @returns 0 when all is there, 1 when something could not be had; each is said
 */
export function fetchCorpus(from: string, isWanted: (name: string) => boolean): number {
  const lost: string[] = [];
  mkdirSync(join(FETCHED, "corpus/merges"), { recursive: true });
  copyFileSync(new URL("lists/merges.tsv", import.meta.url), join(FETCHED, "corpus/merges/merges.tsv"));
  const wanted = listWanted(from).filter(({ name }) => isWanted(name));
  for (const [at, { name, target, make }] of wanted.entries()) {
    if (existsSync(target)) continue;
    mkdirSync(join(target, ".."), { recursive: true });
    const staging = join(FETCHED, "staging");
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    try {
      make(staging);
      process.stderr.write(`${at + 1}/${wanted.length} ${name}\n`);
    } catch (error) {
      rmSync(target, { force: true });
      const { stderr, message } = error as Error & { stderr?: string };
      const lines = (stderr?.trim() || message).split("\n");
      process.stderr.write(`✗ ${name}: ${lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines[0]}\n`);
      lost.push(name);
    }
    rmSync(staging, { recursive: true, force: true });
  }
  process.stdout.write(`corpus: ${wanted.length - lost.length} of ${wanted.length} archives are in ${FETCHED}\n`);
  if (lost.length > 0)
    process.stdout.write(
      "What is absent may be gone from the forge, or private by now. Ask again with the same command.\n",
    );
  return lost.length > 0 ? 1 : 0;
}
