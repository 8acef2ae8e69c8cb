import { resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { FleetAction } from "../../contract/fleet.ts";
import { isBranchName } from "../../contract/names.ts";
import type { Flags } from "../flags.ts";
import type { Entry } from "./entries.ts";
import type { Task } from "./task.ts";

const DEFAULT_TIMEOUT = 600;
/** A timer of Node holds no more milliseconds than this; a longer one would end at once. */
const MOST_SECONDS = 2 ** 31 / 1000 - 1;

/** What the flags of `fleet` ask for. @throws UsageError where they contradict each other */
export function readTask(flags: Flags, cwd: string, entries: readonly Entry[]): Task {
  const { base, head, phase, timeout, config, trustConfig, branchAndCommit } = flags;
  const { action = branchAndCommit ? "plan" : "scan" } = flags;
  refuseIdle(flags, action);
  const branch = branchAndCommit ? nameBranch(flags, action, entries) : undefined;
  const own: Record<FleetAction, readonly (string | undefined)[]> = {
    scan: [],
    plan: [phase && `--phase=${phase}`],
    verify: [`--base=${base ?? "HEAD~1"}`, head && `--head=${head}`],
  };
  const given = [...own[action], trustConfig && "--trust-config"].filter((flag) => typeof flag === "string");
  const seconds = Number(timeout ?? DEFAULT_TIMEOUT);
  if (!(seconds > 0 && seconds <= MOST_SECONDS))
    throw new UsageError("bad-timeout", `--timeout ${timeout} is no time.`, "Write seconds: 600.");
  return {
    action,
    commandFlags: [...given, ...(config === undefined ? [] : [`--config=${resolve(cwd, config)}`])],
    flags: [
      ...given,
      ...(config === undefined ? [] : [`--config=${config}`]),
      ...(branch === undefined ? [] : [`--branch-and-commit=${branch}`]),
    ],
    timeout: seconds * 1000,
    cwd,
    ...(branch === undefined ? {} : { branch }),
    ...(flags.clones === undefined ? {} : { clones: resolve(cwd, flags.clones) }),
  };
}

/** @throws UsageError for a flag that what is run does not have */
function refuseIdle({ base, head, phase, branch, branchAndCommit }: Flags, action: FleetAction): void {
  const idle: readonly (readonly [flag: string, isIdle: boolean, of: string])[] = [
    ["--phase", phase !== undefined && action !== "plan", "--action plan"],
    ["--base", base !== undefined && action !== "verify", "--action verify"],
    ["--head", head !== undefined && action !== "verify", "--action verify"],
    ["--branch", branch !== undefined && !branchAndCommit, "--branch-and-commit"],
  ];
  const [flag, , of] = idle.find(([, isIdle]) => isIdle) ?? [];
  if (flag !== undefined)
    throw new UsageError("idle-flag", `${flag} says nothing without ${of}.`, `Add ${of}, or leave ${flag} out.`);
}

function nameBranch(
  { branch, phase = "install", clones }: Flags,
  action: FleetAction,
  entries: readonly Entry[],
): string {
  const name = branch ?? `fluxlift/${phase}`;
  if (action !== "plan") {
    throw new UsageError(
      "no-edits",
      `--branch-and-commit writes a plan, and ${action} makes none.`,
      "Leave --action out.",
    );
  }
  if (!isBranchName(name))
    throw new UsageError("bad-branch", `--branch ${name} is no name of a branch.`, "Write a-b/c.");
  const address = entries.find(({ isRemote }) => isRemote);
  if (address === undefined || clones !== undefined) return name;
  throw new UsageError(
    "no-clones",
    `${address.repo} has to be cloned, and the branch lies in the clone.`,
    "Name a folder that clones stay in with --clones.",
  );
}
