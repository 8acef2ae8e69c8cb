import { expect, it } from "vitest";
import type { StepResult } from "../../e2e/record/result.ts";
import { overdue } from "../../e2e/report/overdue.ts";

it("counts what was Ready before, and waits longer than the runbook says", () => {
  const notReadyFor = {
    "Kustomization a/slow": 601_000,
    "Kustomization a/old": 900_000,
    "Kustomization a/quick": 5000,
  };
  const cluster = { cluster: "main", notReadyFor } as unknown as StepResult["clusters"][number];
  const steps: StepResult[] = [{ name: "install", by: "plan", safe: true, clusters: [cluster] }];
  const old = { main: { "Kustomization a/old": "BuildFailed: no such file" } };
  expect(overdue(steps, old)).toEqual(["install: Kustomization a/slow was not Ready for 601 s"]);
  expect(overdue(steps)).toHaveLength(2);
});
