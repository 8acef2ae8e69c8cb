import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A process that the bench started. */
export interface Running {
  name: string;
  child: ChildProcess;
  exited: Promise<void>;
}

const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/**
 * Starts processes and ends exactly those, in reverse order. Each leads its own process group, so that what it starts
 * goes with it, and Ctrl-C reaches the bench alone, which then ends them. Where `setpriv` exists the kernel ends them
 * even when the bench itself is killed.
 */
export class Processes {
  readonly #running: Running[] = [];
  readonly #logs: string;

  constructor(logs: string) {
    this.#logs = logs;
  }

  start(name: string, command: string, args: string[], env: Record<string, string> = {}): Running {
    const log = openSync(join(this.#logs, `${name}.log`), "a");
    const [file, list] = setpriv
      ? [setpriv, ["--pdeathsig", "KILL", command, ...args]]
      : ([command, args] as [string, string[]]);
    const child = spawn(file, list, {
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    });
    const exited = new Promise<void>((done) => {
      child.once("exit", () => done());
      child.once("error", () => done());
    });
    const running = { name, child, exited };
    this.#running.push(running);
    return running;
  }

  /** What processes of this name have written. */
  read(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), "utf8");
  }

  /** Ends one process and waits for it; SIGKILL after `patience` milliseconds. */
  async stop(running: Running, patience = 8000): Promise<void> {
    const at = this.#running.indexOf(running);
    if (at >= 0) this.#running.splice(at, 1);
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    signal(running, "SIGTERM");
    const timer = setTimeout(() => signal(running, "SIGKILL"), patience);
    await running.exited;
    clearTimeout(timer);
  }

  async stopAll(patience?: number): Promise<void> {
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
