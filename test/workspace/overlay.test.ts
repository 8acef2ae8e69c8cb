import { describe, expect, it } from "vitest";
import type { DraftEdit, Edit } from "../../src/contract/edit.ts";
import { InternalError } from "../../src/contract/errors.ts";
import { applyEdits, overlayTree } from "../../src/files/overlay.ts";
import { memoryTree } from "../support/memory.ts";

function edit(draft: Omit<DraftEdit, "why"> & Record<string, unknown>): Edit {
  return { why: "", transform: "t", phase: "install", cluster: "c", evidence: [], ...draft } as Edit;
}

const base = memoryTree(
  { "a.yaml": "kind: A\n", "apps/b.yaml": "kind: B\n", "apps/deep/c.yaml": "kind: C\n", "run.sh": "#!/bin/sh\n" },
  { statuses: { "apps/logo.png": "binary" }, executables: ["run.sh"] },
);

describe("memoryTree", () => {
  it("lists files and folders in one order", () => {
    expect(base.paths).toEqual(["a.yaml", "apps/b.yaml", "apps/deep/c.yaml", "apps/logo.png", "run.sh"]);
    expect(base.entries("")).toEqual(["a.yaml", "apps", "run.sh"]);
    expect(base.entries("apps")).toEqual(["b.yaml", "deep", "logo.png"]);
    expect(base.entries("a.yaml")).toEqual([]);
    expect(base.isDir("apps/deep")).toBe(true);
    expect(base.isDir("a.yaml")).toBe(false);
    expect(base.isDir("")).toBe(true);
    expect(base.status("apps/logo.png")).toBe("binary");
    expect(base.read("apps/logo.png")).toBeUndefined();
    expect(base.grep("kind: ")).toEqual(["a.yaml", "apps/b.yaml", "apps/deep/c.yaml"]);
  });
});

describe("overlayTree", () => {
  it("shows changes and leaves the rest alone", () => {
    const tree = overlayTree(base, [
      { path: "apps/deep/c.yaml", before: "kind: C\n" },
      { path: "new/d.yaml", after: "kind: D\n", mode: 0o755 },
      { path: "a.yaml", before: "kind: A\n", after: "kind: Other\n" },
    ]);
    expect(tree.paths).toEqual(["a.yaml", "apps/b.yaml", "apps/logo.png", "new/d.yaml", "run.sh"]);
    expect(tree.isDir("apps/deep")).toBe(false);
    expect(tree.entries("new")).toEqual(["d.yaml"]);
    expect(tree.read("apps/deep/c.yaml")).toBeUndefined();
    expect(tree.status("apps/deep/c.yaml")).toBeUndefined();
    expect(tree.has("apps/deep/c.yaml")).toBe(false);
    expect(tree.status("new/d.yaml")).toBe("text");
    expect(tree.executable("new/d.yaml")).toBe(true);
    expect(tree.executable("run.sh")).toBe(true);
    expect(tree.grep("kind: ")).toEqual(["a.yaml", "apps/b.yaml", "new/d.yaml"]);
    expect(tree.grep("kind: A")).toEqual([]);
  });

  it("stacks: a later change wins, a file may come back", () => {
    const one = overlayTree(base, [{ path: "a.yaml", before: "kind: A\n" }]);
    const two = overlayTree(one, [{ path: "a.yaml", after: "back\n" }]);
    const three = overlayTree(two, [{ path: "apps/b.yaml", before: "kind: B\n" }]);
    expect(two.read("a.yaml")).toBe("back\n");
    expect(three.paths).toEqual(["a.yaml", "apps/deep/c.yaml", "apps/logo.png", "run.sh"]);
    expect(one.has("a.yaml")).toBe(false);
  });

  it("asks the base once for files it does not change", () => {
    let reads = 0;
    const read = (path: string) => {
      reads++;
      return base.read(path);
    };
    const counting = { ...base, read };
    const tree = overlayTree(overlayTree(counting, [{ path: "a.yaml", after: "x" }]), [{ path: "z", after: "y" }]);
    expect(tree.read("apps/b.yaml")).toBe(base.read("apps/b.yaml"));
    expect(reads).toBe(1);
    tree.read("a.yaml");
    expect(reads).toBe(1);
  });
});

