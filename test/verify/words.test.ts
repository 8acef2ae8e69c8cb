import fc from "fast-check";
import { expect, test } from "vitest";
import { makeWords } from "../../src/change/words.ts";

const piece = fc.constantFrom("a", "b-c", "app", ".", ":", "/", "*", " ", "\n", "é", "_");
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test("many words looked for together are found where each would be found alone", () => {
  const some = fc.array(text, { minLength: 9, maxLength: 20 });
  fc.assert(
    fc.property(some, text, (words, where) => {
      const alone = words.some((word) => makeWords([word]).isIn(where));
      expect(makeWords([...words, ...FILL]).isIn(where)).toBe(alone);
    }),
  );
});

const FILL = Array.from({ length: 9 }, (_, at) => `never-${at}`);

test("an empty name is nowhere", () => {
  expect(makeWords([""]).isIn("name: a")).toBe(false);
  expect(makeWords(["", ...FILL]).isIn("name: a")).toBe(false);
});
