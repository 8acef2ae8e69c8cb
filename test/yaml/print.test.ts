import fc from "fast-check";
import yaml from "js-yaml";
import { describe, expect, it } from "vitest";
import { printDocument, printYaml } from "../../src/yaml/print.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { DEFAULT_STYLE, detectStyle } from "../../src/yaml/style.ts";
import type { YamlStyle } from "../../src/yaml/types.ts";

const style = (part: Partial<YamlStyle> = {}): YamlStyle => ({ ...DEFAULT_STYLE, ...part });

describe("printYaml", () => {
  it("writes the way siblings do", () => {
    const value = { a: { l: ["x", { b: 1, c: ["y"] }], e: [], m: {}, z: null }, text: "l1\n  l2\n", off: "off" };
    expect(printYaml(value, style())).toBe(
      `a:\n  l:\n    - x\n    - b: 1\n      c:\n        - "y"\n  e: []\n  m: {}\n  z: null\ntext: |\n  l1\n    l2\n"off": "off"\n`,
    );
    expect(
      printYaml(
        { a: { l: [{ b: ["c"] }] }, s: "no" },
        style({ indent: 4, indentSequences: false, quote: "single", eol: "\r\n" }),
      ),
    ).toBe("a:\r\n    l:\r\n    - b:\r\n      - c\r\ns: 'no'\r\n");
  });

  it("leaves out undefined", () => {
    expect(printYaml({ a: undefined, b: { c: undefined, d: 1 } }, style())).toBe("b:\n  d: 1\n");
  });

  it("means the same to YAML 1.1 and 1.2 readers, in every style", () => {
    const odd = fc.constantFrom(
      "yes",
      "On",
      "~",
      "1e3",
      "0o7",
      "0b1",
      "1_0",
      "12:30",
      "2001-01-01",
      "=",
      "<<",
      "- a",
      "a: b",
      "a #b",
      "#",
      "&a",
      "*a",
      "?",
      "-",
      ":",
      "'",
      '"',
      "---",
      "...",
      "%",
      "@",
      "`",
      "{",
      "]",
      "!x",
      "|",
      " a",
      "a ",
      "\t",
      "a\nb",
      "a\n\n",
      "\n",
      " a\nb",
      "a\n\tb\n",
      "\u0085",
      "\u2028",
      "\ufeff",
      "a\u202eb",
      "\u200b",
      "\ud800",
      "a\r\nb",
      "\u0000",
      "null",
      ".inf",
      "0x1",
      "1.",
      ".5",
      "+1",
      "é🙂",
    );
    const leaf = fc.oneof(odd, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        leaf,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(odd, fc.string()), tie("tree"), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    const styles = fc.record({
      indent: fc.constantFrom(2, 4),
      indentSequences: fc.boolean(),
      documentStart: fc.boolean(),
      quote: fc.constantFrom<YamlStyle["quote"]>("plain", "double", "single"),
      eol: fc.constantFrom<YamlStyle["eol"]>("\n", "\r\n"),
    });
    fc.assert(
      fc.property(tree, styles, (value, chosen) => {
        const text = printDocument({ value }, chosen, { leadingComments: ["c"] });
        // Half a pair of surrogates is nothing that Go could read, and in no file that it did.
        const refused = text.includes("\\ud800") ? { goRefuses: expect.anything() } : {};
        expect(readYaml(text), text).toEqual({ ok: true, docs: [{ index: 0, data: { value } }], ...refused });
        expect(yaml.load(text)).toEqual({ value });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("printDocument", () => {
  it("puts marker, schema hint and comments first", () => {
    expect(
      printDocument({ a: 1 }, style(), { schema: "https://x/y.json", leadingComments: ["why", "# raw", ""] }),
    ).toBe("---\n# yaml-language-server: $schema=https://x/y.json\n# why\n# raw\n\na: 1\n");
    expect(printDocument({ a: 1 }, style({ documentStart: false }))).toBe("a: 1\n");
  });
});

describe("detectStyle", () => {
  it("takes the majority of the texts", () => {
    const wide = "a:\n    b: 'x'\n    l:\n    - 1\n";
    const narrow = '---\na:\n  b: "x"\n  l:\n    - 1\n';
    expect(detectStyle([wide, wide, narrow])).toEqual({
      indent: 4,
      indentSequences: false,
      documentStart: false,
      quote: "single",
      eol: "\n",
    });
    expect(detectStyle([wide, narrow, `# c\n${narrow}`])).toEqual(DEFAULT_STYLE);
    expect(detectStyle(["a:\r\n  b: x\r\n"])).toMatchObject({ eol: "\r\n", documentStart: false, quote: "plain" });
  });

  it("says the fallback where nothing votes, and ignores the insides of block scalars", () => {
    expect(detectStyle([])).toEqual(DEFAULT_STYLE);
    expect(detectStyle([""], style({ indent: 4 }))).toMatchObject({ indent: 4 });
    expect(detectStyle(["---\na: |\n  x:\n        y: 'z'\nb:\n  c: 1\n"])).toMatchObject({ indent: 2, quote: "plain" });
  });

  it("survives texts that do not parse", () => {
    expect(detectStyle(["a: [\n  {{ x }}\n"])).toMatchObject({ documentStart: false });
  });
});

it("spells out what does not show, or turns a line around", () => {
  for (const quote of ["plain", "single", "double"] as const)
    expect(printYaml({ "a\u200b": "b\u202ec" }, style({ quote }))).toBe('"a\\u200b": "b\\u202ec"\n');
});
