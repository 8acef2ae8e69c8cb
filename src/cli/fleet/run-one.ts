import { hideCredentials } from "../../contract/address.ts";
import type { FleetEnd, FleetResult } from "../../contract/fleet.ts";
import { VERSION } from "../../contract/version.ts";
import { startReadingHead } from "../../files/git-repository.ts";
import { findClean, prepareBranch } from "./branch.ts";
import type { Entry } from "./entries.ts";
import { findPlace, type Place } from "./place.ts";
import { runCommand } from "./run-command.ts";
import { summarise } from "./summary.ts";
import type { Task } from "./task.ts";

const ENDS: Readonly<Record<number, FleetEnd>> = { 0: "done", 1: "act" };

/** Runs the command of a task in one repository, in a process of its own; never rejects. */
export async function runOne(entry: Entry, task: Task): Promise<FleetResult> {
  const { action, flags } = task;
  const { index, repo } = entry;
  const head = { tool: "fluxlift", version: VERSION, schema: 1, index, repo, action, flags } as const;
  const nothing = { clusters: [], counts: { blocker: 0, caution: 0, info: 0 }, blockers: [] };
  const fail = (error: string): FleetResult => ({ ...head, end: "failed", ms: 0, ...nothing, error });
  let place: Place | undefined;
  try {
    place = await findPlace(entry, task);
    const { folder } = place;
    const commit = await startReadingHead(folder, task.timeout);
    const before = task.branch === undefined ? undefined : findClean(folder);
    const begin = performance.now();
    const { code, out, err } = await runCommand(
      [action, "--format=json", ...task.commandFlags, "--", folder],
      task.timeout,
    );
    const end = ENDS[code] ?? "failed";
    const known = { ...head, end, ...(commit === undefined ? {} : { commit }) };
    const ms = Math.round(performance.now() - begin);
    if (end === "failed") return { ...known, ms, ...nothing, error: explain(code, err) };
    const result = JSON.parse(out) as unknown;
    const branch = before && (await prepareBranch(before, out, task));
    return { ...known, ms, ...summarise(result), ...(branch === undefined ? {} : { branch }), result };
  } catch (error) {
    const { message, hint = "" } = error as Error & { hint?: string };
    return fail(hideCredentials(`${message}\n${hint}`.trim()));
  } finally {
    await place?.close?.();
  }
}

function explain(code: number, err: string): string {
  return hideCredentials(err.trim()) || `it ended with ${code}`;
}
