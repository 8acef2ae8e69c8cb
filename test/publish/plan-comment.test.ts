import { expect, test } from "vitest";
import { renderPlanComment } from "../../src/report/plan-comment.ts";
import { planOf } from "../support/run-cli.ts";

function planWith(files: number, text: string) {
  const changes = Array.from({ length: files }, (_, index) => ({ path: `apps/app-${index}.yaml`, after: text }));
  const tree = { paths: [], has: () => false };
  // biome-ignore lint/suspicious/noExplicitAny: a plan of files alone
  const plan = planOf({ tree } as any, { phase: "install", clusters: [] } as any, [changes]);
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, clusters: [] })) };
}

test("a diff that fits is whole, in a fence that nothing in it ends", () => {
  const page = renderPlanComment(planWith(2, "a: 1\n```\n````sh\nb: 2\n"), 60_000);
  expect(page).toContain("<summary>Diff of 2 files</summary>");
  expect(page).toMatch(/\n`````diff\ndiff --git a\/apps\/app-0\.yaml[\s\S]*app-1\.yaml[\s\S]*\n`````\n/);
});

test("what does not fit is left out file by file, counted, and stays below the limit", () => {
  for (const most of [3000, 20_000, 60_000]) {
    const page = renderPlanComment(planWith(500, "key: value\n".repeat(30)), most);
    expect(Buffer.byteLength(page)).toBeLessThan(most);
    expect(page).toMatch(/\*\*Cut for length:\*\* \d+ files of the diff left out/);
    expect((page.match(/^```/gm) ?? []).length % 2).toBe(0);
    expect((page.match(/<details>/g) ?? []).length).toBe((page.match(/<\/details>/g) ?? []).length);
  }
});

test("the diff shows no value of a Secret, and nothing that is named a password", () => {
  const secret = "kind: Secret\nmetadata: {name: a}\nstringData:\n  user: s3cr3t-value\n";
  const page = renderPlanComment(
    planWith(1, `${secret}---\nkind: A\nspec:\n  password: s3cr3t-value\n  b: c\n`),
    60_000,
  );
  expect(page).not.toContain("s3cr3t-value");
  expect(page).toContain("+  user: ••••••\n");
  expect(page).toContain("+  b: c\n");
});
