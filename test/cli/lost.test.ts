import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo, makeTempDir } from "../support/repo.ts";

const BUNDLE = process.env.FLUXLIFT_BIN ?? join(PROJECT_ROOT, "dist/fluxlift.js");

function bash(script: string, cwd = PROJECT_ROOT) {
  const env = { ...process.env, NODE: process.execPath, FLUXLIFT: BUNDLE };
  return spawnSync("bash", ["-c", script], { cwd, encoding: "utf8", env });
}

describe.skipIf(!existsSync("/dev/full"))("a disk that is full", () => {
  test.each(["plan", "scan", "plan --format json"])("%s fails and says so, without a stack", (command) => {
    const { status, stderr } = bash(`"$NODE" "$FLUXLIFT" ${command} examples/home-ops >/dev/full`);
    expect(status).toBe(2);
    expect(stderr).toContain("✗ The output cannot be written (ENOSPC).");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("nobody to say it to", () => {
    expect(bash(`"$NODE" "$FLUXLIFT" plan examples/home-ops >/dev/null 2>/dev/full`).status).toBe(2);
  });

  test("a reader that has seen enough is none", () => {
    const { stdout } = bash(
      `"$NODE" "$FLUXLIFT" plan examples/home-ops 2>/dev/null | head -1; echo "\${PIPESTATUS[0]}"`,
    );
    expect(stdout.split("\n")[1]).toBe("0");
  });
});

test.skipIf(process.platform === "win32")("the folder one stands in is gone", () => {
  const dir = makeTempDir();
  const gone = bash(`cd "${dir}"; rmdir "${dir}"; "$NODE" "$FLUXLIFT" scan`);
  expect([gone.status, gone.stderr]).toEqual([
    2,
    "✗ The folder that this was started in is not there any more.\n  Go to one that is: cd\n",
  ]);
});

describe("a repository that git cannot read is not taken for a folder without one", () => {
  const scan = (root: string) => bash(`"$NODE" "$FLUXLIFT" scan`, root);

  test("a work tree whose repository is elsewhere", () => {
    const root = makeTempDir();
    writeFileSync(join(root, ".git"), "gitdir: /nowhere/.git/worktrees/x\n");
    expect(scan(root).status).toBe(2);
    expect(scan(root).stderr).toContain(
      "says that the repository lies in /nowhere/.git/worktrees/x, where there is none",
    );
  });

  test.each(["HEAD", "config"])("%s is damaged", (name) => {
    const root = makeRepo({ "a.yaml": "a: b\n" });
    writeFileSync(join(root, ".git", name), name === "HEAD" ? "" : "[core\n");
    expect(scan(root).status).toBe(2);
    expect(scan(root).stderr).toContain("git cannot read");
  });

  test("a .git that is no repository of git's is passed over, as git does", () => {
    const root = makeRepo({ "a.yaml": "a: b\n" });
    rmSync(join(root, ".git/objects"), { recursive: true });
    expect(scan(root).stdout).toContain("not a git repository");
  });
});
