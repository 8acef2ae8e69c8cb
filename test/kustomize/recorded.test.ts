import { expect, test } from "vitest";
import type { Case } from "../../bench/kustomize/case.ts";
import { buildHere } from "../../bench/kustomize/compare.ts";
import { digest, digestObjects, makeCases, readRecorded } from "../../bench/kustomize/recorded.ts";

const recorded = readRecorded();
const cases = makeCases(recorded.seed, recorded.answers.length);

test("the recorded answers are those to the cases generated here", () => {
  const hint = "the generator has changed: npm run kustomize:record (needs Go)";
  expect(digest(cases), hint).toBe(recorded.cases);
  expect(cases).toHaveLength(2000);
});

test("generated kustomizations build the same as with kustomize 5.5, or fail, or say what is unknown", () => {
  const wrong: string[] = [];
  let [builds, unknown] = [0, 0];
  for (const [index, answer] of recorded.answers.entries()) {
    const one: Case = cases[index]!;
    const { objects, reason } = buildHere(one);
    if (answer !== "") builds++;
    if (reason.startsWith("unknown: ")) unknown += answer === "" ? 0 : 1;
    else if ((objects === undefined ? "" : digestObjects(objects)) !== answer)
      wrong.push(`case ${index}: ${answer === "" ? "builds here only" : `differs ${reason}`}`);
  }
  expect(wrong).toEqual([]);
  expect(builds).toBeGreaterThan(1000);
  expect(unknown / builds).toBeLessThanOrEqual(0.01);
}, 120_000);
