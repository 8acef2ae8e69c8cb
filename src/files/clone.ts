import { devNull } from "node:os";
import { publicAddress } from "../contract/address.ts";
import { cloneEnv, REAL_SETTINGS, realEnv } from "./git-env.ts";
import { startGit } from "./git-run.ts";

/**
 * Clones the newest commits of a repository through the owner's git, with their credentials. Needs the network. Nothing of
 * the repository runs: no hooks, no large-file filters, no submodules.
 * @param depth commits of the branch that the remote has checked out
 * @returns why it failed, without user and password; undefined when it did not
 */
export async function cloneShallow(address: string, folder: string, depth: number): Promise<string | undefined> {
  const settings = ["-c", `core.hooksPath=${devNull}`, "-c", "protocol.ext.allow=never", "-c", "core.autocrlf=false"];
  const flags = ["--quiet", `--depth=${depth}`, "--single-branch", "--no-tags", "--no-recurse-submodules"];
  const args = [...settings, "clone", ...flags, "--", address, folder];
  const { code, stderr } = await startGit({ cwd: process.cwd(), args, env: cloneEnv() });
  return code === 0 ? undefined : reasonOf(stderr);
}

/** What a server or ssh says comes first, and what git makes of it; the last lines are advice. */
function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const fatal = lines.findIndex((line) => line.startsWith("fatal: "));
  const said = fatal < 0 ? lines.slice(-1) : lines.slice(Math.max(0, fatal - 1), fatal + 1);
  return said.join("; ") || "git clone failed";
}

/** The commit that is checked out in a folder; undefined where there is none. */
export async function readCheckedOut(folder: string): Promise<string | undefined> {
  const { code, stdout } = await startGit({
    cwd: folder,
    args: [...REAL_SETTINGS, "-c", "safe.bareRepository=explicit", "rev-parse", "--verify", "-q", "HEAD"],
    env: realEnv(),
  });
  return code === 0 ? stdout.toString().trim() : undefined;
}

/** Takes user and password out of the settings of a clone that stays: the helpers of git know them, and its folder need not. */
export async function forgetLogin(folder: string, address: string): Promise<void> {
  const known = publicAddress(address);
  if (known === address) return;
  await startGit({ cwd: folder, args: ["remote", "set-url", "origin", known], env: cloneEnv() });
}
