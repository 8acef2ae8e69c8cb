import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { absoluteOnly, showInPager } from "../../src/cli/pager.ts";
import { PROJECT_ROOT } from "../support/project.ts";
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

  test("is left by Ctrl-C in the pager alone", () => {
    const folder = makeTempDir();
    const code = `
const { showInPager } = await import(${JSON.stringify(pathToFileURL(join(PROJECT_ROOT, "src/cli/pager.ts")).href)});
const env = { PATH: process.env.PATH, PAGER: "kill -INT $PPID; cat > seen" };
process.chdir(${JSON.stringify(folder)});
process.stdout.write(String(showInPager("one", env, process.platform)));`;
    writeFileSync(join(folder, "page.mjs"), code);
    const argv = ["--import", "tsx", join(folder, "page.mjs")];
    const done = spawnSync(process.execPath, argv, { cwd: PROJECT_ROOT, encoding: "utf8" });
    expect([done.signal, done.stdout, readFileSync(join(folder, "seen"), "utf8")]).toEqual([null, "true", "one"]);
  });

  test("that somebody leaves early was shown", () => {
    expect(showInPager("line\n".repeat(200_000), { PATH, PAGER: "head -1 > /dev/null" }, process.platform)).toBe(true);
  });
});

test("a program of the checkout is no pager", () => {
  expect(absoluteOnly([".", "/usr/bin", "", "node_modules/.bin"].join(delimiter))).toBe("/usr/bin");
});
