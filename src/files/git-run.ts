import { execFile, spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { hideCredentials } from "../contract/address.ts";
import { textOfBytes } from "./raw-names.ts";

/** What a finished git process said; `missing` when there is no git executable. */
export interface GitOutput {
  code: number;
  stdout: Buffer;
  stderr: string;
  missing: boolean;
  /** Set where it was stopped because it took longer than was allowed. */
  isLate?: true;
}

/** A git process to be run. Which `env` keeps it harmless is decided in `git-env.ts`. */
export interface GitCall {
  cwd: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  input?: string;
  /** Milliseconds after which it is stopped; those of `ANSWERS_WITHIN` for a question, none for what an owner's programs do. */
  patience?: number;
  /** How it is stopped then: so that nothing waits any longer, or so that it takes away what it has begun. */
  killSignal?: "SIGKILL" | "SIGTERM";
}

/** So long no question takes, but one that waits for a named pipe where git reads a file. */
export const ANSWERS_WITHIN = 300_000;

/** Lists of paths stay far below it, and nothing else is asked for without knowing its size; in bytes. */
const MAX_OUTPUT = 1 << 28;

/** Runs git and waits for it (2 to 20 ms); never throws. */
export function runGit({ cwd, args, env, input = "", patience }: GitCall): GitOutput {
  const git = findGit();
  if (git === undefined) return NO_GIT;
  const done = spawnSync(git, args, { cwd, env, input, maxBuffer: MAX_OUTPUT, ...limit(patience) });
  // One that refuses before it has read all that it is given says itself why.
  const isEarly = done.status !== null && (done.error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
  return toOutput(done.status, done.stdout, done.stderr, isEarly ? undefined : done.error);
}

/** Starts git and goes on; never rejects. */
export function startGit({ cwd, args, env, patience, killSignal }: GitCall): Promise<GitOutput> {
  const git = findGit();
  if (git === undefined) return Promise.resolve(NO_GIT);
  return new Promise((resolve) => {
    const options = { cwd, env, maxBuffer: MAX_OUTPUT, encoding: "buffer", ...limit(patience, killSignal) } as const;
    const child = execFile(git, args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      const exited = typeof code === "number";
      // Of a process that it stops because of the time, node says no more than that.
      const late = patience !== undefined && error?.killed === true && !code ? LATE : undefined;
      resolve(toOutput(exited ? code : null, stdout, stderr, exited ? undefined : (late ?? error ?? undefined)));
    });
    child.stdin?.end();
  });
}

function limit(patience: number | undefined, killSignal: GitCall["killSignal"] = "SIGKILL") {
  return patience === undefined ? {} : ({ timeout: patience, killSignal } as const);
}

const LATE = Object.assign(new Error(), { code: "ETIMEDOUT" });
const WAITS = "it does not answer: a named pipe or a device may lie where it reads a file, such as .gitignore";
const NO_GIT: GitOutput = { code: -1, stdout: Buffer.alloc(0), stderr: "there is no git executable", missing: true };
const TOO_MUCH = /^(ENOBUFS|ERR_CHILD_PROCESS_STDIO_MAXBUFFER)$/;

function toOutput(code: number | null, stdout: Buffer | null, stderr: Buffer | null, error?: Error): GitOutput {
  const reason = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const tooMuch = TOO_MUCH.test(reason) ? `its answer is longer than ${MAX_OUTPUT >> 20} MB` : undefined;
  const failure = tooMuch ?? (reason === LATE.code ? WAITS : error?.message);
  return {
    code: error ? -1 : (code ?? -1),
    stdout: stdout ?? Buffer.alloc(0),
    stderr: hideCredentials(failure ?? stderr?.toString().trim() ?? ""),
    missing: reason === "ENOENT",
    ...(reason === LATE.code ? { isLate: true } : {}),
  };
}

const found = new Map<string, string | undefined>();

/**
 * The git executable. Only absolute folders of `PATH` count: an empty one or `.` means the working folder, and a checkout
 * may hold a program called git. On Windows that folder would even come first.
 */
function findGit(): string | undefined {
  const path = process.env.PATH ?? "";
  if (!found.has(path)) found.set(path, search(path));
  return found.get(path);
}

function search(path: string): string | undefined {
  const name = process.platform === "win32" ? "git.exe" : "git";
  const folders = path.split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Whether a file is there and may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Splits NUL-terminated output. */
export function splitNul(bytes: Buffer): string[] {
  const parts = textOfBytes(bytes).split("\0");
  if (parts.at(-1) === "") parts.pop();
  return parts;
}
