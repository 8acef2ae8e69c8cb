import { describe, expect, it } from "vitest";
import { editYaml } from "../../src/yaml/edit.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { asWritten } from "../../src/yaml/text.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { stopAfter } from "../hostile/growth.ts";
import { edit } from "./ops.ts";

const drop = (doc: number): YamlOp => ({ op: "delete-document", doc });
const append = (text: string): YamlOp => ({ op: "append-document", text: new RawYaml(asWritten(text)) });

describe("delete-document", () => {
  const marked = "---\n# of a\na: 1\n# end of a\n---\n# of b\nb: 1\n\n---\n# of c\nc: 1\n";

  it("takes the marker and the comments of that document", () => {
    expect(edit(marked, drop(0))).toBe("---\n# of b\nb: 1\n\n---\n# of c\nc: 1\n");
    expect(edit(marked, drop(1))).toBe("---\n# of a\na: 1\n# end of a\n---\n# of c\nc: 1\n");
    expect(edit(marked, drop(2))).toBe("---\n# of a\na: 1\n# end of a\n---\n# of b\nb: 1\n");
  });

  it("keeps the habit of a file that does not start with a marker", () => {
    expect(edit("a: 1\n---\nb: 1\n---\nc: 1\n", drop(0))).toBe("b: 1\n---\nc: 1\n");
    expect(edit("a: 1\n--- # why\nb: 1\n", drop(0))).toBe("--- # why\nb: 1\n");
    expect(edit("a: 1\n--- |\n  text\n", drop(0))).toBe("--- |\n  text\n");
  });

  it("counts empty documents, and handles end markers and directives", () => {
    expect(edit("---\n---\na: 1\n", drop(0))).toBe("---\na: 1\n");
    expect(edit("---\na: 1\n---\n", drop(1))).toBe("---\na: 1\n");
    expect(edit("a: 1\n...\n%YAML 1.2\n---\nb: 1\n", drop(0))).toBe("%YAML 1.2\n---\nb: 1\n");
    expect(edit("a: 1\n...\n# of b\n---\nb: 1\n", drop(1))).toBe("a: 1\n...\n");
    expect(edit("\uFEFF---\r\na: 1\r\n---\r\nb: 1\r\n", drop(0))).toBe("\uFEFF---\r\nb: 1\r\n");
  });

  it("keeps the blank lines that a kept block scalar ends with", () => {
    expect(edit("a: |+\n  x\n\n---\nb: 1\n", drop(1))).toBe("a: |+\n  x\n\n");
  });

  it("empties a file of one document", () => {
    expect(edit("---\n# c\na: 1\n", drop(0))).toBe("");
    expect(edit("a: 1\n---\nb: 1\n", drop(1), drop(0))).toBe("");
  });
});

describe("append-document", () => {
  it("adds it under a marker, in the file's line breaks", () => {
    expect(edit("a: 1\n", append("# of b\nb: 1\n"))).toBe("a: 1\n---\n# of b\nb: 1\n");
    expect(edit("---\r\na: 1", append("b: 1\n"))).toBe("---\r\na: 1\r\n---\r\nb: 1\r\n");
    expect(edit("a: 1\n...\n", append("b: 1"))).toBe("a: 1\n...\n---\nb: 1\n");
    expect(edit("", append("b: 1\n"))).toBe("b: 1\n");
  });

  it("is seen by later operations, and so is a deletion", () => {
    const ops: YamlOp[] = [
      append("b:\n  - 1\n"),
      { op: "insert", doc: 1, path: ["b"], value: 2 },
      drop(0),
      { op: "set", doc: 0, path: ["c"], value: 3 },
    ];
    expect(edit("---\na: 1\n", ...ops)).toBe("---\nb:\n  - 1\n  - 2\nc: 3\n");
  });
});

describe("ranges", () => {
  it("are of the original text, in order, and as small as they can be", () => {
    const text = "a: 1\nb: long value\nc:\n  - x\n  - y\n";
    const result = editYaml(text, [
      { op: "set", doc: 0, path: ["a"], value: 12 },
      { op: "set", doc: 0, path: ["b"], value: "long walue" },
      { op: "insert", doc: 0, path: ["c"], value: "z" },
      { op: "delete", doc: 0, path: ["c", 0] },
    ]);
    expect(result).toEqual({
      ok: true,
      text: "a: 12\nb: long walue\nc:\n  - y\n  - z\n",
      ranges: [
        { start: 4, end: 4, text: "2" },
        { start: 13, end: 14, text: "w" },
        { start: 22, end: 28, text: "" },
        { start: 34, end: 34, text: "  - z\n" },
      ],
    });
  });

  it("are none for an operation that changes nothing", () => {
    const text = "a: {x: 1}\nb: 'q'\n";
    const result = editYaml(text, [
      { op: "set", doc: 0, path: ["a"], value: { x: 1 } },
      { op: "set", doc: 0, path: ["b"], value: "q" },
    ]);
    expect(result).toEqual({ ok: true, text, ranges: [] });
  });
});

describe("many documents", () => {
  const text = Array.from({ length: 2000 }, (_, index) => `---\na: ${index}\nb:\n  - x\n`).join("");

  it("take time that grows with the file, not with its square", () => {
    const ops = Array.from({ length: 2000 }, (_, doc): YamlOp => ({ op: "set", doc, path: ["a"], value: "new" }));
    // One by one on the whole text they take minutes.
    const result = stopAfter(() => editYaml(text, ops), 50_000);
    expect(result.ok && result.text).toBe(text.replace(/a: \d+/g, "a: new"));
    expect(result.ok && result.ranges.length).toBe(2000);
  });

  it("fail at the operation that comes first, not at the document that does", () => {
    const missing = (doc: number): YamlOp => ({ op: "delete", doc, path: [`c${doc}`] });
    expect(editYaml(text, [missing(9), missing(2)])).toMatchObject({
      ok: false,
      line: 9 * 4 + 2,
      reason: "there is no c9 to delete",
    });
  });
});
