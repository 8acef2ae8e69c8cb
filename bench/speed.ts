// Measures whole processes: fluxlift on the largest corpus trees against bare node and `git grep` on the same tree.
// Use: npm run bench [-- --runs 21] ; writes the table into bench/README.md.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const PROJECT = resolve(import.meta.dirname, "..");
const CORPUS = resolve(PROJECT, "../shared/corpus");
const CLI = join(PROJECT, "dist/fluxlift.js");
/** Trees to measure: the largest ones by number of files. */
const TREES = 3;

interface Row {
  tree: string;
  files: number;
  planMs: number;
  /** The same without the code cache, as in the first run of a new version. */
  firstMs: number;
  grepMs: number;
  ratio: number;
  rssMb: number | undefined;
  changes: number;
  stages: string;
}

const { values } = parseArgs({ options: { runs: { type: "string", default: "21" } } });
const runs = Number(values.runs);

if (!existsSync(join(CORPUS, "states.tsv"))) {
  console.error(`✗ No corpus at ${CORPUS}: nothing measured, bench/README.md left as it is.`);
  process.exitCode = 2;
} else {
  const [bareMs, helpMs] = medians([() => run(["-e", "0"]), () => run([CLI, "--help"])]) as [number, number];
  const rows = largestStates(TREES).map((state) => measureTree(state, bareMs));
  const text = renderTable(bareMs, helpMs, rows);
  console.log(text);
  replaceBetweenMarks(join(PROJECT, "bench/README.md"), text);
}

function largestStates(count: number): { name: string; files: number }[] {
  const lines = readFileSync(join(CORPUS, "states.tsv"), "utf8").trim().split("\n");
  return lines
    .map((line) => line.split("\t"))
    .map((cells) => ({ name: cells[0]!, files: Number(cells[5]) }))
    .filter((state) => Number.isFinite(state.files))
    .sort((a, b) => b.files - a.files)
    .slice(0, count);
}

function measureTree(state: { name: string; files: number }, bareMs: number): Row {
  const temp = mkdtempSync(join(tmpdir(), "fluxlift-bench-"));
  try {
    execFileSync("tar", ["-xzf", join(CORPUS, "states", `${state.name}.tar.gz`), "-C", temp]);
    const root = join(temp, state.name);
    for (const args of [
      ["init", "-q", "-b", "main"],
      ["add", "-A"],
      ["commit", "-qm", "Start"],
    ])
      git(root, args);
    const plan = () => run([CLI, "plan", root]);
    const grep = () => git(root, ["grep", "-l", "toolkit.fluxcd.io"]);
    const first = () => run([CLI, "plan", root], { NODE_DISABLE_COMPILE_CACHE: "1" });
    const [wholeMs, firstMs, grepMs] = medians([plan, first, grep]) as [number, number, number];
    const planMs = wholeMs - bareMs;
    return {
      tree: `${state.name.split("__").at(-1)} state of ${state.files} files`,
      files: state.files,
      planMs,
      firstMs: firstMs - bareMs,
      grepMs,
      ratio: planMs / grepMs,
      rssMb: measurePeakRss([CLI, "plan", root]),
      changes: countChanges(root),
      stages: readStages(root),
    };
  } finally {
    rmSync(temp, { recursive: true });
  }
}

/** Interleaves the commands, so that a busy moment of the machine hits all of them; one warm-up round. */
function medians(commands: (() => void)[]): number[] {
  const times: number[][] = commands.map(() => []);
  for (let round = -1; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const start = performance.now();
      command();
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
}

function run(args: string[], env: Record<string, string> = {}): string {
  const options = { encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, ...env } } as const;
  const done = spawnSync(process.execPath, args, options);
  if (done.status === 2 || done.status === null) throw new Error(`node ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

function git(root: string, args: string[]): void {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  execFileSync("git", [...identity, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });
}

/** Peak resident memory in MB, from GNU time; undefined where that is not installed. */
function measurePeakRss(args: string[]): number | undefined {
  const done = spawnSync("/usr/bin/time", ["-f", "peak-kb=%M", process.execPath, ...args], { encoding: "utf8" });
  const match = /peak-kb=(\d+)/.exec(done.stderr ?? "");
  return match ? Number(match[1]) / 1024 : undefined;
}

function countChanges(root: string): number {
  const plan = JSON.parse(run([CLI, "plan", "--format", "json", root])) as { phases: { files: unknown[] }[] };
  return plan.phases.reduce((sum, phase) => sum + phase.files.length, 0);
}

/** The line `--verbose` prints last: milliseconds by stage. */
function readStages(root: string): string {
  const { stderr } = spawnSync(process.execPath, [CLI, "plan", "--verbose", root], { encoding: "utf8" });
  return /^◎ \d+ ms: (.*)$/m.exec(stderr)?.[1] ?? "";
}

function renderTable(bareMs: number, helpMs: number, rows: Row[]): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown CPU"}, medians of ${runs} runs.`,
    "",
    `Bare \`node -e 0\`: ${ms(bareMs)}. \`fluxlift --help\`: ${ms(helpMs - bareMs)} more.`,
    "",
    "| tree | `plan` less bare node | `git grep -l` | ratio | first run | peak RSS | files changed |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...rows.map(
      (row) =>
        `| ${row.tree} | ${ms(row.planMs)} | ${ms(row.grepMs)} | **${row.ratio.toFixed(1)}×** | ${ms(row.firstMs)} | ` +
        `${row.rssMb === undefined ? "not measured" : `${row.rssMb.toFixed(0)} MB`} | ${row.changes} |`,
    ),
    "",
    "Where the time goes (one run each):",
    "",
    ...rows.map((row) => `- ${row.tree}: ${row.stages}`),
    "",
  ].join("\n");
}

function replaceBetweenMarks(path: string, text: string): void {
  const [start, end] = ["<!-- speed:start -->\n", "<!-- speed:end -->"];
  const readme = readFileSync(path, "utf8");
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${start.trim()} … ${end} marks`);
  writeFileSync(path, readme.slice(0, from + start.length) + text + readme.slice(to));
}
