import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { findUndo } from "../../src/files/undo.ts";
import { writeChanges } from "../../src/files/write.ts";
import { type Disk, realDisk } from "../../src/files/write-disk.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { engineThatPlans, planOf, runCli } from "../support/run-cli.ts";

const FILES = { "a.yaml": "a: 1\r\n", "run.sh": "#!/bin/sh\n", "sub/old.yaml": "old: true" };
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: "a: 1\r\n", after: "a: 2\r\n" },
  { path: "new/b.yaml", after: "b: 1\n" },
  { path: "run.sh", before: "#!/bin/sh\n", after: "#!/bin/bash\n" },
  { path: "sub/old.yaml", before: "old: true" },
];
const loader = engineThatPlans((workspace, options) => planOf(workspace, options, [CHANGES]));

test("restores every byte and mode", async () => {
  const root = makeRepo(FILES);
  chmodSync(join(root, "run.sh"), 0o755);
  commitAll(root, "Mode");
  await runCli(["migrate", "--yes", root], { loader });
  expect(readTree(root)).not.toEqual(FILES);
  const run = await runCli(["undo", "--yes", root], { loader });
  expect(run.code).toBe(0);
  expect(run.err).toContain("Restored 4 files");
  expect(readTree(root)).toEqual(FILES);
  expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o755);
});

test("a commit that was killed on its way leaves no name of a new file in the index", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  writeFiles(root, { "mine.yaml": "" });
  git(root, "add", "--intent-to-add", "new/b.yaml", "mine.yaml");
  expect((await runCli(["undo", "--yes", root], { loader })).code).toBe(0);
  expect(git(root, "status", "--porcelain")).toBe(" A mine.yaml\n");
});

test("what somebody staged of it stays staged", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  git(root, "add", "new/b.yaml");
  expect((await runCli(["undo", "--yes", root], { loader })).code).toBe(0);
  expect(git(root, "status", "--porcelain")).toBe("AD new/b.yaml\n");
});

test("outside git too", async () => {
  process.env.XDG_STATE_HOME = makeTempDir();
  const root = makeRepo(FILES, { branch: false });
  await runCli(["migrate", "--yes", root], { loader });
  expect((await runCli(["undo", "--yes", root], { loader })).code).toBe(0);
  expect(readTree(root)).toEqual(FILES);
});

test("nothing to undo is no failure", async () => {
  const run = await runCli(["undo", "--yes", makeRepo(FILES)], { loader });
  expect(run.code).toBe(0);
  expect(run.err).toContain("Nothing to undo");
});

test("asks on a terminal, shows the files, refuses without one", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  const after = readTree(root);
  const declined = await runCli(["undo", root], { loader, answers: [""] });
  expect(declined.err).toContain("  new/b.yaml\n");
  expect(declined.code).toBe(1);
  expect((await runCli(["undo", root], { loader })).code).toBe(1);
  expect(readTree(root)).toEqual(after);
  expect((await runCli(["undo", root], { loader, answers: ["y"] })).code).toBe(0);
  expect(readTree(root)).toEqual(FILES);
});

test("a configuration that cannot be read does not stand in the way", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  writeFileSync(join(root, "fluxlift.config.yaml"), "a: [");
  expect((await runCli(["undo", "--yes", root], { loader })).code).toBe(0);
});

test("a mode that somebody changed since stays", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  chmodSync(join(root, "run.sh"), 0o750);
  await runCli(["undo", "--yes", root], { loader });
  expect(readTree(root)).toEqual(FILES);
  expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o750);
});

test("a write that git has put aside can still be undone when it comes back", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  const written = readTree(root);
  git(root, "stash", "--include-untracked");
  const { code, err } = await runCli(["undo", "--yes", root], { loader });
  expect([code, err]).toEqual([
    0,
    expect.stringContaining("Nothing to restore of the last write (phase install): 4 files"),
  ]);
  git(root, "stash", "pop");
  expect(readTree(root)).toEqual(written);
  await runCli(["undo", "--yes", root], { loader });
  expect(readTree(root)).toEqual(FILES);
});

test("on a terminal undo goes on to the write before one that is put aside", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  await runCli(["undo", "--yes", root], { loader });
  for (const text of ["one", "two"]) {
    const workspace = await openWorkspace(root);
    writeChanges(workspace, [{ path: `${text}.yaml`, after: `${text}: 1\n` }], { label: text });
  }
  rmSync(join(root, "two.yaml"));
  const asked = await runCli(["undo", root], { loader, answers: ["y"] });
  expect(asked.err).toContain("Forgotten.");
  await runCli(["undo", "--yes", root], { loader });
  expect(readTree(root)).toEqual(FILES);
});

test("a file somebody changed since is not overwritten", async () => {
  const root = makeRepo(FILES);
  await runCli(["migrate", "--yes", root], { loader });
  writeFiles(root, { "a.yaml": "mine: 1\n" });
  const mine = readTree(root);
  const run = await runCli(["undo", "--yes", root], { loader });
  expect(run.code).toBe(2);
  expect(run.err).toContain("a.yaml");
  expect(readTree(root)).toEqual(mine);
});

