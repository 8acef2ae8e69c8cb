import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Edit, FileChange } from "../../src/contract/edit.ts";
import type { Phase } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { quotePath, renderDiff } from "../../src/report/diff.ts";
import { samplePlan } from "./sample-plan.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function planOf(phases: FileChange[][], edits: Edit[] = []): Plan {
  const names: Phase[] = ["install", "cutover", "cleanup"];
  const base = samplePlan().phases[0]!.clusters[0]!;
  return {
    ...samplePlan(),
    phases: phases.map((files, index) => ({
      phase: names[index]!,
      clusters: index === 0 ? [{ ...base, edits }] : [],
      files,
    })),
  };
}

function git(cwd: string, args: string[], input?: string): string {
  return execFileSync("git", ["-c", "core.autocrlf=false", ...args], { cwd, encoding: "utf8", input, stdio: "pipe" });
}

function makeRepo(files: Record<string, string>, modes: Record<string, number> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "fluxlift-diff-"));
  folders.push(folder);
  git(folder, ["init", "-q"]);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: modes[path] ?? 0o644 });
  }
  git(folder, ["add", "-A"]);
  git(folder, ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "base", "--allow-empty"]);
  return folder;
}

/** Path, mode and blob of everything in the folder. */
function snapshot(folder: string): string {
  git(folder, ["add", "-A"]);
  return git(folder, ["-c", "core.quotePath=true", "ls-files", "--stage"]);
}

/** Applies the diff and takes it back; returns the two snapshots it must equal. */
function checkRoundTrip(before: Record<string, string>, after: Record<string, string>, diff: string): void {
  const folder = makeRepo(before);
  const start = snapshot(folder);
  git(folder, ["apply", "--whitespace=nowarn", "-"], diff);
  expect(snapshot(folder)).toBe(snapshot(makeRepo(after)));
  git(folder, ["apply", "--whitespace=nowarn", "--reverse", "-"], diff);
  expect(snapshot(folder)).toBe(start);
}

function changesBetween(before: Record<string, string>, after: Record<string, string>): FileChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().map((path) => ({
    path,
    ...(path in before ? { before: before[path]! } : {}),
    ...(path in after ? { after: after[path]! } : {}),
  }));
}

