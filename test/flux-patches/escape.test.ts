import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  carryText,
  escapeSubstitution,
  findVariable,
  isSubstitutable,
  locateVariable,
  unescapeSubstitution,
} from "../../src/instance/patches/escape.ts";

/**
 * What Flux's envsubst does with text: `${` opens an expression, two dollar signs make one, anything else stays
 * (flux-facts 2.9). Expressions only have to be noticed here.
 */
function substitute(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith("${", at)) throw new Error(`expression at ${at}`);
    if (text.startsWith("$$", at)) at++;
    out += text[at];
  }
  return out;
}

describe("escaping for post-build substitution", () => {
  test.each([
    ["${A}", "$${A}"],
    ["$(RUNTIME_NAMESPACE)", "$(RUNTIME_NAMESPACE)"],
    ["$patch: delete", "$patch: delete"],
    ["a$$b", "a$$$$b"],
    ["$$${A}", "$$$$$${A}"],
    ["^x$", "^x$"],
  ])("%s", (text, expected) => expect(escapeSubstitution(text)).toBe(expected));

  test("one pass gives back any text", () => {
    const part = fc.constantFrom("$", "$", "{", "}", "a", "(", "\n", "A:-b");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const text = parts.join("");
        expect(substitute(escapeSubstitution(text))).toBe(text);
        if (!isSubstitutable(text)) expect(escapeSubstitution(text)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test("what one pass makes of escaped text is the text", () => {
    const part = fc.constantFrom("$", "$", "{", "}", "a", "\n");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const text = escapeSubstitution(parts.join(""));
        expect(unescapeSubstitution(text)).toBe(substitute(text));
        expect(findVariable(text)).toBeUndefined();
      }),
    );
  });

  test.each([
    [false, true, "$${A}$$", "${A}$"],
    [true, false, "${A}$$", "$${A}$$$$"],
    [true, true, "${A}$$", "${A}$$"],
    [false, false, "${A}$$", "${A}$$"],
  ])("next %s, today %s: %s is written as %s", (substituted, oldSubstituted, text, expected) =>
    expect(carryText(text, { substituted, oldSubstituted })).toBe(expected),
  );

  test("the first variable that is filled in, and its line", () => {
    expect(findVariable("a $(B) $$ $${C}\n$$${ D:=x} ${E}")).toBe("D");
    expect(findVariable("$ {A} $${B} $$$$")).toBeUndefined();
    const at = { file: "f", line: 2, col: 1 };
    expect(locateVariable("${D}\nx\n  y: ${D:=x}\n", at, "D")).toEqual({ file: "f", line: 3, col: 6 });
    expect(locateVariable("x\n", at, "D")).toBe(at);
  });
});
