import { expect, test } from "vitest";
import { ExpressionError, expand, type Lookup } from "../../src/delivery/kustomize/expression.ts";

const values: Record<string, string> = { a: "abc", path: "/x/y/z.tar.gz", e: "", A_1: "Up", b: "B" };
const lookup: Lookup = (name) => (name === "secret" ? "unknown" : { value: values[name] });

test.each([
  ["${a}-${A_1}", "abc-Up"],
  ["$a $(a) $patch", "$a $(a) $patch"],
  ["$${a} $$", "${a} $"],
  ["${gone}", ""],
  ["${e:-d} ${gone:=d} ${gone=d} ${e:+d} ${gone:?d} ${a:-d}", "d d d d d abc"],
  ["${gone:-${a}}", "abc"],
  ["${gone:-${e:-x}y}", "xy"],
  ["${#a}", "3"],
  ["${a^} ${a^^} ${b,} ${b,,}", "Abc ABC b b"],
  ["${a:1} ${a:0:2} ${a:1:1}", "bc ab b"],
  ["${path##*/} ${path#*/} ${path%.*} ${path%%.*}", "z.tar.gz x/y/z.tar.gz /x/y/z.tar /x/y/z"],
  ["${a/b/_} ${path//\\//_}", "a_c _x_y_z.tar.gz"],
  ["${a/#a/_} ${a/%c/_}", "_bc ab_"],
])("expands %s", (text, wanted) => {
  expect(expand(text, lookup)).toEqual({ text: wanted, unknown: [] });
});

test.each(["${{ x }}", "${a.b}", "${a-b}", "${}", "${a", "${a+b}", "${a?b}"])("cannot parse %s", (text) => {
  expect(() => expand(text, lookup)).toThrow(ExpressionError);
});

test("refuses unset variables when strict, but for defaults", () => {
  expect(() => expand("${gone}", lookup, true)).toThrow("variable not set: gone");
  expect(() => expand("${gone^^}", lookup, true)).toThrow(ExpressionError);
  expect(expand("${gone:-x}${e}", lookup, true).text).toBe("x");
});

test("leaves an expression that needs an unknown variable and names the variable", () => {
  expect(expand("x-${secret}-${a}", lookup)).toEqual({ text: "x-${secret}-abc", unknown: ["secret"] });
  expect(expand("${gone:-${secret}}", lookup)).toEqual({ text: "${gone:-${secret}}", unknown: ["secret"] });
  expect(expand("${a:-${secret}}", lookup)).toEqual({ text: "abc", unknown: [] });
  // What is known of a default is filled in: two apps must not share one id.
  expect(expand("${secret:-${a}}-x", lookup)).toEqual({ text: "${secret:-abc}-x", unknown: ["secret"] });
  expect(expand("${secret/${a}/x}", lookup)).toEqual({ text: "${secret/${a}/x}", unknown: ["secret"] });
});

test("a nested default is followed for a hundred levels and unknown beyond, and no text grows without end", () => {
  const nested = (levels: number) => `${"${a:=".repeat(levels)}x${"}".repeat(levels)}`;
  const unset = () => ({ value: undefined });
  expect(expand(nested(100), unset)).toEqual({ text: "x", unknown: [] });
  expect(expand(nested(3000), unset)).toEqual({ text: nested(3000), unknown: ["a"] });
  const long = { value: "x".repeat(1 << 20) };
  expect(expand("${a}".repeat(100), () => long).unknown).toEqual(["a"]);
  expect(expand(`\${a//x/${"y".repeat(100)}}`, () => long).unknown).toEqual(["a"]);
  expect(expand(`\${a##${"*y".repeat(100)}}`, () => long).unknown).toEqual(["a"]);
});
