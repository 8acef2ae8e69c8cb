import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { deriveFiles } from "../../src/plan/saved/files.ts";
import { parsePlan } from "../../src/plan/saved/load.ts";
import { withholdSecrets } from "../../src/plan/saved/secrets.ts";
import { renderJson } from "../../src/report/json.ts";
import { PROJECT_ROOT } from "./project.ts";

/** The published schema, which here takes no field that it does not name. */
const validate = new Ajv({ strict: false }).compile(
  close(JSON.parse(readFileSync(join(PROJECT_ROOT, "schemas/plan.json"), "utf8"))),
);

// biome-ignore lint/suspicious/noExplicitAny: any JSON
function close(schema: any): any {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  const isRecord = schema.type === "object" && "properties" in schema && !("additionalProperties" in schema);
  return isRecord ? { ...closed, additionalProperties: false } : closed;
}

/** A plan that is saved and loaded fits the published schema, and its edits make the very files it shows. */
export async function checkSavedPlan({ tree }: Workspace, plan: Plan): Promise<void> {
  const text = renderJson(withholdSecrets(plan));
  validate(JSON.parse(text));
  expect(validate.errors).toBeNull();
  const derived = deriveFiles(tree, await parsePlan(text, "plan.json"), "plan.json");
  expect(derived.phases.map(({ files }) => files)).toEqual(plan.phases.map(({ files }) => files));
}
