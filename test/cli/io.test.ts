import { expect, test } from "vitest";

import { colourWanted, isCi } from "../../src/cli/io.ts";
import { startTimer } from "../../src/cli/session.ts";

test.each([
  ["a terminal", {}, true, false, true],
  ["a pipe", {}, false, false, false],
  ["NO_COLOR on a terminal", { NO_COLOR: "1" }, true, false, false],
  ["an empty NO_COLOR says nothing", { NO_COLOR: "" }, true, false, true],
  ["FORCE_COLOR in a pipe", { FORCE_COLOR: "1" }, false, false, true],
  ["FORCE_COLOR=0 on a terminal", { FORCE_COLOR: "0" }, true, false, false],
  ["NO_COLOR wins over FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false, false],
  ["--no-color wins over FORCE_COLOR", { FORCE_COLOR: "1" }, true, true, false],
  ["a dumb terminal", { TERM: "dumb" }, true, false, false],
])("colour: %s", (_name, env, isTty, flag, expected) => {
  expect(colourWanted(env, isTty, flag)).toBe(expected);
});

test.each([
  [{ CI: "true" }, true],
  [{ CI: "1" }, true],
  [{ CI: "false" }, false],
  [{ CI: "0" }, false],
  [{ CI: "" }, false],
  [{}, false],
])("CI: %j is %s", (env, expected) => {
  expect(isCi(env)).toBe(expected);
});

test("the timer counts from the start of the process", () => {
  const times = [50.4, 70, 170];
  const timer = startTimer(() => times.shift()!);
  timer.mark("modules");
  timer.mark("plan");
  expect(timer.summary()).toBe("◎ 170 ms: start 50, modules 20, plan 100");
});
