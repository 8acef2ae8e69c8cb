import childProcess, { type SpawnSyncOptions } from "node:child_process";
import { existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Shell, startShell } from "./shell.ts";

// Starting a program copies the page tables of who starts it: 1 ms in a process of 40 MB, 50 in a worker that has grown to
// 900. The code under test starts git several times a plan, so a small shell does it for the workers.
const { spawnSync, execFile } = childProcess;
const later = setImmediate;
let shell: Shell | undefined;

/** What the shell can do as node would; all else is left to node. */
const KNOWN = new Set(["cwd", "env", "input", "encoding", "maxBuffer", "timeout", "killSignal"]);
const PROGRAM = /^(?:\/.*|git|sh|bash|dash)$/s;
const TIMEOUT = "/usr/bin/timeout";

function run(file: string, args: readonly string[], options: SpawnSyncOptions) {
  const { cwd = process.cwd(), env = process.env, input = "", killSignal } = options;
  // What waits for minutes is a test that fails all the same.
  const timeout = (options.timeout ?? 0) > 60_000 ? undefined : options.timeout;
  if (!Object.keys(options).every((name) => KNOWN.has(name)) || !PROGRAM.test(file)) return undefined;
  if (timeout !== undefined && killSignal !== undefined) return undefined;
  if (typeof input !== "string" || !existsSync(String(cwd))) return undefined;
  if ((file.startsWith("/") && !existsSync(file)) || (timeout !== undefined && !existsSync(TIMEOUT))) return undefined;
  const limit = timeout === undefined ? [] : [TIMEOUT, String(timeout / 1000)];
  shell ??= startShell(process.env);
  return shell?.(resolve(String(cwd)), [...limit, file, ...args], { env, input });
}

function spawnSyncSmall(file: string, ...rest: [(readonly string[] | SpawnSyncOptions)?, SpawnSyncOptions?]) {
  const [args, options = {}] = rest;
  const done = Array.isArray(args) ? run(file, args, options) : undefined;
  if (done === undefined) return Reflect.apply(spawnSync, childProcess, [file, ...rest]);
  const { encoding = "buffer" } = options;
  const [stdout, stderr] = [done.stdout, done.stderr].map((bytes) =>
    encoding === "buffer" ? bytes : bytes.toString(encoding as BufferEncoding),
  );
  return { pid: 0, status: done.status, signal: null, stdout, stderr, output: [null, stdout, stderr] };
}

type Callback = (error: Error | null, stdout: Buffer, stderr: Buffer) => void;

function execFileSmall(file: string, args: readonly string[], options: SpawnSyncOptions, callback: Callback) {
  const isPlain = typeof callback === "function" && options.encoding === "buffer";
  const done = isPlain ? run(file, args, options) : undefined;
  if (done === undefined) return Reflect.apply(execFile, childProcess, [file, args, options, callback]);
  const error = done.status === 0 ? null : Object.assign(new Error(`${file} failed`), { code: done.status });
  later(() => callback(error, done.stdout, done.stderr));
  return {};
}

/** From now on programs that are waited for, and git, are started by a shell of this worker. */
export function startFromSmallParent(): void {
  if (process.platform === "win32") return;
  Object.assign(execFileSmall, { [promisify.custom]: Reflect.get(execFile, promisify.custom) });
  Object.assign(childProcess, { spawnSync: spawnSyncSmall, execFile: execFileSmall });
  syncBuiltinESMExports();
}
