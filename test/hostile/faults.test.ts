import { join } from "node:path";
import { expect, test } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { RepoError } from "../../src/contract/errors.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { writeChanges } from "../../src/files/write.ts";
import { type Disk, realDisk } from "../../src/files/write-disk.ts";
import { makeRepo, photograph, recover, undo } from "../workspace/helpers.ts";
import { FAULTS, STEPS } from "./faults.ts";

const FILES = { "a.yaml": "a\n", "old/deep/two.yaml": "two\n", "old/three.yaml": "three\n" };
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: "a\n", after: "changed\r\n" },
  { path: "old/deep/two.yaml", before: "two\n" },
  { path: "new/n.yaml", after: "n\n", mode: 0o755 },
];

/** A disk of which a step fails, and with `dies` every one after it too, as when the process is killed there. */
function brokenDisk(at: number, code: string, dies: boolean): { disk: Disk; steps(): number } {
  let count = 0;
  const changing = ["create", "rename", "link", "unlink", "makeFolder", "removeFolder"] as const;
  const disk = { ...realDisk };
  for (const name of changing) {
    const real = realDisk[name] as (...args: unknown[]) => void;
    Object.assign(disk, {
      [name]: (...args: unknown[]) => {
        count++;
        if (count === at || (dies && count > at)) {
          // A full disk takes half of a file.
          if (name === "create" && count === at) real(args[0], (args[1] as Buffer).subarray(0, 1), args[2]);
          throw Object.assign(new Error(`${code}: injected`), { code });
        }
        real(...args);
      },
    });
  }
  return { disk, steps: () => count };
}

async function attempt(at: number, code: string, dies: boolean) {
  const root = makeRepo(FILES);
  const start = photograph(root);
  const workspace = await openWorkspace(root);
  const { disk, steps } = brokenDisk(at, code, dies);
  let failed = false;
  try {
    writeChanges(workspace, CHANGES, { label: "install", disk });
  } catch (error) {
    expect(error).toBeInstanceOf(RepoError);
    failed = true;
  }
  return { root, start, failed, steps: steps() };
}

test("a write takes no more steps than are tried here", async () => {
  const { steps } = await attempt(Number.POSITIVE_INFINITY, "", false);
  expect(steps).toBeLessThanOrEqual(STEPS.length);
});

test.each(FAULTS)("step $step of a write, where the disk says $code, leaves all or nothing", async ({ step, code }) => {
  const { root, start, failed } = await attempt(step, code, false);
  recover(root)?.revert();
  if (failed) expect(photograph(root)).toEqual(start);
  else expect(photograph(root)["a.yaml"]).toContain("changed");
});

test.each(STEPS)("a process that is killed at step %s of a write leaves what undo takes back", async (step) => {
  const { root, start } = await attempt(step, "EIO", true);
  const isChanged = JSON.stringify(photograph(root)) !== JSON.stringify(start);
  if (isChanged || recover(root)) undo(root);
  expect(recover(root)).toBeNull();
  expect(photograph(root)).toEqual(start);
  expect(photograph(join(root, "old"))["three.yaml"]).toContain("three");
});
