import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseSpec, ExpectedFinding } from "./fixtures.ts";

// A case before bases: `input/` is the whole tree, `options.json` and `report.json` stand beside it.
// Gone with the last such case.

export const OLD_ENTRIES = ["input", "expected.patch", "report.json", "options.json"];

export const isOldCase = (dir: string) => !existsSync(join(dir, "case.json"));

/** What `case.json` would say; which options there are is for the caller to check. */
export function readOldSpec(dir: string): CaseSpec {
  if (!existsSync(join(dir, "input"))) throw new Error(`${dir} has no input/`);
  const spec: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(readOptions(dir))) {
    if (["pipeline", "branch", "remote"].includes(key)) spec[key] = value;
    else options[key] = value;
  }
  if (Object.keys(options).length > 0) spec.options = options;
  return { shows: "", ...spec, findings: readReport(dir) };
}

function readOptions(dir: string): object {
  const path = join(dir, "options.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as object) : {};
}

function readReport(dir: string): ExpectedFinding[] {
  const path = join(dir, "report.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
  if (process.env.UPDATE_FIXTURES === "1") return [];
  throw new Error(`${path} is missing; it lists the findings, [] when there are none`);
}

export function writeOldReport(dir: string, report: ExpectedFinding[]): void {
  const rows = report.map((row) => `  ${JSON.stringify(row)}`).join(",\n");
  writeFileSync(join(dir, "report.json"), report.length === 0 ? "[]\n" : `[\n${rows}\n]\n`);
}
