import { expect, test } from "vitest";
import { blockers, homeOps, INSTANCE, instanceOf, run } from "../traps/support.ts";

test("how often a prepared FluxInstance fetches the source is its owner's to say, and stops nothing", () => {
  const { files } = run(homeOps());
  const own = { ...files, [INSTANCE]: files[INSTANCE]!.replace(/interval: 30m\n$/, "interval: 7m\n") };
  const result = run(own);
  expect(blockers(result)).toEqual([]);
  expect(instanceOf(result.files).sync.interval).toBe("7m");
});
