import { spawn, spawnSync } from "node:child_process";

/** What a finished git process said; `missing` when there is no git executable. */
export interface GitOutput {
  code: number;
  stdout: Buffer;
  stderr: string;
  missing: boolean;
}

const MAX_OUTPUT = 1 << 30;

/** Variables through which git would look at another repository than the one of the working folder. */
const FOREIGN = /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|PREFIX|CEILING.*|.*_PATHSPECS)$/;

function getEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) if (FOREIGN.test(name)) delete environment[name];
  return environment;
}

/** Messages in English, bytes compared as bytes, and no index refresh written behind the user's back. */
const QUERY = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };

/** Runs a git query in `cwd` and waits for it (2 to 20 ms); never throws. */
export function runGit(cwd: string, args: readonly string[], input?: string | Buffer): GitOutput {
  const done = spawnSync("git", args, {
    cwd,
    maxBuffer: MAX_OUTPUT,
    env: { ...getEnvironment(), ...QUERY },
    ...(input === undefined ? { stdio: ["ignore", "pipe", "pipe"] as const } : { input }),
  });
  return toOutput(done.status, done.stdout, done.stderr, done.error);
}

/** Like `runGit`, but with the user's own locale, for commands that run hooks. */
export function runGitCommand(cwd: string, args: readonly string[], input: string): GitOutput {
  const done = spawnSync("git", args, { cwd, maxBuffer: MAX_OUTPUT, env: getEnvironment(), input });
  return toOutput(done.status, done.stdout, done.stderr, done.error);
}

/** Starts a git query and goes on; never rejects. */
export function startGit(cwd: string, args: readonly string[]): Promise<GitOutput> {
  return new Promise((resolve) => {
    const child = spawn("git", args, {
      cwd,
      env: { ...getEnvironment(), ...QUERY },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (error) => resolve(toOutput(null, Buffer.alloc(0), Buffer.alloc(0), error)));
    child.on("close", (code) => resolve(toOutput(code, Buffer.concat(out), Buffer.concat(err), undefined)));
  });
}

function toOutput(code: number | null, stdout: Buffer | null, stderr: Buffer | null, error?: Error): GitOutput {
  return {
    code: code ?? -1,
    stdout: stdout ?? Buffer.alloc(0),
    stderr: stderr?.toString().trim() || (error?.message ?? ""),
    missing: (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT",
  };
}

/** Splits NUL-terminated output. */
export function splitNul(bytes: Buffer): string[] {
  const parts = bytes.toString("utf8").split("\0");
  if (parts.at(-1) === "") parts.pop();
  return parts;
}
