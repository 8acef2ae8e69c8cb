import { describe, expect, it } from "vitest";
import { checkMinimal } from "../../bench/corpus/gate/minimal.ts";
import { checkParse } from "../../bench/corpus/gate/parse.ts";
import type { PhasePlan } from "../../bench/corpus/gate/plan-json.ts";
import { checkReversible } from "../../bench/corpus/gate/reversible.ts";
import { type Files, tree } from "./trees.ts";

const planned = (files: Record<string, string | undefined>) => new Map(Object.entries(files));

describe("item 1: YAML parses and only planned files change", () => {
  const before = { "a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "broken.yaml": "a: [1\n" };
  const judge = (after: Files, plan: Record<string, string | undefined>) =>
    checkParse({ before: tree(before), after: tree(after), planned: planned(plan) });

  it("accepts a planned edit, a planned file and what never parsed", () => {
    const after = { ...before, "a.yaml": "a: 2\n", "c.yaml": "c: 1\n" };
    expect(judge(after, { "a.yaml": "a: 2\n", "c.yaml": "c: 1\n" }).status).toBe("ok");
  });

  it.each<[string, Files, Record<string, string | undefined>]>([
    ["a file that no longer parses", { ...before, "a.yaml": "a: [\n" }, { "a.yaml": "a: [\n" }],
    ["duplicate keys", { ...before, "a.yaml": "a: 1\na: 2\n" }, { "a.yaml": "a: 1\na: 2\n" }],
    ["a new file that does not parse", { ...before, "c.yaml": "a: 'x\n" }, { "c.yaml": "a: 'x\n" }],
    ["a change outside the plan", { ...before, "b.yaml": "b: 2\n" }, {}],
    ["a deletion outside the plan", { "a.yaml": "a: 1\n", "broken.yaml": "a: [1\n" }, {}],
    ["other bytes than the plan shows", { ...before, "a.yaml": "a: 3\n" }, { "a.yaml": "a: 2\n" }],
    ["a planned file that was not written", before, { "c.yaml": "c: 1\n" }],
  ])("fails %s", (_title, after, plan) => {
    expect(judge(after, plan).status).toBe("FAIL");
  });
});

describe("item 9: reversible and repeatable", () => {
  const before = tree({ "a.yaml": "a: 1\n" });
  const after = tree({ "a.yaml": "a: 2\n" });
  const good = { before, after, undone: before, redone: after, again: after, patched: after, unpatched: before };

  it("accepts a clean round trip", () => {
    expect(checkReversible(good).status).toBe("ok");
  });

  it.each([
    ["a second run that changes something", { again: tree({ "a.yaml": "a: 3\n" }) }],
    ["an undo that leaves a file", { undone: tree({ "a.yaml": "a: 1\n", "b.yaml": "" }) }],
    ["a diff that does not apply", { patchError: "corrupt patch" }],
    ["a diff that leads elsewhere", { patched: tree({ "a.yaml": "a: 2" }) }],
    ["a diff that does not reverse", { unpatched: after }],
    ["another result after undo", { redone: before }],
  ])("fails %s", (_title, change) => {
    expect(checkReversible({ ...good, ...change }).status).toBe("FAIL");
  });
});

describe("item 10: minimal diffs", () => {
  const text = "# head\na: 1 # one\n\n# about b\nb:\n  - x\n  # about y\n  - y\nc: {k: 1,  l: 2}\n";
  const judge = (newText: string, ranges: { start: number; end: number; text: string }[], oldText = text) => {
    const edit = {
      kind: "replace",
      path: "f.yaml",
      ranges,
      why: "w",
      transform: "t",
      phase: "install",
      cluster: "c",
      evidence: [],
    };
    const phase = { phase: "install", files: [], clusters: [{ edits: [edit] }] } as unknown as PhasePlan;
    return checkMinimal({ before: tree({ "f.yaml": oldText }), after: tree({ "f.yaml": newText }), phase });
  };
  const splice = (start: string, end: string, replacement: string, oldText = text) => {
    const from = oldText.indexOf(start);
    const to = oldText.indexOf(end, from) + end.length;
    const newText = oldText.slice(0, from) + replacement + oldText.slice(to);
    return judge(newText, [{ start: from, end: to, text: replacement }], oldText);
  };

  it("accepts an edit of one value", () => {
    expect(splice("1 # one", "1", "2").reasons).toEqual([]);
  });

  it("accepts the removal of an item with its own comment", () => {
    expect(splice("  # about y\n", "- y\n", "").reasons).toEqual([]);
  });

  it("accepts an item that is added", () => {
    expect(splice("  - x\n", "", "  - w\n  - x\n").reasons).toEqual([]);
  });

  it("fails a lost comment", () => {
    expect(splice("# head\n", "1", "a: 2").reasons.join()).toContain("lost the comment # head");
  });

  it("fails a comment of another node that goes with a removed item", () => {
    expect(splice("# about b\nb:\n  - x\n", "- x\n", "b:\n").reasons.join()).toContain("# about b");
  });

  it("fails a reformatted value", () => {
    expect(splice("{k: 1,  l: 2}", "}", "{ k: 1, l: 2 }").reasons.join()).toContain("c kept its value");
  });

  it("fails when the edits do not explain the result", () => {
    expect(judge(text.replace("a: 1", "a: 2"), []).status).toBe("FAIL");
  });

  it("fails a file replaced as a whole", () => {
    expect(
      judge(text.replace("a: 1", "a: 2"), [{ start: 0, end: text.length, text: text.replace("a: 1", "a: 2") }]).status,
    ).toBe("FAIL");
  });

  it("fails line ends that change", () => {
    const crlf = "a: 1\r\nb: 2\r\n";
    expect(splice("a: 1\r\n", "\n", "a: 2\n", crlf).status).toBe("FAIL");
  });
});
