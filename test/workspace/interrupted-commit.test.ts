import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
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

test.skipIf(process.platform === "win32")(
  "a git that is killed at the commit leaves its lock, and both the commit and the undo say so",
  { timeout: 60_000 },
  () => {
    const root = makeRepo(EXAMPLE);
    const lock = join(root, ".git/index.lock");
    mkdirSync(join(root, ".git/hooks"), { recursive: true });
    writeFileSync(join(root, ".git/hooks/pre-commit"), "#!/bin/sh\nkill -9 $PPID\n", { mode: 0o755 });
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [BUNDLE, ...args], { cwd: root, encoding: "utf8", env: { ...process.env, CI: "1" } });
    const plain = (text: string) => text.replace(/\s+/g, " ");
    const migrate = run("migrate", "--yes", "--commit");
    expect([migrate.status, existsSync(lock)]).toEqual([2, true]);
    expect(plain(migrate.stderr)).toMatch(
      /index\.lock locks the index of git\. If no git is at work here, .* delete that file/,
    );
    const undo = run("undo", "--yes");
    expect(undo.status).toBe(0);
    expect(plain(undo.stderr)).toMatch(
      /git's index still lists kubernetes\/\S+, .*index\.lock locks the index of git\. .* Then run git rm --cached --ignore-unmatch -- kubernetes/,
    );
    rmSync(lock);
    const [command = ""] = /git rm --cached .*(?=\.$)/m.exec(undo.stderr) ?? [];
    git(root, ...command.split(" ").slice(1));
    expect(git(root, "status", "--porcelain")).toBe("");
  },
);
