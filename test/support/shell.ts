import { execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeTempFolder } from "../../src/files/temp-folder.ts";

interface Done {
  status: number;
  stdout: Buffer;
  stderr: Buffer;
}

interface Given {
  /** All variables that the command has; those of the shell unless told. */
  env?: NodeJS.ProcessEnv;
  /** Variables besides those of the shell. */
  more?: Readonly<Record<string, string>>;
  input?: string;
}

/** Runs a command in a folder, whose path is absolute, and waits for it. */
export type Shell = (cwd: string, command: readonly string[], given?: Given) => Done;

/**
 * A shell that starts the programs of a test process, one after the other. To start one copies the page tables of whoever
 * does, which takes a process of some hundred megabytes ten times as long as the shell.
 * @returns undefined where there are no named pipes
 */
export function startShell(env: NodeJS.ProcessEnv): Shell | undefined {
  if (process.platform === "win32") return undefined;
  const folder = makeTempFolder("shell");
  const [requests, answers, given, out, err] = ["requests", "answers", "given", "out", "err"].map((name) =>
    join(folder, name),
  );
  execFileSync("mkfifo", [requests!, answers!]);
  const start = spawn("sh", ["-c", 'exec sh <"$0" >"$1"', requests!, answers!], { env, cwd: folder, stdio: "ignore" });
  start.unref();
  // Each waits until the shell has opened the other end, in the shell's order.
  const [to, from] = [openSync(requests!, "w"), openSync(answers!, "r")];
  for (const pipe of [requests!, answers!]) rmSync(pipe);
  const buffer = Buffer.alloc(16);
  return (cwd, command, { env, more = {}, input = "" } = {}) => {
    const own = Object.entries(more).map(([name, value]) => `${name}=${quote(value)}`);
    const set = Object.entries(env ?? {}).filter(([, value]) => value !== undefined);
    const all = env && ["env", "-i", ...set.map(([name, value]) => quote(`${name}=${value}`))];
    const words = [...(all ?? own), ...command.map(quote)];
    if (input !== "") writeFileSync(given!, input);
    const line = `cd ${quote(cwd)} && ${words.join(" ")} <${input === "" ? "/dev/null" : quote(given!)}`;
    writeSync(to, `{ ${line}; } >${quote(out!)} 2>${quote(err!)}; echo $?\n`);
    let said = "";
    while (!said.endsWith("\n")) {
      const length = readSync(from, buffer);
      if (length === 0) throw new Error("the shell ended");
      said += buffer.toString("latin1", 0, length);
    }
    return { status: Number(said), stdout: readFileSync(out!), stderr: readFileSync(err!) };
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
