import { describe, expect, it } from "vitest";
import { del, edit, insert, set } from "./ops.ts";

describe("flow collections on one line", () => {
  it("lose an entry with one comma", () => {
    const text = "l: [a, b, c] # k\n";
    expect(edit(text, del("l", 0))).toBe("l: [b, c] # k\n");
    expect(edit(text, del("l", 1))).toBe("l: [a, c] # k\n");
    expect(edit(text, del("l", 2))).toBe("l: [a, b] # k\n");
    expect(edit("l: [ a, b, ]\n", del("l", 1))).toBe("l: [ a, ]\n");
    expect(edit("l: { a: 1, b: [x], c }\n", del("l", "b"))).toBe("l: { a: 1, c }\n");
    expect(edit("l: [ a ]\n", del("l", 0))).toBe("l: []\n");
    expect(edit("{a: 1}\n", del("a"))).toBe("{}\n");
  });

  it("gain an entry", () => {
    expect(edit("l: [a]\n", insert(["l"], "x, y"))).toBe(`l: [a, "x, y"]\n`);
    expect(edit("l: [ a, b ]\n", insert(["l"], { k: [1] }, 1))).toBe("l: [ a, { k: [1] }, b ]\n");
    expect(edit("m: {a: 1}\n", set(["m", "b", "c"], true))).toBe("m: {a: 1, b: { c: true }}\n");
    expect(edit("m: [{}]\n", set(["m", 0, "b"], 1))).toBe("m: [{ b: 1 }]\n");
  });

  it("change a value in its own quotes", () => {
    expect(edit(`m: {a: 'x', b: "y", c: z, d: , e}\n`, set(["m", "a"], "o'k"), set(["m", "b"], "q"))).toBe(
      `m: {a: 'o''k', b: "q", c: z, d: , e}\n`,
    );
    expect(edit("m: {c: z, d: , e}\n", set(["m", "c"], "[x"), set(["m", "d"], 1), set(["m", "e"], "v"))).toBe(
      `m: {c: "[x", d: 1, e: v}\n`,
    );
  });

  it("stay JSON where the file is JSON", () => {
    const text = `{\n  "a": {"b": "x"},\n  "l": [\n    1\n  ]\n}\n`;
    expect(edit(text, set(["a", "c"], "y"), insert(["l"], { k: "v" }), set(["n"], "z"))).toBe(
      `{\n  "a": {"b": "x", "c": "y"},\n  "l": [\n    1,\n    {"k": "v"}\n  ],\n  "n": "z"\n}\n`,
    );
  });
});

describe("flow collections over several lines", () => {
  const text = "l: [\n  a, # of a\n  # of b\n  b,\n  c # of c\n]\nm: 1\n";

  it("lose whole lines with their comments", () => {
    expect(edit(text, del("l", 0))).toBe("l: [\n  # of b\n  b,\n  c # of c\n]\nm: 1\n");
    expect(edit(text, del("l", 1))).toBe("l: [\n  a, # of a\n  c # of c\n]\nm: 1\n");
    expect(edit(text, del("l", 2))).toBe("l: [\n  a, # of a\n  # of b\n  b\n]\nm: 1\n");
  });

  it("gain lines, and a comma where the last had none", () => {
    expect(edit(text, insert(["l"], "d"))).toBe("l: [\n  a, # of a\n  # of b\n  b,\n  c, # of c\n  d\n]\nm: 1\n");
    expect(edit(text, insert(["l"], "d", 1))).toBe("l: [\n  a, # of a\n  d,\n  # of b\n  b,\n  c # of c\n]\nm: 1\n");
    expect(edit("l: [\n  a,\n]\n", insert(["l"], "d"))).toBe("l: [\n  a,\n  d,\n]\n");
    expect(edit("l: [\n  a, b,\n  c, d\n]\n", insert(["l"], "e"))).toBe("l: [\n  a, b,\n  c, d,\n  e\n]\n");
  });

  it("keep the line of the neighbour when several items share it", () => {
    expect(edit("l: [\n  a, b,\n  c, d\n]\n", del("l", 2))).toBe("l: [\n  a, b,\n  d\n]\n");
    expect(edit("l: [\n  a, b,\n  c, d\n]\n", del("l", 1))).toBe("l: [\n  a,\n  c, d\n]\n");
  });
});
