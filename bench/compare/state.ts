import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fillPlaceholders, findPlaceholders, publishedAt } from "../corpus/gate/placeholders.ts";
import { compareVersions } from "../corpus/gate/reference.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { openSnapshot } from "../corpus/gate/snapshot.ts";
import { makeRepo, repoFacts, unpackState } from "../corpus/repo.ts";
import { answer, type Bench, checkOut, diffTrees } from "./answer.ts";
import { git } from "./shell.ts";
import { type Store, sha256 } from "./store.ts";
import type { Answer, Record, Step } from "./types.ts";

/** How a state is set up; the same for both builds, so it is found once and kept beside the trees. */
interface Setup {
  start: string;
  branch: string;
  branches: string[];
  remote: boolean;
  /** Flags that the tree needs: `--flux-version` where bootstrap has not filled it in. */
  flags: string[];
}

export interface StateInput {
  state: string;
  archive: string;
  /** Flux versions that the reference knows, for trees that say none. */
  versions: string[];
}

export const inputOf = (archive: string): string => sha256(readFileSync(archive));

const PHASES = ["install", "cutover", "cleanup"];
const OCI_PHASES = ["prepare", "switch", "cleanup"];

/** Runs the base build through every phase and route; each phase starts from what the one before it wrote. */
export async function recordBase(cli: string, store: Store, input: StateInput): Promise<Record> {
  const { state } = input;
  const work = store.workDir(state);
  try {
    const setup = prepare(input, work);
    const bench = { ...setup, dir: join(work, "repo") };
    const answers: Answer[] = [];
    const ask = async (step: Step): Promise<Answer> => {
      const said = await answer(cli, bench, step);
      answers.push(said);
      return said;
    };
    await ask({ id: "scan", args: ["scan", "{repo}", "--format", "json"], input: setup.start });
    const { first, last } = await route(ask, setup, "all", []);
    const names = clusterNames(first);
    for (const name of names.length > 1 ? names : []) await route(ask, setup, name, ["--cluster", name]);
    for (const [id, flags] of [
      ["oci", []],
      ["oci-charts", ["--charts"]],
    ] as const) {
      await phases(ask, id, OCI_PHASES, last, ["oci", "{repo}", "--yes", "--format", "json", ...flags]);
    }
    checkOut(bench, setup.start);
    const target = store.repoOf(state);
    mkdirSync(dirname(target), { recursive: true });
    rmSync(join(target), { recursive: true, force: true });
    renameSync(join(bench.dir, ".git"), target);
    writeFileSync(join(target, "setup.json"), JSON.stringify(setup));
    return { unit: state, answers };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function prepare({ state, archive, versions }: StateInput, work: string): Setup {
  const origin = unpackState(archive, work);
  const original = openSnapshot(origin);
  const unfilled = findPlaceholders(original, publishedAt(state));
  fillPlaceholders(original, unfilled, join(work, "filled"));
  const facts = repoFacts([...findRoots(original), ...unfilled.roots]);
  const dir = join(work, "repo");
  makeRepo(origin, dir, facts);
  rawBytes(dir);
  git(dir, "add", "--renormalize", "-A", "-f", ".");
  git(dir, "commit", "-q", "--amend", "--no-edit");
  const newest = [...versions].sort(compareVersions).at(-1);
  return {
    start: git(dir, "rev-parse", "HEAD"),
    branch: facts.branch,
    branches: facts.branches,
    remote: facts.url !== undefined,
    flags: unfilled.roots.length > 0 && newest ? ["--flux-version", `v${newest}`] : [],
  };
}

/** No attribute of the tree may change bytes between a commit and the folder. */
function rawBytes(dir: string): void {
  mkdirSync(join(dir, ".git/info"), { recursive: true });
  writeFileSync(join(dir, ".git/info/attributes"), "* -text -filter -ident -working-tree-encoding\n");
}

type Ask = (step: Step) => Promise<Answer>;

/** All phases with commits between, then everything in one merge. */
async function route(ask: Ask, setup: Setup, id: string, flags: string[]): Promise<{ first: Answer; last: string }> {
  const args = ["migrate", "{repo}", "--yes", "--format", "json", ...flags, ...setup.flags];
  const { first, last } = await phases(ask, id, PHASES, setup.start, args);
  await ask({ id: `${id}/direct`, args: [...args, "--phase", "all", "--direct"], input: setup.start });
  return { first, last };
}

async function phases(
  ask: Ask,
  id: string,
  names: string[],
  start: string,
  args: string[],
): Promise<{ first: Answer; last: string }> {
  let input = start;
  let first: Answer | undefined;
  for (const phase of names) {
    const said = await ask({
      id: `${id}/${phase}`,
      args: [...args, "--phase", phase],
      input,
      commit: `${id} ${phase}`,
    });
    first ??= said;
    input = said.output ?? input;
  }
  return { first: first as Answer, last: input };
}

function clusterNames({ said }: Answer): string[] {
  const [phase] = said?.phases ?? [];
  return (phase?.clusters ?? []).map(({ cluster }: { cluster: string }) => cluster);
}

/**
 * Runs the new build on the very trees the base build was run on, so that no difference hides or makes another.
 * @param steps the ones to run
 */
export async function recordNew(cli: string, store: Store, base: Record, steps: ReadonlySet<string>): Promise<Record> {
  const repo = store.repoOf(base.unit);
  const setup = JSON.parse(readFileSync(join(repo, "setup.json"), "utf8")) as Setup;
  const work = store.workDir(base.unit);
  try {
    const bench: Bench = { ...setup, dir: join(work, "repo") };
    cloneShared(repo, bench.dir);
    const answers: Answer[] = [];
    for (const { id, args, input, tree } of base.answers.filter((one) => steps.has(one.id))) {
      const said = await answer(cli, bench, { id, args, ...(input ? { input } : {}) });
      if (tree && said.tree && said.tree !== tree) said.files = diffTrees(bench.dir, tree, said.tree);
      answers.push(said);
    }
    return { unit: base.unit, answers };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A repository that borrows the objects of another one, with its remote. */
function cloneShared(repo: string, dir: string): void {
  mkdirSync(dir, { recursive: true });
  git(dir, "init", "-q", "-b", "unborn");
  writeFileSync(join(dir, ".git/objects/info/alternates"), `${join(repo, "objects")}\n`);
  const config = join(repo, "config");
  if (existsSync(config)) writeFileSync(join(dir, ".git/config"), readFileSync(config));
  rawBytes(dir);
}
