import { execFile, spawnSync } from "node:child_process";

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

/** Messages in English, bytes compared as bytes, and no index refresh written behind the user's back. */
export const QUERY: NodeJS.ProcessEnv = { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };

function getOptions(cwd: string, env: NodeJS.ProcessEnv) {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { cwd, maxBuffer: MAX_OUTPUT, env: { ...Object.fromEntries(own), ...env } };
}

/**
 * Runs git in `cwd` and waits for it (2 to 20 ms); never throws.
 * @param env empty for commands that run hooks, which get the user's own locale
 */
export function runGit(cwd: string, args: readonly string[], input: string = "", env = QUERY): GitOutput {
  const done = spawnSync("git", args, { ...getOptions(cwd, env), input });
  return toOutput(done.status, done.stdout, done.stderr, done.error);
}

/** Starts a git query and goes on; never rejects. */
export function startGit(cwd: string, args: readonly string[]): Promise<GitOutput> {
  return new Promise((resolve) => {
    const options = { ...getOptions(cwd, QUERY), encoding: "buffer" } as const;
    const child = execFile("git", args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      const exited = typeof code === "number";
      resolve(toOutput(exited ? code : null, stdout, stderr, exited ? undefined : (error ?? undefined)));
    });
    child.stdin?.end();
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