test("a folder that does not exist is a usage error", async () => {
  const run = await runCli(["undo", "/no/such/folder"], { loader });
  expect(run.code).toBe(2);
  expect(run.err).toContain("no folder /no/such/folder");
});

describe("after a crash in the middle of a write", () => {
  /** Ends like a killed process: once the first file is in place nothing else happens, no cleaning up either. */
  function dyingDisk(): Disk {
    let dead = false;
    return new Proxy<Disk>(realDisk, {
      get: (target, key: keyof Disk) => {
        const call = target[key] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (dead) throw new Error("killed");
          const result = call.apply(target, args);
          if (key === "rename" && String(args[1]).endsWith("a.yaml")) dead = true;
          return result;
        };
      },
    });
  }

  async function crash(root: string): Promise<void> {
    const workspace = await openWorkspace(root);
    expect(() => writeChanges(workspace, CHANGES, { label: "phase install", disk: dyingDisk() })).toThrow();
  }

  test("commands that write refuse and name undo; looking still works", async () => {
    const root = makeRepo(FILES);
    await crash(root);
    const refused = await runCli(["migrate", "--yes", "--allow-dirty", root], { loader });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("fluxlift undo");
    expect((await runCli(["migrate", "--dry-run", root], { loader })).code).toBe(0);
    expect((await runCli(["plan", root], { loader })).code).toBe(0);
  });

  test("commands that look say so, and nothing of it once it is taken back", async () => {
    const root = makeRepo(FILES);
    await crash(root);
    const looking = [
      ["scan", root],
      ["plan", root],
      ["plan", "--output=p.json", root],
      ["verify", "--head=WORKTREE", root],
      [root],
    ];
    const look = () => Promise.all(looking.map((argv) => runCli(argv, { loader, cwd: makeTempDir() })));
    for (const { err } of await look()) {
      expect(err).toContain("half-written: an earlier write (phase install) was interrupted");
      expect(err).toContain("Run `fluxlift undo` to take it back, then repeat.");
    }
    // Agents and results of many repositories get what is found, and not what is said to people.
    const json = await runCli(["scan", "--format=json", root], { loader });
    const { findings } = JSON.parse(json.out) as { findings: { rule: string; next: string }[] };
    expect(findings.find(({ rule }) => rule === "tree-half-written")?.next).toContain("Run `fluxlift undo`");
    expect((await runCli(["verify", "--base=HEAD", root], { loader })).err).not.toContain("half-written");
    await runCli(["undo", "--yes", root], { loader });
    for (const { err } of await look()) expect(err).not.toContain("half-written");
  });

  test("of an undo that was interrupted it says that undo ends it", async () => {
    const root = makeRepo(FILES);
    await runCli(["migrate", "--yes", root], { loader });
    expect(() => findUndo(root, dyingDisk())!.undo()).toThrow();
    const { code, err } = await runCli(["migrate", "--yes", "--allow-dirty", root], { loader });
    expect(code).toBe(2);
    expect(err).toContain("an earlier undo of a write (phase install) was interrupted");
    expect(err).toContain("Run `fluxlift undo` to finish it, then repeat.");
    await runCli(["undo", "--yes", root], { loader });
    expect(readTree(root)).toEqual(FILES);
  });

  test("a record that cannot be read keeps nobody from looking", async () => {
    const root = makeRepo(FILES);
    await crash(root);
    writeFileSync(join(root, ".git/fluxlift/journal.json"), "{");
    const damaged = await runCli(["plan", root], { loader });
    expect([damaged.code, damaged.err.includes("the record of a write cannot be read")]).toEqual([0, true]);
  });

  test("undo takes it back", async () => {
    const root = makeRepo(FILES);
    await crash(root);
    expect(readTree(root)).not.toEqual(FILES);
    const run = await runCli(["undo", "--yes", root], { loader });
    expect(run.err).toContain("interrupted");
    expect(readTree(root)).toEqual(FILES);
    expect((await runCli(["migrate", "--yes", root], { loader })).code).toBe(0);
  });

  test.each([0, -1])("a record that names no process (%d) is no write under way", async (pid) => {
    const root = makeRepo(FILES);
    await crash(root);
    const file = join(root, ".git/fluxlift/journal.json");
    const journal = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...journal, writer: { host: hostname(), pid } }));
    expect((await runCli(["plan", root], { loader })).err).toContain("was interrupted");
    expect((await runCli(["undo", "--yes", root], { loader })).code).toBe(0);
    expect(readTree(root)).toEqual(FILES);
  });

  test("undo can finish it instead", async () => {
    const root = makeRepo(FILES);
    await crash(root);
    const run = await runCli(["undo", root], { loader, answers: ["f"] });
    expect(run.code).toBe(0);
    expect(readTree(root)).toEqual({ "a.yaml": "a: 2\r\n", "run.sh": "#!/bin/bash\n", "new/b.yaml": "b: 1\n" });
  });
});
