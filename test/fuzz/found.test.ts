import { expect, test } from "vitest";
import { checkOne, readFound, search } from "../../bench/fuzz/search.ts";
import { TARGETS } from "../../bench/fuzz/targets.ts";

test.each(readFound())("$file breaks nothing any more", async ({ target, value }) => {
  await expect(checkOne(TARGETS[target]!, value)).resolves.toBeGreaterThanOrEqual(0);
});

/** Those that do not plan a whole repository each time. */
const QUICK = ["yaml-edit", "kustomize", "patches", "substitution", "globs"];

test.each(QUICK)("nothing breaks %s in a hundred cases", async (name) => {
  expect((await search(TARGETS[name]!, 100, 42)).found).toBeUndefined();
});
