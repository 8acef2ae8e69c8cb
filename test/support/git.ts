import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { startShell } from "./shell.ts";

/** Git as the test's repository sees it: no system or user settings, a fixed author, nothing above the temporary folder. */
const GIT_ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.invalid",
  GIT_CEILING_DIRECTORIES: tmpdir(),
};

export function git(root: string, ...args: string[]): string {
  return gitBytes(root, ...args).toString("utf8");
}

/** @throws Error with what git says when it fails */
export function gitBytes(root: string, ...args: string[]): Buffer {
  shell ??= startShell(GIT_ENV) ?? "none";
  if (shell === "none")
    return execFileSync("git", args, { cwd: root, env: GIT_ENV, stdio: ["ignore", "pipe", "pipe"] });
  const { status, stdout, stderr } = shell(resolve(root), ["git", ...args]);
  if (status !== 0)
    throw Object.assign(new Error(`git ${args.join(" ")} failed:\n${stderr}`), {
      status,
      stdout,
      stderr: stderr.toString(),
    });
  return stdout;
}

let shell: ReturnType<typeof startShell> | "none";
