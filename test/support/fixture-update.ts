import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseSpec, type ExpectedFinding, type FixtureCase, findExpectation } from "./fixtures.ts";
import { diffTrees, type Tree } from "./tree.ts";

/** Writes what a run made down as what the case expects. */
export function updateCase(fixture: FixtureCase, input: Tree, output: Tree, findings: ExpectedFinding[]): void {
  const patch = diffTrees(input, output);
  const own = join(fixture.dir, "expected.patch");
  const { expected: _other, ...spec } = fixture.spec;
  if (patch !== "") writeFileSync(own, patch, "latin1");
  else if (existsSync(own)) rmSync(own);
  fixture.spec = { ...spec, findings };
  fixture.expectation = findExpectation(fixture.dir, fixture.name, fixture.spec);
  writeFileSync(join(fixture.dir, "case.json"), formatCase(fixture.spec));
}

/** A field a line, a finding a line. */
export function formatCase(spec: CaseSpec): string {
  const rows = Object.entries(spec).map(([key, value]) => `  ${JSON.stringify(key)}: ${formatValue(value)}`);
  return `{\n${rows.join(",\n")}\n}\n`;
}

function formatValue(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((row) => `    ${JSON.stringify(row)}`).join(",\n")}\n  ]`;
}
