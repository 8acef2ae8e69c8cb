import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadEngine, openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import type { Transform } from "../../transforms/contract.ts";
import { updateCase } from "./fixture-update.ts";
import { expectedOf, FIXTURES_ROOT, type FixtureCase, inputOf, listCases, planOptions, reportOf } from "./fixtures.ts";
import { commitAll, makeRepo, makeTempDir } from "./repo.ts";
import { checkSavedPlan } from "./saved-plan.ts";
import { flatten, readEntries } from "./tree.ts";

const UPDATE = process.env.UPDATE_FIXTURES === "1";
const engine = await loadEngine();

type MakePlan = (workspace: Workspace, options: Options) => Plan;

/** Tests for every case of these transforms. */
export function testCases(transforms: readonly Transform[], makePlan: MakePlan): void {
  describe.each(transforms.map(({ id, phases }) => [id, phases[0]!] as const))("%s", (id, phase) => {
    const cases = existsSync(join(FIXTURES_ROOT, id)) ? listCases(id) : [];

    test("has a case that must not be touched and one where it gives up", () => {
      const names = cases.map((fixture) => fixture.name);
      expect(names.filter((name) => name.startsWith("must-not-touch"))).not.toEqual([]);
      expect(names.filter((name) => name.startsWith("gives-up"))).not.toEqual([]);
    });

    test.each(cases.map((fixture) => [fixture.name, fixture] as const))("%s", async (_name, fixture) => {
      await runCase(fixture, phase, makePlan);
    });
  });
}

async function runCase(fixture: FixtureCase, phase: Phase, makePlan: MakePlan): Promise<void> {
  const options = planOptions(fixture, phase);
  const { branch, remote, pipeline } = fixture.spec;
  // Outside git fluxlift keeps its journal in the user's state folder; a test must not reach that.
  if (branch === false) process.env.XDG_STATE_HOME = makeTempDir();
  const root = makeRepo(inputOf(fixture), {
    ...(branch === undefined ? {} : { branch }),
    ...(remote === undefined ? {} : { remote }),
  });
  const input = readEntries(root);
  const workspace = await openWorkspace(root);
  const plan = makePlan(workspace, options);
  expect(
    plan.phases.flatMap((part) => part.clusters),
    "no cluster is recognised in the input",
  ).not.toEqual([]);
  if (!pipeline) expect(foreignEdits(plan, fixture.transform)).toEqual([]);
  await checkSavedPlan(workspace, plan);
  engine.writeChanges(workspace, composeChanges(plan), "fixture");
  const output = readEntries(root);

  if (UPDATE) updateCase(fixture, input, output, reportOf(plan));
  expect(flatten(output)).toEqual(flatten(expectedOf(fixture, input)));
  expect(reportOf(plan)).toEqual(fixture.spec.findings);
  if (fixture.name.startsWith("gives-up")) expect(reportOf(plan), "giving up without a word").not.toEqual([]);
  expect(composeChanges(plan).map((change) => change.path)).toEqual(touchedPaths(flatten(input), flatten(output)));

  if (branch !== false) commitAll(root, "Migrate");
  const again = makePlan(await openWorkspace(root), options);
  expect(composeChanges(again).map((change) => change.path)).toEqual([]);
}

/** Edits made by a transform other than the only one that may run. */
function foreignEdits(plan: Plan, transform: string): string[] {
  const edits = plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.edits));
  return edits.filter((edit) => edit.transform !== transform).map((edit) => `${edit.transform}: ${edit.path}`);
}

function touchedPaths(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path])
    .sort();
}
