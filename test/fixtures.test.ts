import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadEngine, openWorkspace } from "../src/cli/load-engine.ts";
import { composeChanges } from "../src/engine/changes.ts";
import { makeOciPlan } from "../src/engine/oci-plan.ts";
import type { Options, Plan } from "../src/engine/types.ts";
import type { Workspace } from "../src/workspace/snapshot.ts";
import { TRANSFORMS } from "../transforms/index.ts";
import { OCI_TRANSFORMS } from "../transforms/oci-index.ts";
import {
  type ExpectedFinding,
  FIXTURES_ROOT,
  type FixtureCase,
  listCases,
  listFixtureFolders,
  planOptions,
  reportOf,
} from "./support/fixtures.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "./support/repo.ts";

const UPDATE = process.env.UPDATE_FIXTURES === "1";
const ALL = [...TRANSFORMS, ...OCI_TRANSFORMS];
const engine = await loadEngine();

function makePlan(fixture: FixtureCase, workspace: Workspace, options: Options): Plan {
  const isOci = OCI_TRANSFORMS.some((transform) => transform.id === fixture.transform);
  return isOci ? makeOciPlan(workspace, options) : engine.makePlan(workspace, options);
}

test("every fixture folder is named after a transform", () => {
  const ids = ALL.map((transform) => transform.id);
  expect(listFixtureFolders().filter((folder) => !ids.includes(folder))).toEqual([]);
});

describe.each(ALL.map((transform) => transform.id))("%s", (id) => {
  const cases = existsSync(join(FIXTURES_ROOT, id)) ? listCases(id) : [];

  test("has a case that must not be touched and one where it gives up", () => {
    const names = cases.map((fixture) => fixture.name);
    expect(names.filter((name) => name.startsWith("must-not-touch"))).not.toEqual([]);
    expect(names.filter((name) => name.startsWith("gives-up"))).not.toEqual([]);
  });

  test.each(cases.map((fixture) => [fixture.name, fixture] as const))("%s", async (_name, fixture) => {
    await runCase(fixture);
  });
});

async function runCase(fixture: FixtureCase): Promise<void> {
  const phase = ALL.find((transform) => transform.id === fixture.transform)!.phases[0]!;
  const options = planOptions(fixture, phase);
  const { branch, remote } = fixture.options;
  // Outside git fluxlift keeps its journal in the user's state folder; a test must not reach that.
  if (branch === false) process.env.XDG_STATE_HOME = makeTempDir();
  const root = makeRepo(join(fixture.dir, "input"), {
    ...(branch === undefined ? {} : { branch }),
    ...(remote === undefined ? {} : { remote }),
  });
  const input = readTree(root);
  const workspace = await openWorkspace(root);
  const plan = makePlan(fixture, workspace, options);
  expect(
    plan.phases.flatMap((part) => part.clusters),
    "no cluster is recognised in input/",
  ).not.toEqual([]);
  if (!fixture.options.pipeline) expect(foreignEdits(plan, fixture.transform)).toEqual([]);
  engine.writeChanges(workspace, composeChanges(plan), "fixture");
  const output = readTree(root);

  if (UPDATE) updateCase(fixture, input, output, reportOf(plan));
  expect(output).toEqual(expectedTree(fixture, input));
  expect(reportOf(plan)).toEqual(readReport(fixture));
  if (fixture.name.startsWith("gives-up")) expect(reportOf(plan), "giving up without a word").not.toEqual([]);
  expect(composeChanges(plan).map((change) => change.path)).toEqual(touchedPaths(input, output));

  if (branch !== false) commitAll(root, "Migrate");
  const again = makePlan(fixture, await openWorkspace(root), options);
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

function expectedTree(fixture: FixtureCase, input: Record<string, string>): Record<string, string> {
  if (fixture.expectation === "unchanged") return input;
  if (fixture.expectation === "expected") return readTree(join(fixture.dir, "expected"));
  if (fixture.expectation === "missing") {
    throw new Error(`${fixture.dir} says nothing about the result; run again with UPDATE_FIXTURES=1 and review it`);
  }
  const root = makeRepo(join(fixture.dir, "input"));
  const patch = join(fixture.dir, "expected.patch");
  if (readFileSync(patch, "utf8") !== "") git(root, "apply", "--whitespace=nowarn", patch);
  return readTree(root);
}

function readReport(fixture: FixtureCase): ExpectedFinding[] {
  const path = join(fixture.dir, "report.json");
  if (!existsSync(path)) throw new Error(`${path} is missing; it lists the findings, [] when there are none`);
  return JSON.parse(readFileSync(path, "utf8"));
}

function updateCase(
  fixture: FixtureCase,
  input: Record<string, string>,
  output: Record<string, string>,
  report: ExpectedFinding[],
): void {
  writeFileSync(join(fixture.dir, "report.json"), formatReport(report));
  if (fixture.expectation === "missing") fixture.expectation = "expected.patch";
  if (fixture.expectation === "unchanged" && touchedPaths(input, output).length > 0) {
    fixture.expectation = "expected.patch";
  }
  if (fixture.expectation === "expected") {
    rmSync(join(fixture.dir, "expected"), { recursive: true });
    writeTree(join(fixture.dir, "expected"), output);
  } else if (fixture.expectation === "expected.patch") {
    writeFileSync(join(fixture.dir, "expected.patch"), diffTrees(input, output), "latin1");
  }
}

function formatReport(report: ExpectedFinding[]): string {
  return report.length === 0 ? "[]\n" : `[\n${report.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
}

/** Made by git and not by fluxlift's own diff, so that the expectation does not depend on what it tests. */
function diffTrees(before: Record<string, string>, after: Record<string, string>): string {
  const root = makeRepo({});
  writeTree(root, before);
  commitAll(root, "Before");
  for (const path of Object.keys(before)) rmSync(join(root, path));
  writeTree(root, after);
  git(root, "add", "--all");
  const settings = ["-c", "core.quotePath=true", "-c", "diff.renames=true"];
  return Buffer.from(git(root, ...settings, "diff", "--cached", "--no-color"), "utf8").toString("latin1");
}

function writeTree(root: string, files: Record<string, string>): void {
  const texts = Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes, "latin1").toString("utf8")]);
  writeFiles(root, Object.fromEntries(texts));
}
