// Takes trees that are put together of what owners do through every phase, under the judge of the corpus. See docs/corpus.md.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Builder, findKustomize } from "../corpus/gate/kustomize.ts";
import { openReference } from "../corpus/gate/reference.ts";
import { judgeState } from "../corpus/judge-state.ts";
import { git } from "../corpus/repo.ts";
import { runTool } from "../corpus/tool.ts";
import type { Row } from "../corpus/verdict.ts";
import { writerIn } from "../trees.ts";
import { writeComponents } from "./bootstrap.ts";
import { compose } from "./compose.ts";

const HELP = `usage: npm run composed -- [options]
  --seed N         first seed (default 1); a seed always makes the same tree
  --count N        trees (default 20)
  --direct         run --phase all --direct instead of the three phases
  --sync STRATEGY  pass --sync to the tool
  --cli FILE       the built tool (default dist/fluxlift.js)
  --keep           keep the trees of each phase under .cache/composed
Exit 1 where an item of the gate fails, or verify does not call a merge of the migration right.`;

const project = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "20" },
    cli: { type: "string" },
    direct: { type: "boolean" },
    sync: { type: "string" },
    keep: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const cli = resolve(options.cli ?? join(project, "dist/fluxlift.js"));
const cache = join(project, ".cache/composed");

/** One for each way in which the API versions and controllers of Flux changed. */
const VERSIONS = ["2.2.3", "2.3.0", "2.4.0", "2.5.1", "2.6.4", "2.7.5", "2.8.8", "2.9.4"];

/** Merges of the migration that `verify` does not call right: each phase writes what its own plan says is safe. */
function doubtedMerges(repo: string): string[] {
  if (!existsSync(repo)) return [];
  const commits = git(repo, "log", "--reverse", "--format=%H").trim().split("\n");
  return commits.slice(1).flatMap((head, at) => {
    const base = commits[at] as string;
    const run = runTool(cli, ["verify", repo, "--base", base, "--head", head, "--format", "json"]);
    const verdict = /"verdict":\s*"(\w+)"/.exec(run.stdout)?.[1] ?? `exit ${run.exitCode}: ${run.stderr.trim()}`;
    return ["safe", "deletes"].includes(verdict) ? [] : [`verify of merge ${at + 1}: ${verdict}`];
  });
}

function print(rows: readonly Row[], doubted: readonly string[]): void {
  for (const { scenario, cluster, outcome, reached, reason, results } of rows) {
    if (outcome === "pass") continue;
    console.log(`    ${scenario} ${cluster} ${outcome} after ${reached}: ${reason}`);
    const failed = results.filter(({ status }) => status === "FAIL");
    for (const { item, reasons } of failed) for (const one of new Set(reasons)) console.log(`        ${item}: ${one}`);
  }
  for (const line of doubted) console.log(`    ${line}`);
}

async function main(): Promise<void> {
  const kustomize = findKustomize();
  if (!kustomize) throw new Error("no kustomize");
  const scratch = join(cache, "scratch");
  mkdirSync(scratch, { recursive: true });
  const reference = openReference(join(project, ".cache/corpus"));
  const builder = new Builder(kustomize, join(cache, "builds"));
  const versions = VERSIONS.filter((version) => reference.versions.includes(version));
  const components = new Map<string, string>();
  for (const version of versions) components.set(version, await writeComponents(builder, reference, scratch, version));
  const counts: Record<string, number> = {};
  const count = (name: string, by = 1): void => {
    counts[name] = (counts[name] ?? 0) + by;
  };
  const first = Number(options.seed);
  for (let seed = first; seed < first + Number(options.count); seed++) {
    const made = compose(`composed ${seed}`, versions, (version) => components.get(version) ?? "");
    const dir = join(cache, `seed-${seed}`);
    const origin = join(dir, "origin");
    rmSync(dir, { recursive: true, force: true });
    const write = writerIn(origin);
    for (const [path, text] of made.files) write(path, text);
    const started = Date.now();
    const rows = await judgeState(
      {
        state: `seed-${seed}__live`,
        origin,
        dir,
        cli,
        recorded: [],
        phases: options.direct ? ["all"] : ["install", "cutover", "cleanup"],
        flags: [...(options.direct ? ["--direct"] : []), ...(options.sync ? ["--sync", options.sync] : [])],
        keep: true,
        quick: false,
      },
      { builder, reference, scratch },
    );
    // What a person installs by hand on the direct route shows in no file.
    const doubted = options.direct ? [] : doubtedMerges(join(dir, "all/repo"));
    for (const { outcome } of rows) count(outcome);
    if (doubted.length > 0) count("merges that verify doubts", doubted.length);
    const outcomes = [...new Set(rows.map(({ outcome }) => outcome))];
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(
      `${seed}: ${outcomes.join(" ")} (${seconds} s) ${made.clusters.join("; ")} | ${made.features.join(", ")}`,
    );
    print(rows, doubted);
    const isGood = doubted.length === 0 && outcomes.every((outcome) => outcome === "pass");
    if (isGood && !options.keep) rmSync(dir, { recursive: true, force: true });
  }
  console.log(
    Object.entries(counts)
      .map(([name, sum]) => `${sum} ${name}`)
      .join(", "),
  );
  process.exitCode = counts.FAIL || counts["merges that verify doubts"] ? 1 : 0;
}

if (options.help) console.log(HELP);
else await main();
