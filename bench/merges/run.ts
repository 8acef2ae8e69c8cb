// Judges `fluxlift verify` on real merges with the real kustomize from the roots down. See docs/corpus.md.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { listMerges, openBundle } from "../compare/merges.ts";
import { eachLimited, globTest } from "../compare/shell.ts";
import { findKustomize } from "../corpus/gate/kustomize.ts";
import { openReference } from "../corpus/gate/reference.ts";
import { CORPUS, NO_CORPUS } from "../corpus/places.ts";
import { judgeRepository } from "./judge.ts";
import { makeParts } from "./parts.ts";
import { type RepositoryRows, sayPair, sumUp } from "./table.ts";
import type { PairRow } from "./types.ts";

const HELP = `usage: npm run merges -- [options]
  --only GLOB   repositories (owner__name) whose name matches (repeatable)
  --jobs N      repositories judged at the same time (default 2)
  --json FILE   write every row
  --cli FILE    the built tool to judge (default dist/fluxlift.js)
  --parts SEED  instead of each merge five that are made of it: the way back, half of its files, one of them
  --all         print whole lists, and pairs in which nothing went as well
What the real builds show is kept in .cache/merges (or FLUXLIFT_CACHE), so a second run only asks the tool.`;

const project = fileURLToPath(new URL("../..", import.meta.url));
const cache = process.env.FLUXLIFT_CACHE ? resolve(process.env.FLUXLIFT_CACHE) : join(project, ".cache/merges");
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    jobs: { type: "string", default: "2" },
    json: { type: "string" },
    cli: { type: "string" },
    parts: { type: "string" },
    all: { type: "boolean" },
    one: { type: "string" },
    help: { type: "boolean" },
  },
});
const cli = resolve(options.cli ?? join(project, "dist/fluxlift.js"));

async function runOne(unit: string, file: string): Promise<void> {
  const kustomize = findKustomize();
  const reference = openReference(cache);
  const list = listMerges(join(CORPUS, "merges")).find((one) => one.unit === unit);
  if (!kustomize || !list) throw new Error("no kustomize, or no such repository");
  const clone = openBundle(list.bundle, join(cache, list.unit));
  const asked = options.parts === undefined ? list : makeParts(list, clone, options.parts);
  writeFileSync(file, JSON.stringify(await judgeRepository({ list: asked, clone, cache, cli, kustomize, reference })));
}

/** Each repository is judged in a process of its own: one that fails costs its own rows. */
function runChild(unit: string): Promise<PairRow[] | string> {
  const file = join(cache, `${unit}.${process.pid}.json`);
  const args = [...process.execArgv, fileURLToPath(import.meta.url), "--one", unit, "--json", file, "--cli", cli];
  if (options.parts !== undefined) args.push("--parts", options.parts);
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (code) =>
      done(code === 0 ? (JSON.parse(readFileSync(file, "utf8")) as PairRow[]) : stderr.trim().slice(-600)),
    );
  });
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.one) {
    await runOne(options.one, options.json ?? "");
    return 0;
  }
  const wanted = globTest(options.only);
  const lists = listMerges(join(CORPUS, "merges")).filter(({ unit }) => wanted(unit.replace("merges/", "")));
  if (lists.length === 0) {
    console.log(existsSync(join(CORPUS, "merges")) ? "merges: nothing matches" : `merges: not run, ${NO_CORPUS}`);
    return 0;
  }
  if (!existsSync(cli)) {
    console.error(`merges: ${cli} is missing, run npm run build first`);
    return 2;
  }
  mkdirSync(join(cache, "merges"), { recursive: true });
  openReference(cache);
  const started = Date.now();
  const all: RepositoryRows[] = [];
  let broken = 0;
  await eachLimited(lists, Number(options.jobs), async ({ unit }) => {
    const rows = await runChild(unit);
    if (typeof rows === "string") {
      broken++;
      console.log(`the judge itself stopped on ${unit}: ${rows}`);
      return;
    }
    all.push({ unit, rows });
    for (const row of rows) {
      const quiet = row.went.length + row.missed.length + row.invented.length + row.said.deleted.length === 0;
      if (options.all || !quiet || row.said.verdict !== "safe") console.log(sayPair(unit, row, options.all ?? false));
    }
  });
  console.log(`\n${sumUp(all, (Date.now() - started) / 1000)}`);
  all.sort((a, b) => a.unit.localeCompare(b.unit));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(all, null, 1)}\n`);
  const wrong = all.some(({ rows }) => rows.some(({ missed, invented }) => missed.length + invented.length > 0));
  return wrong || broken > 0 ? 1 : 0;
}

process.exitCode = await main();
