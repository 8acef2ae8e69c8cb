import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MergeList } from "../compare/merges.ts";
import { Builder, type Kustomize } from "../corpus/gate/kustomize.ts";
import type { Reference } from "../corpus/gate/reference.ts";
import { git } from "../corpus/repo.ts";
import { hashOfCode } from "../corpus/sources.ts";
import { askTool } from "./said.ts";
import { Folders } from "./trees.ts";
import { judgePair } from "./truth.ts";
import type { PairRow, Truth } from "./types.ts";
import { weigh } from "./weigh.ts";

export interface JudgeInput {
  list: MergeList;
  /** Clone of the bundle, nothing checked out. */
  clone: string;
  cache: string;
  cli: string;
  kustomize: Kustomize;
  reference: Reference;
}

/** Judges every pair of one repository. What the real builds show is remembered by trees and by the judge's own code. */
export async function judgeRepository({
  list,
  clone,
  cache,
  cli,
  kustomize,
  reference,
}: JudgeInput): Promise<PairRow[]> {
  const scratch = join(cache, "work", list.unit);
  mkdirSync(scratch, { recursive: true });
  const folders = new Folders(clone, join(scratch, "trees"));
  const bench = { builder: new Builder(kustomize, join(cache, "builds")), reference, scratch };
  const url = `https://github.com/${list.unit.replace("merges/", "").replace("__", "/")}`;
  const rows: PairRow[] = [];
  for (const pair of list.pairs) {
    const started = Date.now();
    const trees = ["base", "head"].map((side) => git(clone, "rev-parse", `${pair}-${side}^{tree}`).trim());
    const file = join(cache, "truth", `${hashOf(...trees, kustomize.version, judgeCode())}.json`);
    let truth: Truth;
    if (existsSync(file)) truth = JSON.parse(readFileSync(file, "utf8")) as Truth;
    else {
      truth = await judgePair(bench, folders, pair, url);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(truth));
    }
    rows.push(weigh(pair, truth, askTool(cli, clone, pair), (Date.now() - started) / 1000));
  }
  folders.close();
  return rows;
}

const hashOf = (...parts: string[]): string => createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);

let code: string | undefined;

/** A judge that was changed judges again: everything that `truth.ts` is made of. */
function judgeCode(): string {
  code ??= hashOfCode(join(import.meta.dirname, "truth.ts"));
  return code;
}
