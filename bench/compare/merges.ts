import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cleanEnv } from "../corpus/repo.ts";
import { answer } from "./answer.ts";
import type { Answer, Record } from "./types.ts";

export interface MergeList {
  /** `merges/owner__name`. */
  unit: string;
  bundle: string;
  pairs: string[];
}

/** What `merges.tsv` lists, by repository. */
export function listMerges(folder: string): MergeList[] {
  const file = join(folder, "merges.tsv");
  if (!existsSync(file)) return [];
  const pairs = new Map<string, string[]>();
  for (const line of readFileSync(file, "utf8").trim().split("\n").slice(1)) {
    const [repository = "", pair = ""] = line.split("\t");
    pairs.set(repository, [...(pairs.get(repository) ?? []), pair]);
  }
  return [...pairs].map(([repository, list]) => {
    const name = repository.replace("/", "__");
    return { unit: `merges/${name}`, bundle: join(folder, `${name}.bundle`), pairs: list };
  });
}

/** Clones a bundle once; nothing is checked out. */
export function openBundle(bundle: string, dir: string): string {
  if (existsSync(dir)) return dir;
  const staging = `${dir}.${process.pid}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(dirname(dir), { recursive: true });
  execFileSync("git", ["clone", "-q", "--no-checkout", bundle, staging], { env: cleanEnv(), stdio: "pipe" });
  if (existsSync(dir)) rmSync(staging, { recursive: true, force: true });
  else renameSync(staging, dir);
  return dir;
}

/** Asks `verify` about every pair of one repository. */
export async function recordMerges(cli: string, dir: string, { unit, pairs }: MergeList): Promise<Record> {
  const bench = { dir, branch: "", branches: [], remote: false };
  const answers: Answer[] = [];
  for (const pair of pairs) {
    const args = ["verify", "--base", `${pair}-base`, "--head", `${pair}-head`, "{repo}", "--format", "json"];
    answers.push(await answer(cli, bench, { id: pair, args }));
  }
  return { unit, answers };
}
