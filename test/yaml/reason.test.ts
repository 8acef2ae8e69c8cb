import { expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";

/** Text that the slower reader takes: an item with nothing in it, and a list further out. */
const SLOWLY = "- -\n- a\n---\n";

test.each([
  ["an alias", "a: *hunter2\n"],
  ["a handle of tags", "a: !hunter2!x y\n"],
  ["a tag", "a: !hunter2{x y\n"],
  ["a tag of YAML that there is none of", "a: !!hunter2 y\n"],
  ["a tag of YAML that does not fit", "a: !!int hunter2\n"],
  ["an escape", 'a: "hunter2\\q"\n'],
  ["a key in a value", "a: hunter2: hunter2\n"],
  ["a text that does not end", 'a: "hunter2\nb: hunter2\n'],
  ["the head of a block", "a: |hunter2\n  b\n"],
  ["the end of a flow collection", "a: {b: hunter2]\n"],
])("does not say what stands there, which may be a password: %s", (_, text) => {
  for (const whole of [text, SLOWLY + text]) {
    const read = readYaml(`kind: Secret\n---\n${whole}`);
    expect(read.ok ? "" : read.reason).not.toMatch(/hunter/);
  }
});

test("still says what is wrong", () => {
  const saying = (text: string) => {
    const read = readYaml(text);
    return read.ok ? "" : read.reason;
  };
  expect(saying("a: *b\n")).toBe("an alias without its anchor; a text that begins with * needs quotes");
  expect(saying("a: !b!x y\n")).toBe("an unknown tag; a text that begins with ! needs quotes");
  expect(saying("a: 1\na: 2\n")).toBe("duplicated mapping key");
});
