import { expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";

/** As the API of kustomize 5.5 says of them, below the head of a ConfigMap. */
test.each<[string, string, number | undefined]>([
  ["a tab before a comment", "a: {}\n\t# b\n", 2],
  ["behind a plain scalar", "a: b\n\t\nc: d\n", 2],
  ["as deep as what continues that scalar", "a: b\n \t\nc: d\n", undefined],
  ["less deep than that, in a list", "a:\n  - b\n  \t\n  - c\n", 3],
  ["deep enough there", "a:\n  - b\n   \t\n  - c\n", undefined],
  ["behind a quoted scalar", "a: 'b'\n     \t\nc: d\n", 2],
  ["below a key", "a:\n\t\n  b: c\n", 2],
  ["at the very end", "a: {b: c}\n\t", 2],
  ["behind a dash", "a:\n-\tb\n", 2],
  ["behind a dash without an item", "a:\n- b\n-\t\n", 3],
  ["before a value on its own line", "a:\n  \t'b'\n", 2],
  ["behind a colon or a value", "a:\tb\t\nc: {d: e}\t# f\n", undefined],
  ["in a flow collection", "a: [\n\tb,\n\tc\n]\n", undefined],
  ["behind a plain scalar there", "a: [\n\tb\n\t, c\n]\n", 3],
  ["in JSON", '{\n\t"a": {\n\t\t"b": "c"\n\t}\n}\n', undefined],
  ["in a quoted scalar", "a: 'b\n\tc'\n", undefined],
  ["in a block of text", "a: |\n  b\n  \tc\n  \t\n", undefined],
  ["as the indent of a block of text", "a: |\n  \tb\n", 2],
  ["below a block of text", "a: |\n  b\n\t\n", 3],
  ["below what looks like a comment in it", "a: |\n  # b\n\t# c\n", 3],
  ["in a block of comments", "a: 'b'\n# c\n\t\n\t# d\n\n # e\ne: f\n", undefined],
  ["below that block", "a: 'b'\n# c\n\t\nd: e\n", 3],
  ["below a comment beside something", "a: 'b' # c\n\t# d\n", 2],
  ["a control character in a comment", "a: b\n# \u0007\n", 2],
  ["an escape that JSON has", 'a: "\\/"\n', 1],
  ["a pair of surrogates", 'a: ["\\uD83D\\ude00"]\n', 1],
  ["a backslash that is escaped", 'a: "\\\\/\\\\ud83d \\U0001F600"\n', undefined],
  ["a question mark in a flow collection", "a: {b: http://c/?d}\n", 1],
  ["one in a comment there, and one in quotes", "a: {b: !!str # c?\n  d, e: '?'}\n", undefined],
])("%s", (_, text, line) => {
  const read = readYaml(text);
  expect(read.ok && read.goRefuses?.line).toBe(line);
});

test("takes no longer for many tabs, lines and nodes than the text is long", { timeout: 5000 }, () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `k${index}: v\n \t\n# c\n\t# d\n`);
  expect(readYaml(lines.join(""))).toMatchObject({ ok: true });
});
