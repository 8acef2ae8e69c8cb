import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { splitDocuments } from "../../src/yaml/documents.ts";
import { readYaml, readYamlCached } from "../../src/yaml/read.ts";
import { readSlowly } from "../../src/yaml/read-slow.ts";

const data = (text: string) => {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.docs.map((doc) => doc.data);
};

/** Document contents as the `yaml` library counts them. */
function libraryDocuments(text: string): { failed: boolean; data: unknown[] } {
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ""), { schema: "core", merge: true });
  if ("empty" in documents) return { failed: false, data: [] };
  const failed = documents.some((document) => document.errors.length > 0);
  return { failed, data: failed ? [] : documents.map((document) => document.toJS() ?? undefined) };
}

function expectAgreement(text: string): void {
  const library = libraryDocuments(text);
  const parsed = readYaml(text);
  if (!parsed.ok || library.failed) return;
  expect(parsed.docs.map((doc) => doc.data)).toEqual(library.data);
  expect(parsed.docs.map((doc) => doc.index)).toEqual(library.data.map((_, index) => index));
  const slices = splitDocuments(text);
  expect(slices).toHaveLength(library.data.length);
  slices.forEach((slice, index) => {
    expect(slice.end).toBe(slices[index + 1]?.start ?? text.length);
    expect(data(text.slice(slice.start, slice.end))).toEqual([library.data[index]]);
  });
}

const tricky = [
  "",
  "\n",
  "# c\n",
  "a: 1",
  "a: 1\n---\n",
  "a: 1\n---",
  "a: 1\n---\n# c\n",
  "---\n---\na: 1\n",
  "# x\n---\na: 1\n",
  "# x\n\n---\n# y\n---\nb: 1\n",
  "a: 1\n...\n",
  "a: 1\n...\n# foo\n",
  "a: 1\n...\nb: 2\n",
  "a: 1\n...\n---\nb: 2\n",
  "...\na: 1\n",
  "...\n...\na: 1\n",
  "%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 1\n",
  "%TAG ! tag:x,2000:\n# c\n---\na: 1\n",
  "---\n...\n---\n...\n",
  "---\n",
  "---",
  "--- # c\n",
  "--- a\n--- b\n",
  "--- |\n a\n---\nb: 1\n",
  "\uFEFF---\na: 1\n",
  "\uFEFF# c\n",
  "a: 1\r\n---\r\nb: 1\r\n",
  "# c\n...\n---\n",
  "a: 1\n...\n...\n",
  "a: 1\n---\n...\n",
  "---\na: 1\n...\n# c\n---\nb: 2\n",
  "a: 1\n---\n\n---\nb: 1",
  "a: |\n  x\n  --- no\n---\nb: 1\n",
  "a: 1\n---\tb\n",
  "null\n---\n~\n",
  "a: b\u2028--- c\n",
  "a: x\n  ---\n",
];

describe("documents of a file", () => {
  it.each(tricky.map((text) => [JSON.stringify(text), text]))("are counted alike in %s", (_, text) => {
    expect(readYaml(text).ok).toBe(true);
    expectAgreement(text);
  });

  it("are counted alike in any row of markers, comments, directives and contents", () => {
    const line = fc.constantFrom(
      "---",
      "...",
      "# c",
      "",
      "a: 1",
      "  # c",
      "--- # c",
      "--- x",
      "%YAML 1.2",
      "- 1",
      "b: |",
      "  x",
      "{}",
      "~",
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 9 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.boolean(),
        (lines, eol, bom, open) => {
          expectAgreement((bom ? "\uFEFF" : "") + lines.join(eol) + (open ? "" : eol));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("readYaml", () => {
  it("gives plain data: timestamps stay strings, merge keys are resolved, unknown tags keep the value", () => {
    expect(
      data(
        "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: 2001-12-14\nd: !include f.yaml\ne: !!timestamp 2001-12-14\nf: yes\n",
      ),
    ).toEqual([{ a: { x: 1, y: 2 }, b: { x: 1, y: 3 }, c: "2001-12-14", d: "f.yaml", e: "2001-12-14", f: "yes" }]);
  });

  it("leaves the data of an empty document undefined", () => {
    expect(readYaml("---\n---\na: 1\n")).toEqual({
      ok: true,
      docs: [
        { index: 0, data: undefined },
        { index: 1, data: { a: 1 } },
      ],
    });
  });

  it.each([
    ["duplicate keys", "a: 1\nb: 2\na: 3\n", 3, 1],
    ["a syntax error", "a:\n  - 1\n b: 2\n", 3, 2],
    ["an error in a later document", "a: 1\n---\nb: [1\n", 4, 1],
  ])("names the place of %s", (_, text, line, col) => {
    expect(readYaml(text)).toMatchObject({ ok: false, line, col });
  });

  it("refuses alias bombs and self-references", () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(", ")}]\n`;
    const bomb = `a: &a [${Array(10).fill("x").join(", ")}]\n${["b", "c", "d", "e", "f", "g"].map((n, i) => level(n, "abcdef"[i]!)).join("")}`;
    expect(readYaml(bomb)).toMatchObject({ ok: false, reason: expect.stringContaining("aliases expand") });
    expect(readYaml("a: &a\n  b: *a\n")).toMatchObject({ ok: false });
    expect(readYaml("[".repeat(20_000))).toMatchObject({ ok: false });
  });

  it("reads an empty item before a dash at a smaller indent, which js-yaml takes for the same list", () => {
    expect(data("- name: a\n  list:\n    -\n- name: b\n")).toEqual([[{ name: "a", list: [null] }, { name: "b" }]]);
    expect(data("a:\n  - - # none\n\n  # c\n  - x\n")).toEqual([{ a: [[null], "x"] }]);
    expect(readYaml("- -\n- a: 1\n  a: 2\n")).toMatchObject({ ok: false, line: 3, col: 3 });
  });

  it("gives the same by its slow way", () => {
    for (const text of tricky) expect(readSlowly(text)).toEqual(readYaml(text));
  });

  it("remembers by text", () => {
    expect(readYamlCached("a: 1\n")).toBe(readYamlCached("a: 1\n"));
    expect(readYamlCached("a: 2\n")).toEqual(readYaml("a: 2\n"));
  });
});
