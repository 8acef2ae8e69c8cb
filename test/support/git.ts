import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";

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

export function gitBytes(root: string, ...args: string[]): Buffer {
  return execFileSync("git", args, { cwd: root, env: GIT_ENV, stdio: ["ignore", "pipe", "pipe"] });
}
