import { expect, test } from "vitest";
import { setAtTarget } from "../../src/cluster/target-path.ts";

// `typedVal` of Helm's strvals, which tries `strconv.ParseInt(text, 10, 64)` on what begins with no zero.
test.each([
  ["0", 0],
  ["-0", 0],
  ["+5", 5],
  ["-05", -5],
  ["12", 12],
  ["1234567890123456", 1234567890123456],
  ["9223372036854775807", 2 ** 63],
  ["9223372036854775808", "9223372036854775808"],
  ["-9223372036854775809", "-9223372036854775809"],
  ["05", "05"],
  ["00", "00"],
  ["1.5", "1.5"],
  ["1e3", "1e3"],
  ["+", "+"],
  ["TRUE", true],
  ["Null", null],
  ["yes", "yes"],
  ["'12'", "12"],
])("the text %s below a targetPath is what Helm makes of it", (text, value) => {
  expect(setAtTarget({}, "a.b", text, false)).toEqual({ a: { b: value } });
  expect(setAtTarget({}, "a.b", text, true)).toEqual({ a: { b: text } });
});

test("Helm fails at what is in the way, and lists are not told", () => {
  expect(setAtTarget({ a: "text" }, "a.b", "1", false)).toBeUndefined();
  expect(setAtTarget({ a: null }, "a.b", "1", false)).toBeUndefined();
  expect(setAtTarget({ a: { b: "text", c: 2 } }, "a.b", "1", false)).toEqual({ a: { b: 1, c: 2 } });
  expect(setAtTarget({}, "a[0]", "1", false)).toBeUndefined();
  expect(setAtTarget({}, "a", "1,2", false)).toBeUndefined();
});
