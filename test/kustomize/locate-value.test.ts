import { expect, test } from "vitest";
import { locateIn } from "../../src/delivery/kustomize/locate-value.ts";
import { memoryTree } from "../support/memory.ts";

const TEXT = `# a.yaml
resources:
  - ./a.yaml # the first
  - "b c.yaml"
  - d e.yaml
  - {x: 1}
configMapGenerator:
  - name: g
    files: [k=f.yaml, 'h.yaml', ../up/i.yaml]
other: [a.yaml]
`;
const tree = memoryTree({ "kustomization.yaml": TEXT });

test.each([
  ["resources", "./a.yaml", 3, 5],
  ["resources", "a.yaml", 3, 7],
  ["resources", "b c.yaml", 4, 6],
  ["resources", "d e.yaml", 5, 5],
  ["resources", "f.yaml", 2, 1],
  ["resources", "", 2, 1],
  ["configMapGenerator", "f.yaml", 9, 15],
  ["configMapGenerator", "k=f.yaml", 9, 13],
  ["configMapGenerator", "h.yaml", 9, 24],
  ["configMapGenerator", "i.yaml", 9, 39],
  ["other", "a.yaml", 10, 9],
  ["none", "x", 1, 1],
])("in %s, %j stands in line %i, column %i", (field, value, line, col) => {
  expect(locateIn(tree, "kustomization.yaml", field, value)).toEqual({ file: "kustomization.yaml", line, col });
});

test("of texts that begin alike, each is found by all of its lines", () => {
  const text = "patches:\n- patch: |\n    - op: add\n      value: a\n- patch: |-\n    - op: add\n      value: b\n";
  const lineOf = (value: string) => locateIn(memoryTree({ k: text }), "k", "patches", value).line;
  expect(lineOf("- op: add\n  value: a\n")).toBe(3);
  expect(lineOf("- op: add\n  value: b")).toBe(6);
  expect(lineOf("- op: add\n  value: c")).toBe(3);
});
