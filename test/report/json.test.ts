import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/plan/saved/load.ts";
import { renderJson } from "../../src/report/json.ts";
import { sampleDirectPlan, samplePlan } from "./sample-plan.ts";

const DOCS = readFileSync(join(import.meta.dirname, "../../docs/plan-json.md"), "utf8");

/** A copy with the keys of every object in the opposite order. */
function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reverseKeys(item)]),
  );
}

/** Keys of objects that have a fixed shape; those of `base` and other maps by name are data. */
function collectKeys(value: unknown, keys = new Set<string>(), isMap = false): Set<string> {
  if (Array.isArray(value)) for (const item of value) collectKeys(item, keys);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!isMap) keys.add(key);
      collectKeys(item, keys, ["base", "storedVersions", "clusters"].includes(key) && !Array.isArray(item));
    }
  }
  return keys;
}

describe("renderJson", () => {
  test("gives the plan back", async () => {
    expect(await parsePlan(renderJson(samplePlan()), "plan.json")).toEqual(JSON.parse(JSON.stringify(samplePlan())));
  });

  test("gives the same bytes whatever the order in which the plan was put together", () => {
    const plan = sampleDirectPlan();
    expect(renderJson(reverseKeys(plan) as typeof plan)).toBe(renderJson(plan));
  });

  test("begins with what identifies it and ends with a line break", () => {
    const json = renderJson(samplePlan());
    expect(json.startsWith('{\n  "tool": "fluxlift",\n  "version": "0.1.0",\n  "schema": 1,\n')).toBe(true);
    expect(json.endsWith("}\n")).toBe(true);
  });

  test("has no key that docs/plan-json.md does not explain", () => {
    const facts = { cluster: "main", adopted: false, notAdopted: ["Deployment/x"], storedVersions: { crd: ["v1"] } };
    const plans = [
      samplePlan({ facts, fluxVersion: "2.6.4", operatorVersion: "0.58.0", artifactPath: "" }),
      sampleDirectPlan(),
    ];
    const keys = plans.flatMap((plan) => [...collectKeys(plan)]);
    expect(new Set(keys.filter((key) => !DOCS.includes(`\`${key}\``)))).toEqual(new Set());
  });
});
