import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test("the generated pages say what the code says", async () => {
  // @ts-expect-error a plain script without declarations
  const { findDrift } = await import("../../scripts/make-docs.mjs");
  expect(await findDrift(ROOT), "run: node scripts/make-docs.mjs").toEqual([]);
});

test("drift is found", async () => {
  // @ts-expect-error a plain script without declarations
  const { renderFindings } = await import("../../scripts/make-docs.mjs");
  const rule = { levels: ["caution"], title: "A title", meaning: "It means this.", next: "Do that." };
  const page = renderFindings([{ title: "Chapter", rules: { "some-rule": rule } }]);
  expect(page).toContain("There are 1 rules.");
  expect(page).toContain("## Chapter\n\n### some-rule\n\n**A title.** (caution)\n\nIt means this.\n\nNext: Do that.\n");
});
