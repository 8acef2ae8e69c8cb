import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";
import { PROJECT_ROOT } from "../support/project.ts";

const FOLDER = join(PROJECT_ROOT, ".github/workflows");

interface Job {
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  environment?: string;
  if?: string;
  steps: { uses?: string; run?: string }[];
}

describe.each(readdirSync(FOLDER))("%s", (name) => {
  const content = readFileSync(join(FOLDER, name), "utf8");
  const parsed = readYaml(content);
  const { permissions, jobs } = (parsed.ok ? parsed.docs[0]!.data : {}) as {
    permissions: object;
    jobs: Record<string, Job>;
  };

  test("is a workflow", () => {
    const { context } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  });

  test("pins every action by its commit, and says which version that is", () => {
    const uses = [...content.matchAll(/uses: (.*)/g)].map(([, text]) => text);
    expect(uses.length).toBeGreaterThan(0);
    for (const one of uses) expect(one).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+\.\d+)?$/);
  });

  test("grants nothing but what a job names, and ends by itself", () => {
    expect(permissions).toEqual({});
    for (const [job, { permissions: own, "timeout-minutes": minutes }] of Object.entries(jobs)) {
      expect([job, own, minutes]).toEqual([job, expect.any(Object), expect.any(Number)]);
    }
  });

  test("puts no expression into a shell", () => {
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(commands.filter((line) => line.includes("${{"))).toEqual([]);
  });

  test("writes only from the environment of releases, and only for a tag", () => {
    for (const [job, { permissions: own = {}, environment, if: only }] of Object.entries(jobs)) {
      if (!Object.values(own).includes("write")) continue;
      expect([job, environment]).toEqual([job, "release"]);
      expect([job, only ?? "after one that is"]).toEqual([job, expect.stringMatching(/event_name == 'push'|after/)]);
    }
  });
});
