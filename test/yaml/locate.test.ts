import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editYaml } from "../../src/yaml/edit.ts";
import { extractItem } from "../../src/yaml/extract.ts";
import { locate } from "../../src/yaml/locate.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { readYaml } from "../../src/yaml/read.ts";
import type { YamlPath } from "../../src/yaml/types.ts";
import { sample } from "./generate.ts";

const text = `# head
---
base: &base
  image: x # c
name: &app web
list:
  # about one
  - one: 1 # t
    two: |
      line

      line 2
    # of one
  # about two
  - &anchored
    <<: *base
    k: *app
  - [a, {b: *app}]
merged:
  <<: [*base]
  *app :
    port: 80
none:
---
other: "q"
`;

const at = (path: YamlPath, doc = 0, key = false) => {
  const found = locate(text, doc, path, { key });
  return found && { line: found.line, col: found.col, text: text.slice(found.start, found.end) };
};

describe("locate", () => {
  it("finds values and keys, counted from 1", () => {
    expect(at(["list", 0, "one"])).toEqual({ line: 8, col: 10, text: "1" });
    expect(at(["list", 0, "one"], 0, true)).toEqual({ line: 8, col: 5, text: "one" });
    expect(at(["list", 1], 0, true)).toEqual({ line: 15, col: 3, text: "-" });
    expect(at(["other"], 1)).toEqual({ line: 25, col: 8, text: `"q"` });
    expect(at(["list", 2, 1, "b"])).toEqual({ line: 18, col: 13, text: "*app" });
  });

  it("goes through aliases and merge keys to where the value is written", () => {
    expect(at(["list", 1, "image"])).toEqual({ line: 4, col: 10, text: "x" });
    expect(at(["merged", "image"], 0, true)).toEqual({ line: 4, col: 3, text: "image" });
    expect(at(["merged", "web", "port"])).toEqual({ line: 22, col: 11, text: "80" });
  });

  it("gives an empty range for an empty value, and nothing for what is not there", () => {
    expect(at(["none"])).toEqual({ line: 23, col: 6, text: "" });
    expect(at(["nope"])).toBeUndefined();
    expect(at(["list", 9])).toBeUndefined();
    expect(at(["name", "x"])).toBeUndefined();
    expect(at([], 7)).toBeUndefined();
  });

  it("finds its way in what nests as deep as it is long", () => {
    for (const deep of ["a:\r".repeat(20_000), `${"- ".repeat(20_000)}a`, "[".repeat(20_000) + "]".repeat(20_000)])
      expect(locate(deep, 0, [])?.start).toBe(0);
  });

  it("finds every value of a generated file; the source of a scalar reads as the value", () => {
    fc.assert(
      fc.property(sample, ({ text: file, docs }) => {
        const visit = (doc: number, path: YamlPath, value: unknown): void => {
          const found = locate(file, doc, path);
          expect(found, JSON.stringify(path)).toBeDefined();
          if (typeof value === "object" && value !== null) {
            for (const [key, child] of Object.entries(value))
              visit(doc, [...path, Array.isArray(value) ? Number(key) : key], child);
          } else {
            const source = file.slice(found!.start, found!.end);
            const parsed = readYaml(/^[|>]/.test(source) ? `${source}\n` : source);
            expect(parsed.ok && (parsed.docs[0]?.data ?? null), source).toBe(value);
          }
        };
        for (const [doc, data] of docs.entries()) visit(doc, [], data);
      }),
      { numRuns: 200 },
    );
  });
});

describe("extractItem", () => {
  it("gives an item without its dash, with its comments, at indent 0", () => {
    expect(extractItem(text, 0, ["list", 0])).toBe("# about one\none: 1 # t\ntwo: |\n  line\n\n  line 2\n# of one");
    expect(extractItem("l:\r\n    -   a: 1\r\n        # c\r\n        b: 2\r\n", 0, ["l", 0])).toBe("a: 1\n# c\nb: 2");
    expect(extractItem("l:\n-\n  # c\n  a: 1\n", 0, ["l", 0])).toBe("# c\na: 1");
  });

  it("gives a map value without its key", () => {
    expect(extractItem("m:\n  # k\n  a: # c\n    # i\n    x: 1\n    y:\n    - 2\n  b: 3\n", 0, ["m", "a"])).toBe(
      "# k\n# c\n# i\nx: 1\ny:\n- 2",
    );
    expect(extractItem("m:\n  a: 'x' # c\n", 0, ["m", "a"])).toBe("'x' # c");
  });

  it("keeps blanks at the end of a block scalar", () => {
    for (const body of ["|\n      x  \n", "|+\n      x\n\n\n"]) {
      const file = `l:\n  - a: ${body}  - b\n`;
      const item = extractItem(file, 0, ["l", 0])!;
      const edited = editYaml("l:\n  - q\n", [{ op: "insert", doc: 0, path: ["l"], value: new RawYaml(item) }]);
      const moved = edited.ok ? readYaml(edited.text) : edited;
      const from = readYaml(file);
      expect(moved.ok && from.ok && (moved.docs[0]!.data as { l: unknown[] }).l[1]).toEqual(
        from.ok && (from.docs[0]!.data as { l: unknown[] }).l[0],
      );
    }
  });

  it("writes out aliases of scalars, and gives up on aliases of collections", () => {
    expect(extractItem(text, 0, ["list", 2])).toBe("[a, {b: web}]");
    expect(extractItem(text, 0, ["list", 1])).toBeUndefined();
    expect(extractItem("n: &n '{x}'\nm: &m [x]\nl:\n  - a: *n\n    b: &i 1\n    c: *i\n", 0, ["l", 0])).toBe(
      "a: '{x}'\nb: &i 1\nc: *i",
    );
    expect(extractItem("n: &n a, b\nl: [[*n]]\n", 0, ["l", 0])).toBe(`["a, b"]`);
  });

  it("means the same as what it was taken from", () => {
    fc.assert(
      fc.property(sample, ({ text: file, docs }) => {
        docs.forEach((data, doc) => {
          for (const [key, value] of Object.entries(data as object)) {
            const item = extractItem(file, doc, [Array.isArray(data) ? Number(key) : key]);
            if (item === undefined) {
              expect(value).toBeNull();
              continue;
            }
            const parsed = readYaml(`${item}\n`);
            expect(parsed.ok && (parsed.docs[0]?.data ?? null), item).toEqual(value);
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe("a map of many keys", () => {
  const line = (key: string, at: number) => `  ${key}: ${at}\n`;
  const many = (most: number) => `data:\n${Array.from({ length: most }, (_, at) => line(`key-${at}`, at)).join("")}`;

  it("finds each, the first one of two that are called the same, and none that is not there", () => {
    const twice = many(100) + line("key-7", 100);
    for (const at of [0, 7, 99]) expect(locate(twice, 0, ["data", `key-${at}`])?.line).toBe(at + 2);
    expect(locate(twice, 0, ["data", "key-100"])).toBeUndefined();
    expect(locate(twice, 0, ["data", "get"])).toBeUndefined();
  });
});
