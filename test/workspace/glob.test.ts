import fc from "fast-check";
import { expect, test } from "vitest";
import { compileSegment } from "../../src/files/glob.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });

test("a segment matches as the regular expression that says the same", () => {
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), (glob, text) => {
      const source = [...glob].map((char) => ({ "*": ".*", "?": "." })[char] ?? char).join("");
      expect(compileSegment(glob)(text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["[a-c]x", "bx", true],
  ["[a-c]x", "dx", false],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["[", "[", true],
  ["[z-a]", "z", false],
])("%s and %s: %s", (glob, text, fits) => {
  expect(compileSegment(glob)(text)).toBe(fits);
});

test("many stars take no longer than their number times the text", () => {
  expect(compileSegment(`${"*a".repeat(5000)}*b`)("a".repeat(10_000))).toBe(false);
});
