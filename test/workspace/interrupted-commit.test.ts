import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { BUNDLE, EXAMPLE } from "../hostile/support.ts";
import { git, makeRepo, makeTempDir } from "../support/repo.ts";

test.skipIf(process.platform === "win32")(
  "a hook that is interrupted at the terminal leaves the files, and no name of one in the index",
  { timeout: 60_000 },
  async () => {
    const root = makeRepo(EXAMPLE);
    const mark = join(makeTempDir(), "mark");
    mkdirSync(join(root, ".git/hooks"), { recursive: true });
    writeFileSync(join(root, ".git/hooks/pre-commit"), `#!/bin/sh\n: > '${mark}'\nsleep 30\n`, { mode: 0o755 });
    // A process group of its own, as a terminal has: an interrupt reaches all that runs in it.
    const run = spawn(process.execPath, [BUNDLE, "migrate", "--yes", "--commit"], {
      cwd: root,
      env: { ...process.env, CI: "1" },
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    run.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = new Promise<number | null>((done) => run.once("close", done));
    onTestFinished(() => void run.kill("SIGKILL"));
    while (!existsSync(mark) && run.exitCode === null) await wait(50);
    process.kill(-run.pid!, "SIGINT");
    expect([await ended, said]).toEqual([2, expect.stringContaining("git did not commit: it says no reason")]);
    const status = git(root, "status", "--porcelain").split("\n");
    expect(status).toContain("?? kubernetes/apps/flux-system/flux-operator/");
    expect(status.filter((line) => /^( A|A|\?\? .*\.lock)/.test(line))).toEqual([]);
  },
);
