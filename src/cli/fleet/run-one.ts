import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { hideCredentials } from "../../contract/address.ts";
import type { FleetAction, FleetEnd, FleetResult } from "../../contract/fleet.ts";
import { VERSION } from "../../contract/version.ts";
import { cloneShallow, readCheckedOut } from "../../files/clone.ts";
import type { Entry } from "./entries.ts";
import { summarise } from "./summary.ts";

/** What to run in each repository. */
export interface Task {
  action: FleetAction;
  flags: readonly string[];
  /** Milliseconds after which a run counts as failed. */
  timeout: number;
  /** Folder that relative paths of the list stand in. */
  cwd: string;
}

/** More than the plan of any tree that was seen; in characters. */
const MOST = 1 << 28;
const ENDS: Readonly<Record<number, FleetEnd>> = { 0: "done", 1: "act" };

/** Runs the command of a task in one repository, in a process of its own; never rejects. */
export async function runOne(entry: Entry, task: Task): Promise<FleetResult> {
  const { action, flags, cwd } = task;
  const { index, repo } = entry;
  const head = { tool: "fluxlift", version: VERSION, schema: 1, index, repo, action, flags } as const;
  const nothing = { clusters: [], counts: { blocker: 0, caution: 0, info: 0 }, blockers: [] };
  let folder = resolve(cwd, entry.text);
  let own: string | undefined;
  try {
    if (entry.isRemote) {
      own = await mkdtemp(join(tmpdir(), "fluxlift-fleet-"));
      folder = join(own, "clone");
      const failed = await cloneShallow(entry.text, folder, action === "verify" ? 2 : 1);
      if (failed !== undefined) return { ...head, end: "failed", ms: 0, ...nothing, error: `git clone: ${failed}` };
    }
    const commit = await readCheckedOut(folder);
    const begin = performance.now();
    const { code, out, err } = await runCommand(folder, task);
    const ms = Math.round(performance.now() - begin);
    const end = ENDS[code] ?? "failed";
    const result = end === "failed" ? undefined : (JSON.parse(out) as unknown);
    return {
      ...head,
      end,
      ...(commit === undefined ? {} : { commit }),
      ms,
      ...(result === undefined ? nothing : summarise(result)),
      ...(end === "failed" ? { error: hideCredentials(err.trim()) || `it ended with ${code}` } : { result }),
    };
  } catch (error) {
    return { ...head, end: "failed", ms: 0, ...nothing, error: hideCredentials((error as Error).message) };
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  }
}

function runCommand(
  folder: string,
  { action, flags, timeout }: Task,
): Promise<{ code: number; out: string; err: string }> {
  const args = [process.argv[1]!, action, "--format=json", ...flags, "--", folder];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], timeout, killSignal: "SIGKILL" });
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
