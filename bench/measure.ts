import { spawnSync } from "node:child_process";

export interface Command {
  command: readonly string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Runs it so often in a row and gives the mean: for what ends within the resolution of the kernel's count. */
  times?: number;
}

/** Processor time, user and system, of the process and all its children, and time by the clock; milliseconds. */
export interface Usage {
  cpu: number;
  wall: number;
}

/** bash counts to the millisecond, with children; GNU time only to the hundredth of a second. */
const SCRIPT =
  'n=$1; shift; TIMEFORMAT="used=%3U %3S %3R"; time for ((i = 0; i < n; i++)); do "$@" >/dev/null 2>&1; done';

export function measure({ command, cwd, env, times = 1 }: Command): Usage {
  const done = spawnSync("bash", ["-c", SCRIPT, "bash", String(times), ...command], {
    ...{ cwd, encoding: "utf8" },
    env: { ...process.env, LC_ALL: "C", ...env },
  });
  const match = /used=([\d.]+) ([\d.]+) ([\d.]+)/.exec(done.stderr ?? "");
  // 2 is what fluxlift ends with when it failed.
  if (!match || done.status === null || done.status === 2)
    throw new Error(`${command.join(" ")}: status ${done.status}`);
  const [user, system, wall] = match.slice(1).map((seconds) => (1000 * Number(seconds)) / times) as [
    number,
    number,
    number,
  ];
  return { cpu: user + system, wall };
}

/** Medians of commands that run in turns, so that a busy moment of the machine hits all of them; one warm-up round. */
export function medians(commands: readonly Command[], runs: number): Usage[] {
  const all: Usage[][] = commands.map(() => []);
  for (let round = -1; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      const usage = measure(command);
      if (round >= 0) all[index]!.push(usage);
    }
  }
  return all.map((list) => ({
    cpu: median(list.map(({ cpu }) => cpu)),
    wall: median(list.map(({ wall }) => wall)),
  }));
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
}

/** Peak resident memory in MB, from GNU time; undefined where that is not installed. */
export function measurePeakRss({ command, cwd, env }: Command): number | undefined {
  const done = spawnSync("/usr/bin/time", ["-f", "peak-kb=%M", ...command], {
    ...{ cwd, encoding: "utf8", maxBuffer: 1 << 28 },
    env: { ...process.env, ...env },
  });
  const match = /peak-kb=(\d+)/.exec(done.stderr ?? "");
  return match ? Number(match[1]) / 1024 : undefined;
}
