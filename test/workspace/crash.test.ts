import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { RepoError } from "../../src/contract/errors.ts";
import { openJournals } from "../../src/files/journal.ts";
import { findSite } from "../../src/files/site.ts";
import { openWorkspace, type Workspace } from "../../src/files/snapshot.ts";
import { writeChanges } from "../../src/files/write.ts";
import { realDisk } from "../../src/files/write-disk.ts";
import { faultyDisk, makeRepo, photograph, put, recover, setMode, undo } from "./helpers.ts";

const FILES = { "a.yaml": "a\n", x: "file", "old/deep/two.yaml": "two\n", "old/three.yaml": "three\n", "run.sh": "sh" };
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: "a\n", after: "changed\r\n" },
  { path: "old/deep/two.yaml", before: "two\n" },
  { path: "old/three.yaml", before: "three\n" },
  { path: "x", before: "file" },
  { path: "x/y/z.yaml", after: "z\n" },
  { path: "new/n.yaml", after: "n\n", mode: 0o755 },
  { path: "run.sh", before: "sh", after: "bash" },
];

const opened = new Map<string, Workspace>();

/** A tree in which a write was made and undone, so that the next one takes the same steps as those after it. */
async function makeTree(): Promise<string> {
  const root = makeRepo(FILES);
  // Opening costs git processes, and a write compares with the disk, not with the workspace.
  opened.set(root, await openWorkspace(root));
  setMode(root, "run.sh", 0o755);
  setMode(root, "old/deep", 0o750);
  start = photograph(root);
  write(root, faultyDisk(0, "once"));
  done = photograph(root);
  undo(root);
  reset(root);
  return root;
}

function reset(root: string): void {
  expect(recover(root)).toBeNull();
  expect(photograph(root)).toEqual(start);
}

let start: Record<string, string> = {};
let done: Record<string, string> = {};

/** Whether the write got through: after its last needed step a fault only leaves a draft or an old record behind. */
function tryWrite(root: string, fault: ReturnType<typeof faultyDisk>): boolean {
  try {
    write(root, fault);
  } catch (error) {
    expect(error).toBeInstanceOf(RepoError);
    return false;
  }
  expect(photograph(root)).toEqual(done);
  undo(root);
  return true;
}

async function countSteps(run: (root: string, disk: ReturnType<typeof faultyDisk>) => void): Promise<number> {
  const root = await makeTree();
  const fault = faultyDisk(Number.POSITIVE_INFINITY, "once");
  run(root, fault);
  return fault.steps();
}

const write = (root: string, fault: ReturnType<typeof faultyDisk>) =>
  writeChanges(opened.get(root)!, CHANGES, { label: "install", disk: fault.disk });

