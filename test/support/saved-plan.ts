import { expect } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { deriveFiles } from "../../src/plan/saved/files.ts";
import { parsePlan } from "../../src/plan/saved/load.ts";
import { renderJson } from "../../src/report/json.ts";
import { faultsOf } from "./schemas.ts";

/** A plan that is saved and loaded fits the published schema, and its edits make the very files it shows. */
export async function checkSavedPlan({ tree }: Workspace, plan: Plan): Promise<void> {
  const text = renderJson(plan);
  expect(faultsOf("plan", JSON.parse(text))).toBeNull();
  const derived = deriveFiles(tree, await parsePlan(text, "plan.json"), "plan.json");
  expect(derived.phases.map(({ files }) => files)).toEqual(plan.phases.map(({ files }) => files));
}