describe("applyEdits", () => {
  it("applies edits in order and reports final states", () => {
    const { tree, changes } = applyEdits(base, [
      edit({ kind: "create", path: "new.yaml", text: "x: 1\n" }),
      edit({ kind: "replace", path: "new.yaml", ranges: [{ start: 3, end: 4, text: "2" }] }),
      edit({ kind: "replace", path: "a.yaml", ranges: [{ start: 6, end: 7, text: "Long" }] }),
      edit({ kind: "replace", path: "a.yaml", ranges: [{ start: 10, end: 10, text: "er" }] }),
      edit({ kind: "move", path: "apps/b.yaml", to: "apps/moved.yaml" }),
    ]);
    expect(changes).toEqual([
      { path: "a.yaml", before: "kind: A\n", after: "kind: Longer\n" },
      { path: "apps/b.yaml", before: "kind: B\n" },
      { path: "apps/moved.yaml", after: "kind: B\n" },
      { path: "new.yaml", after: "x: 2\n" },
    ]);
    expect(tree.read("apps/moved.yaml")).toBe("kind: B\n");
  });

  it("leaves out what ends where it began", () => {
    const { tree, changes } = applyEdits(base, [
      edit({ kind: "create", path: "new.yaml", text: "x" }),
      edit({ kind: "delete", path: "new.yaml" }),
      edit({ kind: "replace", path: "a.yaml", ranges: [{ start: 0, end: 1, text: "K" }] }),
      edit({ kind: "replace", path: "a.yaml", ranges: [{ start: 0, end: 1, text: "k" }] }),
      edit({ kind: "delete", path: "apps/b.yaml" }),
      edit({ kind: "create", path: "apps/b.yaml", text: "kind: B\n" }),
    ]);
    expect(changes).toEqual([]);
    expect(tree).toBe(base);
  });

  it("keeps the executable bit of a moved file", () => {
    const { changes } = applyEdits(base, [edit({ kind: "move", path: "run.sh", to: "scripts/run.sh" })]);
    expect(changes).toEqual([
      { path: "run.sh", before: "#!/bin/sh\n", mode: 0o755 },
      { path: "scripts/run.sh", after: "#!/bin/sh\n", mode: 0o755 },
    ]);
  });

  it("allows a file where a folder was emptied, and inserts that touch ranges", () => {
    const { tree } = applyEdits(base, [
      edit({ kind: "delete", path: "apps/deep/c.yaml" }),
      edit({ kind: "create", path: "apps/deep", text: "now a file" }),
      edit({
        kind: "replace",
        path: "a.yaml",
        ranges: [
          { start: 6, end: 7, text: "B" },
          { start: 6, end: 6, text: "<" },
          { start: 7, end: 7, text: ">" },
        ],
      }),
    ]);
    expect(tree.read("a.yaml")).toBe("kind: <B>\n");
    expect(tree.entries("apps")).toEqual(["b.yaml", "deep", "logo.png"]);
    expect(tree.isDir("apps/deep")).toBe(false);
  });

  const defects: [string, Edit[], RegExp][] = [
    [
      "overlapping ranges",
      [edit({ kind: "replace", path: "a.yaml", ranges: [0, 2].map((start) => ({ start, end: start + 3, text: "" })) })],
      /overlaps/,
    ],
    [
      "a range beyond the end",
      [edit({ kind: "replace", path: "a.yaml", ranges: [{ start: 0, end: 99, text: "" }] })],
      /outside/,
    ],
    [
      "a negative range",
      [edit({ kind: "replace", path: "a.yaml", ranges: [{ start: -1, end: 0, text: "" }] })],
      /a.yaml/,
    ],
    ["creating over a file", [edit({ kind: "create", path: "a.yaml", text: "" })], /exists already/],
    ["creating over a folder", [edit({ kind: "create", path: "apps", text: "" })], /folder/],
    ["creating below a file", [edit({ kind: "create", path: "a.yaml/b", text: "" })], /not a folder/],
    ["creating twice", [1, 2].map(() => edit({ kind: "create", path: "n", text: "" })), /exists already/],
    ["creating outside", [edit({ kind: "create", path: "../n", text: "" })], /leaves the repository/],
    ["creating in .git", [edit({ kind: "create", path: ".git/hooks/pre-commit", text: "" })], /leaves the repository/],
    ["deleting a missing file", [edit({ kind: "delete", path: "n" })], /no such file/],
    ["deleting twice", [1, 2].map(() => edit({ kind: "delete", path: "a.yaml" })), /no such file/],
    ["moving onto a file", [edit({ kind: "move", path: "a.yaml", to: "run.sh" })], /exists already/],
    ["editing a binary", [edit({ kind: "delete", path: "apps/logo.png" })], /binary, not text/],
  ];
  it.each(defects)("refuses %s", (_name, edits, message) => {
    expect(() => applyEdits(base, edits)).toThrow(InternalError);
    expect(() => applyEdits(base, edits)).toThrow(message);
  });
});
