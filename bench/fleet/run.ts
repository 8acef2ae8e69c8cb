// Runs `fluxlift fleet` over many repositories made of the corpus, against the sum of single runs.
// Use: npm run bench:fleet -- --dir FOLDER [--count 1000] [--minutes 7]. It stops after so many minutes, with exit 3, and goes
// on where it was when it is run again with the same folder: the stop is a SIGKILL of `fleet`. Exit 1: a bound does not hold.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CORPUS } from "../corpus/places.ts";
import { measure } from "../measure.ts";
import { replaceBetweenMarks } from "../readme.ts";
import { watch } from "./watch.ts";
import { makeFleet, makeOriginals } from "./world.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const BIN = join(ROOT, "dist/fluxlift.js");
const ACTIONS = ["scan", "verify"] as const;
type Action = (typeof ACTIONS)[number];
const SHARDS = 4;
const JOBS = 2;
const MOST_RATIO = 1.3;
const MOST_PEAK = 1024;
/** The run is killed once at this share of its repositories, whatever the time. */
const KILL_AT = 0.3;

const { values } = parseArgs({
  options: {
    dir: { type: "string", default: join(ROOT, ".cache/fleet") },
    count: { type: "string", default: "1000" },
    minutes: { type: "string", default: "600" },
    write: { type: "boolean", default: false },
  },
});
const count = Number(values.count);
const dir = resolve(values.dir);
const end = performance.now() + Number(values.minutes) * 60_000;

/** Stops the bench where its time is over. */
class Pause extends Error {}
const left = (): number => {
  const ms = end - performance.now();
  if (ms < 1000) throw new Pause();
  return ms;
};
const log = (line: string) => process.stderr.write(`${line}\n`);

/** A value that is worked out once, and kept in the folder of the bench. */
function keep<T>(name: string, fallback: T): { value: T; save(value: T): void } {
  const file = join(dir, `${name}.json`);
  const value = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : fallback;
  return { value, save: (next) => writeFileSync(file, JSON.stringify(next)) };
}

interface Time {
  cpu: number;
  wall: number;
}

/** What each repository takes alone; every one of them has been read once before, as those of the fleet are. */
function measureSingles(action: Action, roots: ReadonlyMap<string, string>): Map<string, Time> {
  const kept = keep<Record<string, Time>>(`single-${action}`, {});
  const times = { ...kept.value };
  const flags = action === "verify" ? ["--base=HEAD~1"] : [];
  for (const [name, root] of roots) {
    if (times[name]) continue;
    left();
    const command = ["node", BIN, action, "--format=json", ...flags, "--", root];
    try {
      times[name] = measure({ command });
    } catch {
      // It fails in the fleet as well; what that takes is in neither.
      times[name] = { cpu: 0, wall: 0 };
    }
    kept.save(times);
  }
  return new Map(Object.entries(times));
}

interface Runs extends Time {
  peak: number;
  kills: number;
  /** Repositories that a run after a kill did again. */
  again: number;
  isDone: boolean;
}

const lines = (file: string): number => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0);

/** Runs a fleet to its end, over as many kills as it takes. */
async function runFleet(name: string, list: string, flags: readonly string[], total: number): Promise<Runs> {
  const kept = keep<Runs>(`run-${name}`, { cpu: 0, wall: 0, peak: 0, kills: 0, again: 0, isDone: false });
  let runs = kept.value;
  const file = join(dir, `${name}.jsonl`);
  while (!runs.isDone) {
    const before = lines(`${file}.part`);
    const args = [BIN, "fleet", list, `--jobs=${JOBS}`, ...flags, "-o", file];
    const most = runs.kills === 0 && runs.wall === 0 ? Math.min(left(), firstKill(total)) : left();
    const { cpu, wall, peak, code, stderr } = await watch("node", args, most);
    const said = Number(/(\d+) are done already/.exec(stderr)?.[1] ?? 0);
    runs = {
      cpu: runs.cpu + cpu,
      wall: runs.wall + wall,
      peak: Math.max(runs.peak, peak),
      kills: runs.kills + (code === undefined ? 1 : 0),
      // What has failed is meant to be done again; the corpus has none of those.
      again: runs.again + Math.max(0, before - said),
      isDone: code !== undefined,
    };
    kept.save(runs);
    log(
      `${name}: ${code === undefined ? "killed" : "done"}, ${lines(code === undefined ? `${file}.part` : file)} of ${total} lines`,
    );
  }
  return runs;
}

