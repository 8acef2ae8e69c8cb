import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../src/delivery/kustomize/regex.ts";

test.each([
  ["^(?:app-.*)$", "app-1", true],
  ["^(?:a|b)$", "b", true],
  ["^(?:(a+)+)$", "aaa", true],
  ["^(?:[[:alpha:]]+)$", "abc", true],
  ["^(?:\\pL+x*y*)$", "ab", true],
  ["^(?:(?i)APP)$", "app", true],
])("%s matches %s: %s", (pattern, text, fits) => {
  expect(compile(pattern)?.test(text)).toBe(fits);
});

test.each(["(", "(?=a)b+", "a**", "(a)\\1", "[z-a]"])("%s is malformed, as for Go", (pattern) => {
  expect(compile(pattern)).toBeUndefined();
});

test.each(["^(?:(a+)+)$", "^(?:(a|a)*)$", "^(?:(a*)*b?)$", "^(?:a*a*a*a*a*a*)$", "^(?:(.*a){20})$"])(
  "%s takes no time that doubles with the text",
  (pattern) => {
    expect(compile(pattern)?.test(`${"a".repeat(5000)}!`)).toBe(false);
  },
);

test("both engines say the same", () => {
  const unit = fc.constantFrom("a", "b", ".", "*", "|", "(a)", "[ab]", "+");
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 6 }),
      fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 6 }),
      (own, text) => {
        const regex = compile(`^(?:${own})$`);
        if (regex) expect(regex.test(text)).toBe(new RegExp(`^(?:${own})$`).test(text));
      },
    ),
    { numRuns: 1000 },
  );
});