describe("renderDiff", () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    [
      "an edit in the middle",
      { "a.yaml": "1\n2\n3\n4\n5\n6\n7\n8\n9\n" },
      { "a.yaml": "1\n2\n3\n4\nfive\n6\n7\n8\n9\n" },
    ],
    ["a new file in a new folder", {}, { "x/y/a.yaml": "a: 1\n" }],
    ["a deleted file", { "x/a.yaml": "a: 1\nb: 2\n", keep: "1" }, { keep: "1" }],
    ["a one-line file", { a: "1\n" }, { a: "2\n" }],
    ["no newline at the end, kept", { a: "1\n2" }, { a: "one\n2" }],
    ["a newline at the end added", { a: "1\n2" }, { a: "1\n2\n" }],
    ["a newline at the end removed", { a: "1\n2\n" }, { a: "1\n2" }],
    ["a new file without a newline at its end", {}, { a: "1" }],
    ["CRLF kept", { a: "1\r\n2\r\n3\r\n" }, { a: "1\r\ntwo\r\n3\r\n" }],
    ["CRLF turned into LF", { a: "1\r\n2\r\n" }, { a: "1\n2\n" }],
    ["a BOM", { a: "\uFEFFa: 1\nb: 2\n" }, { a: "\uFEFFa: 1\nb: 3\n" }],
    ["a new empty file", {}, { empty: "" }],
    ["a deleted empty file", { empty: "", keep: "1" }, { keep: "1" }],
    ["a file that becomes empty", { a: "1\n" }, { a: "" }],
    ["a file that was empty", { a: "" }, { a: "1\n" }],
    ["a path with a blank", { "my files/a b.yaml": "1\n" }, { "my files/a b.yaml": "2\n" }],
    ["a path with quote, backslash and tab", { 'a"b\\c\td': "1\n" }, { 'a"b\\c\td': "2\n" }],
    ["a path outside ASCII", { "käse/🧀.yaml": "1\n" }, { "käse/🧀.yaml": "2\n", "käse/neu.yaml": "3\n" }],
    [
      "lines that look like diff lines",
      { a: "--- a\n+++ b\n@@ -1 +1 @@\n" },
      { a: "--- a\n+++ c\n@@ -1 +1 @@\n\\ x\n" },
    ],
  ])("applies and reverses: %s", (_title, before, after) => {
    checkRoundTrip(before, after, renderDiff(planOf([changesBetween(before, after)])));
  });

  test("says nothing when nothing changes", () => {
    expect(renderDiff(planOf([[{ path: "a", before: "1", after: "1" }], []]))).toBe("");
  });

  test("composes the phases of a plan into the final state", () => {
    const before = { edited: "1\n", gone: "x\n", touched: "t\n" };
    const plan = planOf([
      [
        { path: "edited", before: "1\n", after: "2\n" },
        { path: "passing", after: "p\n" },
        { path: "touched", before: "t\n", after: "u\n" },
        { path: "script.sh", after: "a\n", mode: 0o755 },
      ],
      [
        { path: "edited", before: "2\n", after: "3\n" },
        { path: "gone", before: "x\n" },
        { path: "script.sh", before: "a\n", after: "b\n" },
      ],
      [
        { path: "passing", before: "p\n" },
        { path: "touched", before: "u\n", after: "t\n" },
      ],
    ]);
    const diff = renderDiff(plan);
    expect(diff).not.toContain("passing");
    expect(diff).not.toContain("touched");
    const folder = makeRepo(before);
    git(folder, ["apply", "-"], diff);
    expect(git(folder, ["status", "--porcelain"])).toBe(" M edited\n D gone\n?? script.sh\n");
    expect(statSync(join(folder, "script.sh")).mode & 0o111).not.toBe(0);
    expect(execFileSync("cat", [join(folder, "edited"), join(folder, "script.sh")], { encoding: "utf8" })).toBe(
      "3\nb\n",
    );
  });

  test("shows a moved and edited file as a rename that keeps its mode", () => {
    const text = "#!/bin/sh\na\nb\nc\nd\ne\n";
    const move: Edit = {
      kind: "move",
      path: "old/run.sh",
      to: "new/run.sh",
      why: "",
      transform: "t",
      phase: "install",
      cluster: "main",
      evidence: [],
    };
    const files = [
      { path: "new/run.sh", after: `${text}f\n` },
      { path: "old/run.sh", before: text },
    ];
    const diff = renderDiff(planOf([files], [move]));
    expect(diff).toContain("rename from old/run.sh\nrename to new/run.sh\n");
    const folder = makeRepo({ "old/run.sh": text }, { "old/run.sh": 0o755 });
    const start = snapshot(folder);
    git(folder, ["apply", "-"], diff);
    expect(snapshot(folder)).toMatch(/^100755 \w+ 0\tnew\/run\.sh\n$/);
    git(folder, ["apply", "--reverse", "-"], diff);
    expect(snapshot(folder)).toBe(start);
  });

  test("shows a file that changed beyond a diff's worth as replaced", () => {
    const many = (prefix: string) => Array.from({ length: 2000 }, (_, line) => `${prefix}${line}\n`).join("");
    const [before, after] = [{ a: many("x") }, { a: many("y") }];
    checkRoundTrip(before, after, renderDiff(planOf([changesBetween(before, after)])));
  });

  test("property: any texts apply and reverse", () => {
    const line = fc.constantFrom("a", "b", "  - c", "", "é", "+", "-x", "\\ No newline at end of file", "d\r", "\r");
    const text = fc
      .tuple(fc.array(line, { maxLength: 14 }), fc.boolean())
      .map(([lines, end]) => lines.join("\n") + (end && lines.length > 0 ? "\n" : ""));
    const pairs = fc.sample(fc.tuple(fc.option(text, { nil: undefined }), fc.option(text, { nil: undefined })), {
      numRuns: 300,
      seed: 7,
    });
    const pick = (side: 0 | 1) =>
      Object.fromEntries(pairs.flatMap((pair, i) => (pair[side] === undefined ? [] : [[`f${i}`, pair[side]]])));
    const [before, after] = [pick(0), pick(1)];
    checkRoundTrip(before, after, renderDiff(planOf([changesBetween(before, after)])));
  });
});

test("quotePath quotes like git", () => {
  const names = ["plain.yaml", "with blank", 'q"q', "back\\slash", "tab\tx", "käse", "bell\u0007"];
  const folder = makeRepo(Object.fromEntries(names.map((name) => [name, "x"])));
  const listed = git(folder, ["-c", "core.quotePath=true", "ls-files"]).trim().split("\n");
  const ours = names.map(quotePath);
  expect(new Set(ours)).toEqual(new Set(listed));
});
