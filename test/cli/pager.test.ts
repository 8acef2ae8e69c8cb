import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { absoluteOnly, showInPager } from "../../src/cli/pager.ts";
import { makeTempDir } from "../support/repo.ts";

const { PATH } = process.env;

describe.skipIf(process.platform === "win32")("a long text on a terminal", () => {
  test("goes to the program that PAGER names, through a shell as with git", () => {
    const file = join(makeTempDir(), "seen");
    const env = { PATH, PAGER: `cat > '${file}'` };
    expect(showInPager("one\ntwo\n", env, process.platform)).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
  });

  test.each([
    ["PAGER=cat", { PAGER: "cat" }],
    ["an empty PAGER", { PAGER: "" }],
    ["a terminal that cannot", { TERM: "dumb", PAGER: "false" }],
    ["a program that is not there", { PAGER: "no-such-pager-here" }],
    ["no less on the PATH", { PATH: "/nonexistent" }],
  ])("is printed where there is none: %s", (_what, env) => {
    expect(showInPager("one\n", { PATH, ...env }, process.platform)).toBe(false);
  });

  test("that somebody leaves early was shown", () => {
    expect(showInPager("line\n".repeat(200_000), { PATH, PAGER: "head -1 > /dev/null" }, process.platform)).toBe(true);
  });
});

test("a program of the checkout is no pager", () => {
  expect(absoluteOnly([".", "/usr/bin", "", "node_modules/.bin"].join(delimiter))).toBe("/usr/bin");
});
