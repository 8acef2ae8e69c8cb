import { spawn } from "node:child_process";

/** More than the plan of any tree that was seen; in characters. */
const MOST = 1 << 28;

/** Runs fluxlift itself; what it says, and how it ended. */
export function runCommand(
  args: readonly string[],
  timeout: number,
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [process.argv[1]!, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      killSignal: "SIGKILL",
    });
    const said = { out: "", err: "" };
    const take = (name: "out" | "err") => (chunk: string) => {
      said[name] += chunk;
      if (said[name].length > MOST) child.kill("SIGKILL");
    };
    child.stdout.setEncoding("utf8").on("data", take("out"));
    child.stderr.setEncoding("utf8").on("data", take("err"));
    child.once("error", fail);
    child.once("close", (code, signal) => {
      const err = signal === null ? said.err : `it was stopped after ${timeout / 1000} s, or for printing too much`;
      done({ ...said, code: code ?? -1, err });
    });
  });
}
