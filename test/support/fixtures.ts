import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Level, Options, Phase, Plan } from "../../src/engine/types.ts";

export const PROJECT_ROOT = resolve(import.meta.dirname, "../..");
export const FIXTURES_ROOT = join(PROJECT_ROOT, "__fixtures__");

/** One expected finding; what is not written is not compared. */
export interface ExpectedFinding {
  rule: string;
  level: Level;
  file?: string;
  line?: number;
}

/** `options.json` of a case; every field may be left out. */
export interface CaseOptions extends Partial<Options> {
  /** Run every transform instead of only the one the folder is named after. */
  pipeline?: boolean;
  /** Branch that is checked out (`main`), or `false` for a folder outside git. */
  branch?: string | false;
  /** URL of the remote `origin`. */
  remote?: string;
}

const CASE_ENTRIES = ["input", "expected", "expected.patch", "report.json", "options.json"];
const OPTION_KEYS: readonly (keyof CaseOptions)[] = [
  ...(["pipeline", "branch", "remote", "phase", "sync", "clusters", "direct", "only", "skip"] as const),
  ...([
    "fluxVersion",
    "operatorVersion",
    "serviceMonitor",
    "artifactPath",
    "layout",
    "facts",
    "oci",
    "upgradeApis",
  ] as const),
];

export interface FixtureCase {
  transform: string;
  name: string;
  dir: string;
  options: CaseOptions;
  /** How the wanted result is written down; `unchanged`: nothing may change. */
  expectation: "expected" | "expected.patch" | "unchanged" | "missing";
}

/** Folders below `__fixtures__`, one a transform. */
export function listFixtureFolders(): string[] {
  if (!existsSync(FIXTURES_ROOT)) return [];
  return readdirSync(FIXTURES_ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/**
 * The cases of one transform.
 * @throws Error for a file or an option key the runner would not look at: an expectation nobody checks is a defect.
 */
export function listCases(transform: string): FixtureCase[] {
  const folder = join(FIXTURES_ROOT, transform);
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const dir = join(folder, entry.name);
    if (!entry.isDirectory()) throw new Error(`${dir} is no case folder`);
    const stray = readdirSync(dir).find((name) => !CASE_ENTRIES.includes(name));
    if (stray) throw new Error(`${dir}/${stray} is not read by anything; a case holds ${CASE_ENTRIES.join(", ")}`);
    if (!existsSync(join(dir, "input"))) throw new Error(`${dir} has no input/`);
    return {
      transform,
      name: entry.name,
      dir,
      options: readOptions(dir),
      expectation: findExpectation(dir, entry.name),
    };
  });
}

function readOptions(dir: string): CaseOptions {
  const path = join(dir, "options.json");
  if (!existsSync(path)) return {};
  const options = JSON.parse(readFileSync(path, "utf8")) as CaseOptions;
  const unknown = Object.keys(options).find((key) => !(OPTION_KEYS as readonly string[]).includes(key));
  if (unknown) throw new Error(`${path}: unknown option ${unknown}`);
  return options;
}

function findExpectation(dir: string, name: string): FixtureCase["expectation"] {
  const [tree, patch] = [existsSync(join(dir, "expected")), existsSync(join(dir, "expected.patch"))];
  if (tree && patch) throw new Error(`${dir} has both expected/ and expected.patch`);
  if (tree) return "expected";
  if (patch) return "expected.patch";
  return /^(?:must-not-touch|gives-up)/.test(name) ? "unchanged" : "missing";
}

/** The options a case runs with: defaults, then `options.json`, then the restriction to its own transform. */
export function planOptions(fixture: FixtureCase, phase: Phase): Options {
  const { pipeline, branch: _branch, remote: _remote, ...given } = fixture.options;
  return {
    phase,
    sync: "adopt",
    clusters: [],
    direct: false,
    only: pipeline ? [] : [fixture.transform],
    skip: [],
    serviceMonitor: false,
    layout: "auto",
    ...given,
  };
}

/** The findings of a plan as `report.json` writes them, in an order that does not depend on the run. */
export function reportOf(plan: Plan): ExpectedFinding[] {
  const all = [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((c) => c.findings))];
  return all
    .map(({ rule, level, at }) => ({ rule, level, ...(at ? { file: at.file, line: at.line } : {}) }))
    .sort((a, b) => sortKey(a).localeCompare(sortKey(b), "en"));
}

function sortKey(finding: ExpectedFinding): string {
  return [finding.rule, finding.level, finding.file ?? "", String(finding.line ?? 0).padStart(6, "0")].join("\0");
}
