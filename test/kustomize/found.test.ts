import { expect, test } from "vitest";
import { judge } from "../../bench/kustomize/compare.ts";
import { answerOf, caseOf, readFound } from "../../bench/kustomize/found.ts";

test.each(readFound())("builds or refuses as kustomize 5.5, or leaves it open: $shows", (found) => {
  const { verdict, reason } = judge(caseOf(found), answerOf(found));
  const [open, decided] = found.objects === undefined ? ["unsure", "agreed"] : ["unknown", "same"];
  expect(verdict, reason).toBe(found.unknown ? open : decided);
});
