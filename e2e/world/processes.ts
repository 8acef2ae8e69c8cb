import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Reaper } from "./reaper.ts";

/** A process that the bench started. */
export interface Running {
  name: string;
  child: ChildProcess;
  exited: Promise<void>;
}

/** How a command ended that was waited for. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Starts processes and ends exactly those, in reverse order. Each leads its own process group, so that what it starts
 * goes with it, and Ctrl-C reaches the bench alone, which then ends them. A reaper ends them when the bench is killed.
 */
export class Processes {
  readonly #running: Running[] = [];
  readonly #logs: string;
  readonly #reaper: Reaper;
  #closed = false;

  /** `scratch` is removed when the bench has ended, however it ended, unless it is undefined. */
  constructor(logs: string, scratch: string | undefined) {
    this.#logs = logs;
    this.#reaper = new Reaper(scratch);
  }

  start(name: string, command: string, args: string[], env: Record<string, string> = {}): Running {
    const log = openSync(join(this.#logs, `${name}.log`), "a");
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    });
    closeSync(log);
    return this.#add(name, child);
  }

  /** Runs a command to its end, with the environment of the bench. */
  async run(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
    const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    const running = this.#add(command, child);
    await new Promise<void>((done) => {
      child.once("close", () => done());
      child.once("error", (error) => {
        texts.stderr += error;
        done();
      });
    });
    this.#drop(running);
    return { status: child.exitCode, ...texts };
  }

  #add(name: string, child: ChildProcess): Running {
    const exited = new Promise<void>((done) => {
      child.once("exit", () => done());
      child.once("error", () => done());
    });
    const running = { name, child, exited };
    this.#running.push(running);
    if (child.pid !== undefined) this.#reaper.watch(child.pid);
    if (this.#closed) signal(running, "SIGKILL");
    return running;
  }

  #drop({ child }: Running): void {
    const at = this.#running.findIndex((one) => one.child === child);
    if (at >= 0) this.#running.splice(at, 1);
    if (child.pid !== undefined) this.#reaper.forget(child.pid);
  }

  /** What processes of this name have written. */
  read(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), "utf8");
  }

  /** Ends one process and waits for it; SIGKILL after `patience` milliseconds. */
  async stop(running: Running, patience = 8000): Promise<void> {
    if (running.child.exitCode === null && running.child.signalCode === null) {
      signal(running, "SIGTERM");
      const timer = setTimeout(() => signal(running, "SIGKILL"), patience);
      await running.exited;
      clearTimeout(timer);
    }
    this.#drop(running);
  }

  /** Ends all of them, and at once what is started from now on. */
  async stopAll(patience?: number): Promise<void> {
    this.#closed = true;
    while (this.#running.length > 0) await this.stop(this.#running.at(-1)!, patience);
  }

  /** For the last moment, when nothing can be awaited any more. */
  killAll(): void {
    for (const running of this.#running.splice(0)) signal(running, "SIGKILL");
  }
}

/** Signals the whole group; a group that is gone is what was wanted. */
function signal({ child }: Running, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    child.kill(name);
  }
}
