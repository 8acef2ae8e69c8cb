import { execFile, execFileSync } from "node:child_process";
import { cleanEnv } from "../corpus/repo.ts";

/** Fixed dates, so that equal trees give equal commits in both builds and in every run. */
const DATES = { GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z", GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z" };

/** Runs git in a folder and returns stdout; throws with stderr when it fails. */
export function git(dir: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: dir,
    env: { ...cleanEnv(), ...DATES },
    encoding: "utf8",
    maxBuffer: 256 << 20,
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();
}

export interface Ran {
  /** -1 when the command was killed or could not start. */
  exit: number;
  stdout: string;
  stderr: string;
}

/** Runs a built CLI; it may take ten minutes, since several people may share the machine. */
export function runCli(cli: string, args: string[]): Promise<Ran> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { env: { ...cleanEnv(), ...DATES }, encoding: "utf8", maxBuffer: 512 << 20, timeout: 600_000 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
        done({ exit: code, stdout, stderr });
      },
    );
  });
}

/** Runs `work` over all items, at most `limit` at a time. */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, worker));
}

/** Turns `*__before` into a test of names. */
export function globTest(globs: readonly string[] | undefined): (name: string) => boolean {
  const tests = (globs ?? []).map(
    (glob) =>
      new RegExp(
        `^${glob
          .replace(/[.+^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}$`,
      ),
  );
  return (name) => tests.length === 0 || tests.some((test) => test.test(name));
}
