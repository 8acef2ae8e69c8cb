import { devNull } from "node:os";
import { publicAddress } from "../contract/address.ts";
import { cloneEnv } from "./git-env.ts";
import { startGit } from "./git-run.ts";

/**
 * Clones the newest commits of a repository through the owner's git, with their credentials. Needs the network. Nothing of
 * the repository runs: no hooks, no large-file filters, no submodules.
 * @param depth commits of the branch that the remote has checked out
 * @param patience in milliseconds: a server may take a connection and never answer
 * @returns why it failed, without user and password; undefined when it did not
 */
export async function cloneShallow(
  address: string,
  folder: string,
  depth: number,
  patience: number,
): Promise<string | undefined> {
  const settings = ["-c", `core.hooksPath=${devNull}`, "-c", "protocol.ext.allow=never", "-c", "core.autocrlf=false"];
  // What git has started to talk to a server does not end with it.
  const seconds = Math.ceil(patience / 1000);
  const patient = ["-c", "http.lowSpeedLimit=1", "-c", `http.lowSpeedTime=${seconds}`];
  const flags = ["--quiet", `--depth=${depth}`, "--single-branch", "--no-tags", "--no-recurse-submodules"];
  const args = [...settings, ...patient, "clone", ...flags, "--", address, folder];
  const call = { cwd: process.cwd(), args, env: cloneEnv(), patience, killSignal: "SIGTERM" } as const;
  const { code, stderr, isLate } = await startGit(call);
  if (isLate) return `it was stopped after ${patience / 1000} s`;
  return code === 0 ? undefined : reasonOf(stderr);
}

/** What a server or ssh says comes first, and what git makes of it; the last lines are advice. */
function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const fatal = lines.findIndex((line) => line.startsWith("fatal: "));
  const said = fatal < 0 ? lines.slice(-1) : lines.slice(Math.max(0, fatal - 1), fatal + 1);
  return said.join("; ") || "git clone failed";
}

/** Takes user and password out of the settings of a clone that stays: the helpers of git know them, and its folder need not. */
export async function forgetLogin(folder: string, address: string): Promise<void> {
  const known = publicAddress(address);
  if (known === address) return;
  await startGit({ cwd: folder, args: ["remote", "set-url", "origin", known], env: cloneEnv() });
}
