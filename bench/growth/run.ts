// Measures how the processor time of a plan grows with one hostile file: doubling sizes up to 1 MB, for everything that
// scans text of a repository. Use: npm run bench:growth [-- --only shell --sizes 64,128 --slow 300] ; ends with 1 when a
// doubling takes more than 2.3 times as long, or a file ends the run. Without --only and --sizes it writes bench/README.md.
// With --keep FILE, what was measured is kept there after each file, and a run that was stopped goes on from it.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runInThisContext } from "node:vm";
import { loadEngine, openWorkspace } from "../../src/cli/load-engine.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { replaceBetweenMarks } from "../readme.ts";
import { type Attack, DELIVERED, listAttacks } from "./inputs.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/home-ops");
const MOST_GROWTH = 2.3;
/** Milliseconds by which two runs differ whatever the input; growth below that is no growth. A slow machine has more of it. */
const NOISE = 150;
const NOISE_SHARE = 0.2;
const TRIES = 3;
const RUN = "fluxliftGrowthRun";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    sizes: { type: "string" },
    slow: { type: "string", default: "0" },
    keep: { type: "string" },
  },
});
const sizes = (values.sizes ?? "128,256,512,1024").split(",").map((size) => Number(size) * 1024);

interface Row {
  attack: Omit<Attack, "make">;
  times: number[];
  growth: number;
  failure?: string;
}

/** Runs a function, and stops it with an error when it takes too long. */
function withDeadline(run: () => void): void {
  Object.assign(globalThis, { [RUN]: run });
  runInThisContext(`${RUN}()`, { timeout: 60_000 });
}

/** Processor time of all phases of both migrations on a tree; milliseconds. */
async function measure(root: string): Promise<number> {
  const [first, second] = [await openWorkspace(root), await openWorkspace(root)];
  const options = { phase: "all", sync: "adopt", direct: true, serviceMonitor: false, layout: "auto" } as const;
  const lists = () => ({ clusters: [], only: [], skip: [] });
  const { user, system } = process.cpuUsage();
  withDeadline(() => {
    makePlan(first, { ...options, ...lists() });
    makeOciPlan(second, { ...options, ...lists() });
  });
  const now = process.cpuUsage();
  return (now.user + now.system - user - system) / 1000;
}

/** Does something with a copy of the example that has the file in it. */
async function withFile<T>(path: string, text: string, use: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "fluxlift-growth-"));
  try {
    cpSync(EXAMPLE, root, { recursive: true });
    const list = join(root, dirname(DELIVERED), "kustomization.yaml");
    writeFileSync(list, readFileSync(list, "utf8").replace("resources:\n", "resources:\n  - ./hostile.yaml\n"));
    writeFileSync(join(root, DELIVERED), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return await use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function measureAttack(attack: Attack): Promise<Row> {
  const row: Row = { attack, times: [], growth: 0 };
  const best = new Map<number, number>();
  /** The best of all runs counts: a busy moment of the machine is no growth. Without a size, the example alone. */
  const again = async (size = 0) => {
    const text = size === 0 ? "true\n" : attack.make(size);
    const time = await withFile(size === 0 ? "scripts/hostile.sh" : attack.path, text, measure);
    best.set(size, Math.min(time, best.get(size) ?? Infinity));
  };
  /** Processor time that the file itself costs. */
  const timeOf = (size: number) => Math.max(0, best.get(size)! - best.get(0)!);
  const growthTo = (index: number) => {
    const noise = Math.max(NOISE, NOISE_SHARE * best.get(0)!);
    return timeOf(sizes[index]!) / Math.max(noise, timeOf(sizes[index - 1]!));
  };
  try {
    for (let run = 0; run < TRIES; run++) await again();
    for (const [index, size] of sizes.entries()) {
      await again(size);
      if (index === 0) continue;
      for (let tries = 0; tries < TRIES && growthTo(index) > MOST_GROWTH; tries++) {
        for (const one of [0, sizes[index - 1]!, size]) await again(one);
      }
      row.growth = Math.max(row.growth, growthTo(index));
      if (row.growth > MOST_GROWTH) break;
    }
  } catch (error) {
    row.failure = String(error).split("\n")[0]!;
  }
  row.times = sizes.filter((size) => best.has(size)).map(timeOf);
  return row;
}

function isBroken({ growth, failure }: Row): boolean {
  return failure !== undefined || growth > MOST_GROWTH;
}

function toLine({ attack, times, growth, failure }: Row): string {
  const cells = sizes.map((_, index) => (times[index] === undefined ? "" : `${times[index]!.toFixed(0)} ms`));
  const end = failure ?? (growth > 1 ? `${growth.toFixed(1)}×` : "-");
  const name = attack.name.replace(/[`|]/g, (char) => (char === "|" ? "\\|" : "'"));
  return `| ${attack.scanner} | ${attack.name.startsWith('"') ? `\`${name}\`` : name} | ${cells.join(" | ")} | ${end} |`;
}

function readKept(): Row[] {
  if (values.keep === undefined || !existsSync(values.keep)) return [];
  const lines = readFileSync(values.keep, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Row);
}

await loadEngine();
const attacks = listAttacks().filter(
  ({ scanner }) => values.only === undefined || values.only.split(",").includes(scanner),
);
const kept = new Map(readKept().map((row) => [`${row.attack.scanner} ${row.attack.name}`, row]));
const rows: Row[] = [];
for (const attack of attacks) {
  const before = kept.get(`${attack.scanner} ${attack.name}`);
  const row = before ?? (await measureAttack(attack));
  rows.push(row);
  if (before === undefined && values.keep !== undefined) appendFileSync(values.keep, `${JSON.stringify(row)}\n`);
  if (isBroken(row) || row.times.some((time) => time > Number(values.slow))) console.error(toLine(row));
}
const broken = rows.filter(isBroken);
const [most] = [...rows].sort((a, b) => b.growth - a.growth);
/** The table names the slowest three of each scanner; the run itself shows all. */
const shown = [...new Set(rows.map(({ attack }) => attack.scanner))].flatMap((scanner) =>
  rows
    .filter((row) => row.attack.scanner === scanner)
    .sort((a, b) => (b.times.at(-1) ?? 0) - (a.times.at(-1) ?? 0))
    .slice(0, 3),
);
const table = [
  `${rows.length} hostile files, ${broken.length} of them above ${MOST_GROWTH} times a doubling; the most is ${most?.growth.toFixed(1)}. The three slowest of each scanner:`,
  "",
  `| read as | filled with | ${sizes.map((size) => `${size / 1024} KB`).join(" | ")} | most growth |`,
  `| --- | --- |${sizes.map(() => " --: |").join("")} --: |`,
  ...shown.map(toLine),
];
console.log(table.join("\n"));
if (values.only === undefined && values.sizes === undefined) replaceBetweenMarks("growth", table);
if (broken.length > 0) process.exitCode = 1;
