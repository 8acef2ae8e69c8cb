import { spawn, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFacts } from "../../cluster/facts.ts";
import type { Facts } from "../../contract/options.ts";
import { forPeople } from "../../contract/visible.ts";
import { makeTempFolder } from "../../files/temp-folder.ts";
import type { Io } from "../io.ts";
import { absoluteOnly } from "../pager.ts";

/**
 * The context that kubectl would ask; undefined where there is no kubectl, or no context. It reads the kubeconfig and asks no
 * cluster.
 */
export function currentContext(): string | undefined {
  // The script needs a POSIX shell.
  if (process.platform === "win32") return undefined;
  const done = spawnSync("kubectl", ["config", "current-context"], {
    cwd: tmpdir(),
    env: environment(),
    encoding: "utf8",
    timeout: 10_000,
  });
  return (done.status === 0 && done.stdout.trim()) || undefined;
}

/**
 * Runs preflight.sh, whose lines for people are shown as they come.
 * @param script its text
 * @returns undefined where it could not measure, or printed no facts
 */
export async function measure(io: Io, script: string, cluster: string): Promise<Facts | undefined> {
  const folder = makeTempFolder("preflight");
  try {
    const file = join(folder, "preflight.sh");
    writeFileSync(file, script, { mode: 0o600 });
    const facts = await run(io, file, cluster, folder);
    return facts === undefined ? undefined : parseFacts(facts, "What preflight.sh printed");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(io: Io, file: string, cluster: string, cwd: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("sh", [file, cluster], { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    let facts = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      facts += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => io.err(forPeople(text)));
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => resolve(code === 0 ? facts : undefined));
  });
}

/** A checkout may hold a program called `kubectl`. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: absoluteOnly(process.env.PATH) };
}