let perRepository = 1000;
const firstKill = (total: number) => Math.max(3000, KILL_AT * total * perRepository);

const still = (file: string) => readFileSync(file, "utf8").replace(/"ms":\d+/g, '"ms":0');

async function main(): Promise<number> {
  mkdirSync(dir, { recursive: true });
  const originals = makeOriginals(dir, CORPUS);
  const { list, of } = makeFleet(dir, originals, count);
  log(`${originals.length} originals, ${count} repositories`);
  const roots = new Map(of.map(({ name, root }) => [name, root]));
  const rows: string[] = [];
  let isGood = true;
  const hold = (holds: boolean, what: string) => {
    if (!holds) log(`✗ ${what}`);
    isGood &&= holds;
  };
  for (const action of ACTIONS) {
    const singles = measureSingles(action, roots);
    const sum = of.reduce(
      (all, { name }) => ({ cpu: all.cpu + singles.get(name)!.cpu, wall: all.wall + singles.get(name)!.wall }),
      { cpu: 0, wall: 0 },
    );
    perRepository = sum.wall / JOBS / count;
    const runs = await runFleet(`${action}-${count}`, list, ["--action", action], count);
    const [ratio, clock] = [runs.cpu / sum.cpu, runs.wall / (sum.wall / JOBS)];
    hold(ratio <= MOST_RATIO, `${action}: ${ratio.toFixed(2)} times the processor time of single runs`);
    hold(runs.peak <= MOST_PEAK, `${action}: ${Math.round(runs.peak)} MB`);
    hold(runs.again === 0, `${action}: ${runs.again} repositories were done again`);
    rows.push(
      `| \`fleet --action ${action}\` | ${seconds(sum.cpu)} | ${seconds(runs.cpu)} | **${ratio.toFixed(2)}** | ${seconds(sum.wall / JOBS)} | ${seconds(runs.wall)} | **${clock.toFixed(2)}** | ${Math.round(runs.peak)} MB | ${runs.kills}, ${runs.again} |`,
    );
  }
  const parts = Array.from({ length: SHARDS }, (_, index) => index + 1);
  for (const part of parts) {
    await runFleet(`shard-${part}-${count}`, list, ["--shard", `${part}/${SHARDS}`], Math.ceil(count / SHARDS));
  }
  const merged = join(dir, `merged-${count}.jsonl`);
  const files = parts.map((part) => join(dir, `shard-${part}-${count}.jsonl`));
  await watch("node", [BIN, "fleet", "merge", ...files.reverse(), "-o", merged], left());
  const isSame = still(merged) === still(join(dir, `scan-${count}.jsonl`));
  hold(isSame, "merged shards differ from one run");
  const table = [
    `${count} repositories of ${roots.size} originals, ${JOBS} processes; sums of single runs are of one run of each original.`,
    "",
    "| | single runs, processor | fleet, processor | ratio | single runs / 2, by the clock | fleet, by the clock | ratio | peak of all processes | kills, done again |",
    "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ...rows,
    "",
    `${SHARDS} shards merged, against one run: ${isSame ? "the same but for times" : "**different**"}.`,
  ];
  process.stdout.write(`${table.join("\n")}\n`);
  if (values.write) replaceBetweenMarks("fleet", table);
  return isGood ? 0 : 1;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;

process.exitCode = await main().catch((error: unknown) => {
  if (error instanceof Pause) return 3;
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
