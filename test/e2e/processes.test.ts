import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Processes } from "../../e2e/world/processes.ts";

const module = join(import.meta.dirname, "../../e2e/world/processes.ts");
const left: (() => void)[] = [];

afterEach(() => {
  for (const clean of left.splice(0)) clean();
});

/** A folder outside of the one the bench removes. */
function outside(): string {
  const dir = mkdtempSync(join(tmpdir(), "fluxlift-test-"));
  left.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts what a bench starts: one process that begets another, one that ends early, a folder with files. */
async function startBench(): Promise<{ bench: ChildProcess; scratch: string; pids: number[] }> {
  const dir = outside();
  const scratch = mkdtempSync(join(tmpdir(), "fluxlift-test-scratch-"));
  left.push(() => rmSync(scratch, { recursive: true, force: true }));
  const program = join(dir, "bench.mts");
  writeFileSync(
    program,
    `import { writeFileSync } from "node:fs";
import { Processes } from ${JSON.stringify(module)};
const processes = new Processes(${JSON.stringify(scratch)}, ${JSON.stringify(scratch)});
await processes.run("true", []);
processes.start("parent", "sh", ["-c", "sleep 600 & echo $! $$ > ${dir}/pids; wait"]);
setInterval(() => writeFileSync(${JSON.stringify(join(scratch, "busy"))}, String(Date.now())), 5);
`,
  );
  const bench = spawn(process.execPath, ["--import", "tsx", program], { stdio: "ignore" });
  left.push(() => void bench.kill("SIGKILL"));
  const file = join(dir, "pids");
  // The first beat of the bench says that its reaper has been told of the processes; on a busy machine they are faster.
  await until(() => existsSync(join(scratch, "busy")) && existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
  return { bench, scratch, pids: readFileSync(file, "utf8").trim().split(" ").map(Number) };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("not within 60 s");
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** A process that is dead and not yet waited for by its new parent is gone as well. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== "linux")("what a bench leaves behind", () => {
  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("is nothing after %s", { timeout: 130_000 }, async (signal) => {
    const { bench, scratch, pids } = await startBench();
    expect(pids.every(runs)).toBe(true);
    bench.kill(signal);
    await until(() => !pids.some(runs) && !existsSync(scratch));
  });

  it("is nothing after a run of its own", async () => {
    const dir = outside();
    const processes = new Processes(dir, undefined);
    const running = processes.start("sleep", "sleep", ["600"]);
    await processes.stopAll();
    expect(runs(running.child.pid!)).toBe(false);
    const late = processes.start("sleep", "sleep", ["600"]);
    await late.exited;
    expect(late.child.signalCode).toBe("SIGKILL");
    expect(existsSync(dir)).toBe(true);
  });

  it("says how a command ended", async () => {
    const processes = new Processes(outside(), undefined);
    expect(await processes.run("sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({
      status: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    const missing = await processes.run("/nonexistent/command", []);
    expect(missing.status === null || missing.status < 0).toBe(true);
    expect(missing.stderr).toContain("ENOENT");
  });
});
