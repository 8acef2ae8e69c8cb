import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { realEnv } from "../../src/files/git-env.ts";
import { runGit, startGit } from "../../src/files/git-run.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { git, makeRepo, makeTempDir } from "../support/repo.ts";

describe.skipIf(process.platform === "win32")("a named pipe", () => {
  const names = [
    ".gitignore",
    ".gitattributes",
    ".git",
    ".git/HEAD",
    ".git/index",
    ".git/config",
    ".git/packed-refs",
    ".git/commondir",
    ".git/sharedindex.1",
    ".git/objects/info/alternates",
  ];
  test.each(names)("in place of %s is said, and not waited for", async (name) => {
    const root = makeRepo({ "a.yaml": "a: 1\n" });
    rmSync(join(root, name), { recursive: true, force: true });
    mkdirSync(dirname(join(root, name)), { recursive: true });
    execFileSync("mkfifo", [join(root, name)]);
    await expect(openWorkspace(root)).rejects.toThrow(`${name} is a named pipe or a device`);
  });

  test("is not what a sandbox puts in the place of a file: the null device", async () => {
    const root = makeRepo({ "a.yaml": "a: 1\n" });
    symlinkSync("/dev/null", join(root, ".git/packed-refs"));
    expect((await openWorkspace(root)).tree.paths).toEqual(["a.yaml"]);
  });

  test("elsewhere ends the question that waits for it", async () => {
    const cwd = makeTempDir();
    git(cwd, "init", "-q");
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const call = { cwd, args: ["config", "--file", "pipe", "--list"], env: realEnv(), patience: 300 };
    for (const said of [runGit(call), await startGit(call)]) {
      expect(said).toMatchObject({ code: -1, stderr: expect.stringContaining("it does not answer") });
    }
  });
});

test("a git that refuses before it has read what it is given says itself why", () => {
  const cwd = makeTempDir();
  const call = `runGit({ cwd: ${JSON.stringify(cwd)}, args: ["no-such-command"], env: process.env, input: "x".repeat(1 << 20) })`;
  const file = join(cwd, "ask.mjs");
  const from = JSON.stringify(pathToFileURL(join(PROJECT_ROOT, "src/files/git-run.ts")).href);
  // A worker of vitest gets no EPIPE.
  writeFileSync(
    file,
    `import { runGit } from ${from};\nconst { code, stderr } = ${call};\nconsole.log(code, stderr);\n`,
  );
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", file], { cwd: PROJECT_ROOT, encoding: "utf8" });
  expect(stdout).toMatch(/^1 .*no-such-command/);
});
