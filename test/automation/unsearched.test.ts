import { expect, test } from "vitest";
import { sayFinding } from "../../src/findings/say.ts";
import transform from "../../transforms/automation-mentions/index.ts";
import { memoryTree } from "../support/memory.ts";
import { contextOf, homeWith } from "./support.ts";

function saidOf(statuses: Parameters<typeof memoryTree>[1]) {
  const files = homeWith({});
  const tree = memoryTree(files, statuses);
  const { findings } = transform.run({ ...contextOf(files), tree, before: tree });
  return findings.map(sayFinding).filter(({ rule }) => rule === "file-not-searched");
}

test("scripts and pages of which nothing can be read are named, once for all", () => {
  const statuses = {
    "scripts/up.sh": "binary",
    "docs/start.md": "binary",
    "tools/up.ps1": "binary",
    Makefile: "unreadable",
    ".github/workflows/up.yaml": "encrypted",
  } as const;
  const [found, ...more] = saidOf({ statuses });
  expect(more).toEqual([]);
  expect(found).toMatchObject({ level: "info", at: { file: ".github/workflows/up.yaml" } });
  for (const path of Object.keys(statuses)) expect(found!.what).toContain(path);
});

test("but no picture, no archive, no link and no program", () => {
  const statuses = {
    "docs/plan.png": "binary",
    "archive/up.sh": "binary",
    "up.sh": "symlink",
    "tools/up.py": "binary",
    "old.sh.bak": "binary",
  } as const;
  expect(saidOf({ statuses })).toEqual([]);
});