describe("a fault at every step", () => {
  const writeSteps = () => countSteps(write);

  it("of a write that goes on running leaves the tree as it was", async () => {
    const root = await makeTree();
    const steps = await writeSteps();
    expect(steps).toBeGreaterThanOrEqual(20);
    let refused = 0;
    for (let at = 1; at <= steps; at++) {
      if (!tryWrite(root, faultyDisk(at, "once", true))) refused++;
      reset(root);
    }
    expect(refused).toBeGreaterThan(steps - 5);
  });

  it.each(["revert", "resume", "undo"] as const)("of a write that dies there can be followed by %s", async (way) => {
    const root = await makeTree();
    const steps = await writeSteps();
    let interrupted = 0;
    for (let at = 1; at <= steps; at++) {
      const recovery = tryWrite(root, faultyDisk(at, "crash", true)) ? null : recover(root);
      if (recovery) {
        interrupted++;
        expect(recovery).toMatchObject({ label: "install", isUndo: false });
        expect(() => write(root, faultyDisk(0, "once"))).toThrow(/interrupted/);
        if (way === "undo") undo(root);
        else recovery[way]();
        expect(photograph(root)).toEqual(way === "resume" ? done : start);
        if (way === "resume") undo(root);
      }
      reset(root);
    }
    expect(interrupted).toBeGreaterThan(steps - 5);
  });

  it("of an undo that dies there is finished by the next undo, or reverted", async () => {
    const root = await makeTree();
    const steps = await countSteps((other, fault) => {
      write(other, faultyDisk(0, "once"));
      undo(other, fault.disk);
    });
    for (let at = 1; at <= steps; at++) {
      for (const way of ["undo", "revert"] as const) {
        write(root, faultyDisk(0, "once"));
        const fault = faultyDisk(at, "crash");
        try {
          undo(root, fault.disk);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        const recovery = recover(root);
        if (recovery && way === "revert") {
          expect(recovery.isUndo).toBe(true);
          recovery.revert();
          expect(photograph(root)).toEqual(done);
          undo(root);
        } else if (recovery || photograph(root)["a.yaml"] !== start["a.yaml"]) {
          undo(root);
        }
        reset(root);
      }
    }
  });

  it("of a recovery that dies too leaves a state from which recovery works", async () => {
    const root = await makeTree();
    const steps = await writeSteps();
    for (let at = 1; at <= steps; at += 4) {
      for (let again = 1; again <= 12; again += 2) {
        tryWrite(root, faultyDisk(at, "crash"));
        try {
          recover(root, faultyDisk(again, "crash").disk)?.revert();
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        recover(root)?.revert();
        reset(root);
      }
    }
  });
});

describe("recovery", () => {
  it("lets one of two writers begin", async () => {
    const root = await makeTree();
    const site = findSite(root);
    const journals = [openJournals(site, realDisk), openJournals(site, realDisk)] as const;
    const journal = { version: 1 as const, label: "x", at: "", files: [], make: [], drop: [] };
    expect(journals.map((store) => store.open())).toEqual([undefined, undefined]);
    journals[0].begin({ ...journal, id: journals[0].nextId() });
    expect(() => journals[1].begin({ ...journal, id: journals[1].nextId() })).toThrow(/has not ended/);
    journals[0].abandon();
  });

  it.each([
    ["ENOSPC", /Make room on that disk/],
    ["EACCES", /Make that folder writable/],
  ])("says what to do where its record cannot be written: %s", async (code, next) => {
    const site = findSite(await makeTree());
    const create = () => {
      throw Object.assign(new Error(code), { code });
    };
    const store = openJournals(site, { ...realDisk, create });
    const begin = () =>
      store.begin({ version: 1, label: "x", at: "", files: [], make: [], drop: [], id: store.nextId() });
    expect(begin).toThrow(expect.objectContaining({ hint: expect.stringMatching(next) }));
  });

  it("refuses when someone changed a file meanwhile, and touches nothing", async () => {
    const root = await makeTree();
    const steps = await countSteps(write);
    expect(() => write(root, faultyDisk(steps - 1, "crash"))).toThrow();
    put(root, { "run.sh": "mine" });
    const mine = photograph(root);
    const recovery = recover(root);
    expect(() => recovery?.revert()).toThrow(/run.sh changed since/);
    expect(() => recovery?.resume()).toThrow(/run.sh changed since/);
    expect(photograph(root)).toEqual(mine);
  });

  it.each(["revert", "resume"] as const)("%s leaves nothing of the drafts behind that hold the texts", async (way) => {
    const root = await makeTree();
    const drafts = () => readdirSync(join(root, ".git/fluxlift")).filter((name) => name.endsWith(".new"));
    let left = 0;
    for (let at = 1, steps = await countSteps(write); at <= steps; at++) {
      if (tryWrite(root, faultyDisk(at, "crash"))) continue;
      left += drafts().length;
      const recovery = recover(root);
      recovery?.[way]();
      if (recovery) expect(drafts()).toEqual([]);
      if (recovery && way === "resume") undo(root);
      reset(root);
    }
    expect(left).toBeGreaterThan(0);
  });

  it("ignores what a crash left of a journal that had not begun", async () => {
    const root = await makeTree();
    put(root, { ".git/fluxlift/000001-deadbeef.new": "{" });
    writeFileSync(join(root, ".git/HEAD"), "ref: refs/heads/main\n");
    reset(root);
    write(root, faultyDisk(0, "once"));
    undo(root);
    reset(root);
    expect(readdirSync(root).filter((name) => name.includes("fluxlift"))).toEqual([]);
  });
});
