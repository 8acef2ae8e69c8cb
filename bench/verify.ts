// Measures `fluxlift verify` as a whole process on large corpus trees against `git diff` between the same two commits.
// Use: npm run bench:verify [-- --runs 11] ; writes the table into bench/README.md.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const PROJECT = resolve(import.meta.dirname, "..");
const CORPUS = resolve(PROJECT, "../shared/corpus");
const CLI = join(PROJECT, "dist/fluxlift.js");
const README = join(PROJECT, "bench/README.md");
/** Trees to measure: those nearest to a thousand files. */
const TREES = 3;

interface Usage {
  /** Milliseconds by the clock, and of processor time with children. */
  wall: number;
  cpu: number;
  rssMb: number;
}

const { values } = parseArgs({ options: { runs: { type: "string", default: "11" } } });
const runs = Number(values.runs);
if (!existsSync(join(CORPUS, "states.tsv")) || !existsSync("/usr/bin/time")) {
  console.error("✗ No corpus or no GNU time: nothing measured.");
  process.exitCode = 2;
} else {
  const rows = chooseStates().map(measure);
  const ok = rows.every(({ verify, diff }) => verify.wall < Math.max(1000, 5 * diff.wall));
  const text = [
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown CPU"}, medians of ${runs} runs.`,
    "",
    "| tree | `verify` | processor time | `git diff` | peak RSS |",
    "| --- | --: | --: | --: | --: |",
    ...rows.map(({ tree, verify, diff }) => {
      const cells = [`**${verify.wall} ms**`, `${verify.cpu} ms`, `${diff.wall} ms`, `${verify.rssMb} MB`];
      return `| ${tree} | ${cells.join(" | ")} |`;
    }),
    "",
    ok ? "Every tree meets the goal." : "Not every tree meets the goal.",
    "",
  ].join("\n");
  console.log(text);
  replaceBetweenMarks(text);
}

function chooseStates(): { name: string; files: number }[] {
  const lines = readFileSync(join(CORPUS, "states.tsv"), "utf8").trim().split("\n");
  const states = lines.map((line) => line.split("\t")).map((cells) => ({ name: cells[0]!, files: Number(cells[5]) }));
  const known = states.filter(({ files, name }) => Number.isFinite(files) && !name.endsWith("__old50"));
  return known.sort((a, b) => Math.abs(a.files - 1100) - Math.abs(b.files - 1100)).slice(0, TREES);
}

function measure({ name, files }: { name: string; files: number }) {
  const temp = mkdtempSync(join(tmpdir(), "fluxlift-bench-"));
  try {
    execFileSync("tar", ["-xzf", join(CORPUS, "states", `${name}.tar.gz`), "-C", temp]);
    const root = join(temp, name);
    git(root, "init", "-q", "-b", "main");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "Start");
    const release = execFileSync("git", ["grep", "-l", "kind: HelmRelease"], { cwd: root, encoding: "utf8" }).split(
      "\n",
    )[0]!;
    writeFileSync(join(root, release), `${readFileSync(join(root, release), "utf8")}# changed\n`);
    git(root, "commit", "-qam", "Change");
    const [verify, diff] = medians([
      () => timed(root, [process.execPath, CLI, "verify", "--base", "HEAD~1", root]),
      () => timed(root, ["git", "diff", "HEAD~1", "HEAD"]),
    ]) as [Usage, Usage];
    return { tree: `${name.split("__").at(-1)} state of ${files} files`, verify, diff };
  } finally {
    rmSync(temp, { recursive: true });
  }
}

/** Interleaves the commands, so that a busy moment of the machine hits all of them; one warm-up round. */
function medians(commands: (() => Usage)[]): Usage[] {
  const all: Usage[][] = commands.map(() => []);
  for (let round = -1; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const usage = command();
      if (round >= 0) all[index]!.push(usage);
    }
  }
  const median = (list: number[]) => Math.round(list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
  return all.map((list) => ({
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    rssMb: median(list.map(({ rssMb }) => rssMb)),
  }));
}

function timed(cwd: string, command: string[]): Usage {
  const start = performance.now();
  const done = spawnSync("/usr/bin/time", ["-f", "used=%U %S %M", ...command], { cwd, encoding: "utf8" });
  const wall = performance.now() - start;
  const match = /used=([\d.]+) ([\d.]+) (\d+)/.exec(done.stderr ?? "");
  if (done.status !== 0 && done.status !== 1) throw new Error(`${command.join(" ")}: ${done.stderr}`);
  const [, user = "0", system = "0", kb = "0"] = match ?? [];
  return { wall, cpu: 1000 * (Number(user) + Number(system)), rssMb: Number(kb) / 1024 };
}

function git(root: string, ...args: string[]): void {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  execFileSync("git", [...identity, ...args], { cwd: root, stdio: "ignore" });
}

function replaceBetweenMarks(text: string): void {
  const [start, end] = ["<!-- verify:start -->\n", "<!-- verify:end -->"];
  const readme = readFileSync(README, "utf8");
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${README} has no ${start.trim()} … ${end} marks`);
  writeFileSync(README, readme.slice(0, from + start.length) + text + readme.slice(to));
}
