import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Watched {
  /** Processor time of the process and all that it has waited for, by the clock, both in milliseconds. */
  cpu: number;
  wall: number;
  /** Megabytes that it and its children held at once, at most; shared pages count in each. */
  peak: number;
  /** Exit code; undefined where it was killed. */
  code: number | undefined;
  stderr: string;
}

const EVERY_MS = 100;
/** Kernel ticks a second, on every Linux that node runs on. */
const TICKS = 100;

/** Runs a command and looks at its processes until it ends. @param most milliseconds, after which it is killed */
export async function watch(command: string, args: readonly string[], most: number): Promise<Watched> {
  const begin = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  const seen = { cpu: 0, peak: 0, stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    seen.stderr += text;
  });
  const timer = setInterval(() => {
    if (performance.now() - begin > most) child.kill("SIGKILL");
    seen.cpu = cpuOf(child.pid!) ?? seen.cpu;
    seen.peak = Math.max(seen.peak, residentOf(child.pid!));
  }, EVERY_MS);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(timer);
  return { ...seen, wall: performance.now() - begin, code: code ?? undefined };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** utime, stime, cutime and cstime are the 14th to the 17th field; the second may hold anything, in brackets. */
function cpuOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 15) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (1000 * ticks) / TICKS;
}

/** Of a process and all below it. */
function residentOf(pid: number): number {
  let total = 0;
  const open = [pid];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    total += Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${one}/status`))?.[1] ?? 0) / 1024;
    for (const thread of list(`/proc/${one}/task`)) {
      open.push(...read(`/proc/${one}/task/${thread}/children`).split(" ").filter(Boolean).map(Number));
    }
  }
  return total;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
