import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Edit } from "../../src/contract/edit.ts";
import { InternalError, type Loc } from "../../src/contract/errors.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { writeChanges } from "../../src/files/write.ts";
import { makeFolder, photograph, put, undo } from "./helpers.ts";

const STATE_HOME = process.env.XDG_STATE_HOME;
let home = "";
beforeAll(() => {
  home = makeFolder();
  process.env.XDG_STATE_HOME = home;
});
afterAll(() => {
  if (STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = STATE_HOME;
});

const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((value) => !value.includes("\0"));
const about = {
  why: "",
  transform: "t",
  phase: "install" as const,
  cluster: "c",
  evidence: [] as Loc[],
} satisfies Partial<Edit>;
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ path, text }).map((fields) => ({ ...about, kind: "create" as const, ...fields })),
  fc.record({ path }).map((fields) => ({ ...about, kind: "delete" as const, ...fields })),
  fc.record({ path, to: path }).map((fields) => ({ ...about, kind: "move" as const, ...fields })),
  fc.record({ path, text }).map((fields) => ({
    ...about,
    kind: "replace" as const,
    path: fields.path,
    ranges: [{ start: 0, end: 0, text: fields.text }],
  })),
);

/** Files of a map, leaving out those that would need a folder where there is a file already. */
function layOut(root: string, files: [string, string][]): void {
  for (const [name, content] of files) {
    try {
      put(root, { [name]: content });
    } catch {
      // A file or folder is in the way.
    }
  }
}

it("puts on disk what the overlay shows, and undo brings the old tree back", async () => {
  const base = makeFolder();
  let run = 0;
  let written = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(path, text), { maxLength: 8 }),
      fc.array(edit, { maxLength: 24 }),
      async (files, drafts) => {
        const root = join(base, String(run++));
        mkdirSync(root);
        layOut(root, files);
        const before = photograph(root);
        const workspace = await openWorkspace(root);
        const edits: Edit[] = [];
        for (const draft of drafts) {
          try {
            applyEdits(workspace.tree, [...edits, draft]);
            edits.push(draft);
          } catch (error) {
            expect(error).toBeInstanceOf(InternalError);
          }
        }
        const { tree, changes } = applyEdits(workspace.tree, edits);
        if (writeChanges(workspace, changes, { label: "x" })) written++;
        const after = (await openWorkspace(root)).tree;
        expect(after.paths).toEqual(tree.paths);
        for (const name of tree.paths) expect(after.read(name)).toBe(tree.read(name));
        for (const dir of ["", "a", "a/b", "b", "c/a"]) {
          expect(tree.entries(dir)).toEqual(after.entries(dir));
          expect(tree.isDir(dir)).toBe(after.isDir(dir));
        }
        if (changes.length > 0) undo(root);
        expect(photograph(root)).toEqual(before);
        rmSync(root, { recursive: true });
      },
    ),
    { numRuns: 150 },
  );
  expect(written).toBeGreaterThan(50);
});
