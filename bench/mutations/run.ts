// Puts accidents into the corpus and judges `fluxlift verify` on each. See docs/corpus.md.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { globTest } from "../compare/shell.ts";
import { findKustomize } from "../corpus/gate/kustomize.ts";
import { openReference } from "../corpus/gate/reference.ts";
import { unpackState } from "../corpus/repo.ts";
import { REFACTORINGS_FROM } from "./refactorings/index.ts";
import { Session } from "./session.ts";
import { sumUp } from "./table.ts";
import type { Row } from "./weigh.ts";

const HELP = `usage: npm run mutations -- [options]
  --count N     accidents in all, spread over the states (default 2000)
  --deliberate  changes that owners make on purpose instead, from seed 100000 on
  --seconds N   begin with no other state after so many seconds (default 420)
  --only GLOB   states whose name matches (repeatable)
  --kind TEXT   judge again only seeds of kinds that hold this text
  --again       judge again what did not end well
  --fresh       judge everything again
Goes on where the last run ended: what was judged stands in bench/mutations/recorded.jsonl and
deliberate.jsonl. What is printed is not kept.`;

const project = fileURLToPath(new URL("../..", import.meta.url));
const shared = process.env.FLUXLIFT_SHARED ?? resolve(project, "../shared");
const cache = process.env.FLUXLIFT_CACHE ? resolve(process.env.FLUXLIFT_CACHE) : join(project, ".cache/mutations");
const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seconds: { type: "string", default: "420" },
    only: { type: "string", multiple: true },
    kind: { type: "string" },
    deliberate: { type: "boolean" },
    again: { type: "boolean" },
    fresh: { type: "boolean" },
    one: { type: "string" },
    seeds: { type: "string", default: "" },
    help: { type: "boolean" },
  },
});

const recorded = join(import.meta.dirname, options.deliberate ? "deliberate.jsonl" : "recorded.jsonl");
const first = options.deliberate ? REFACTORINGS_FROM : 0;

/** What is kept of a row: no text of the corpus. */
type Kept = Pick<Row, "seed" | "state" | "kind" | "outcome" | "verdict" | "seen">;

function readKept(): Map<number, Kept> {
  const lines = existsSync(recorded) ? readFileSync(recorded, "utf8").split("\n").filter(Boolean) : [];
  return new Map(lines.map((line) => JSON.parse(line) as Kept).map((row) => [row.seed, row]));
}

const keep = ({ seed, state, kind, outcome, verdict, seen }: Row): Kept => ({
  seed,
  state,
  kind,
  outcome,
  verdict,
  seen,
});

/** Each state is judged in a process of its own. */
async function runOne(state: string, seeds: number[]): Promise<void> {
  const kustomize = findKustomize();
  const reference = openReference(join(shared, "reference"));
  if (!kustomize || !reference) throw new Error("no kustomize, or no ../shared/reference");
  const session = new Session({
    state,
    origin: unpackState(join(shared, "corpus/states", `${state}.tar.gz`), join(cache, "states")),
    scratch: join(cache, "work", state),
    url: `https://github.com/${(state.split("__", 2) as string[]).join("/")}`,
    builds: join(cache, "builds"),
    kustomize,
    reference,
  });
  for (const seed of seeds) {
    let row: Row | undefined;
    try {
      row = await session.judge(seed);
    } catch (error) {
      console.error(`seed ${seed} of ${state}: ${(error as Error).stack?.slice(0, 600)}`);
      continue;
    }
    appendFileSync(join(cache, "rows.jsonl"), `${JSON.stringify(row ?? { seed, state, outcome: "none" })}\n`);
  }
  session.close();
}

/** The rows of the last time that a seed was judged. */
function readRows(): Map<number, Row> {
  const file = join(cache, "rows.jsonl");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return new Map(lines.map((line) => JSON.parse(line) as Row).map((row) => [row.seed, row]));
}

async function main(): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.one) {
    await runOne(options.one, options.seeds.split(",").map(Number));
    return 0;
  }
  mkdirSync(cache, { recursive: true });
  const folder = join(shared, "corpus/states");
  const states = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((one) => one.endsWith(".tar.gz"))
    .sort()
    .map((one) => one.slice(0, -7));
  if (states.length === 0) {
    console.log(`mutations: skipped, nothing in ${folder}`);
    return 0;
  }
  const wanted = globTest(options.only);
  const kept = readKept();
  const open = (seed: number): boolean => {
    const row = kept.get(seed);
    if (!row || options.fresh) return true;
    if (options.kind) return row.kind?.includes(options.kind) ?? false;
    return options.again === true && !/^(ok|idle|none)$/.test(row.outcome);
  };
  const started = Date.now();
  const judged: Row[] = [];
  for (const [index, state] of states.entries()) {
    if ((Date.now() - started) / 1000 > Number(options.seconds)) break;
    if (!wanted(state)) continue;
    const seeds: number[] = [];
    for (let seed = first + index; seed < first + Number(options.count); seed += states.length)
      if (open(seed)) seeds.push(seed);
    if (seeds.length === 0) continue;
    const args = [...process.execArgv, fileURLToPath(import.meta.url), "--one", state, "--seeds", seeds.join(",")];
    spawnSync(process.execPath, args, { stdio: "inherit" });
    const rows = readRows();
    for (const seed of seeds) {
      const row = rows.get(seed);
      if (!row) continue;
      kept.set(seed, row.kind ? keep(row) : row);
      judged.push(row);
    }
    const lines = [...kept.values()].sort((a, b) => a.seed - b.seed).map((row) => JSON.stringify(row));
    writeFileSync(recorded, `${lines.join("\n")}\n`);
  }
  console.log(sumUp(judged, [...kept.values()], (Date.now() - started) / 1000));
  return [...kept.values()].some(({ outcome }) => /^(false-safe|unnamed|wrong-deletes)$/.test(outcome)) ? 1 : 0;
}

process.exitCode = await main();
