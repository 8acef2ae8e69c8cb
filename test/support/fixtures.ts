import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Level } from "../../src/contract/finding.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { assembleTree, readSpec, rejectStrays, TREE_KEYS, type TreeSpec } from "./fixture-tree.ts";
import { patchTree } from "./patch.ts";
import { FIXTURES_ROOT } from "./project.ts";
import type { Tree } from "./tree.ts";

export { FIXTURES_ROOT, PROJECT_ROOT } from "./project.ts";

/** One expected finding; what is not written is not compared. */
export interface ExpectedFinding {
  rule: string;
  level: Level;
  file?: string;
  line?: number;
}

/** `case.json`. */
export interface CaseSpec extends TreeSpec {
  /** Run every transform instead of only the one the folder is named after. */
  pipeline?: boolean;
  /** Branch that is checked out (`main`), or `false` for a folder outside git. */
  branch?: string | false;
  /** URL of the remote `origin`. */
  remote?: string;
  /** What differs from the options that the runner plans with. */
  options?: Partial<Options>;
  /** `<transform>/<case>` whose `expected.patch` is this case's, too. */
  expected?: string;
  /** Every finding, `[]` when there is none. */
  findings: ExpectedFinding[];
}

const CASE_KEYS: readonly (keyof CaseSpec)[] = [
  ...(TREE_KEYS as readonly (keyof CaseSpec)[]),
  ...(["pipeline", "branch", "remote", "options", "expected", "findings"] as const),
];
const OPTION_KEYS: readonly (keyof Options)[] = [
  ...(["phase", "sync", "clusters", "direct", "only", "skip", "fluxVersion", "operatorVersion"] as const),
  ...(["serviceMonitor", "artifactPath", "layout", "facts", "oci", "upgradeApis", "rebuild"] as const),
];

export interface FixtureCase {
  transform: string;
  name: string;
  dir: string;
  spec: CaseSpec;
  /** The patch that makes the wanted result; `unchanged`: nothing may change. */
  expectation: { patch: string } | "unchanged" | "missing";
}

/** Folders below `__fixtures__`, one a transform. */
export function listFixtureFolders(): string[] {
  if (!existsSync(FIXTURES_ROOT)) return [];
  return readdirSync(FIXTURES_ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "bases")
    .map((entry) => entry.name);
}

/**
 * The cases of one transform.
 * @throws Error for a file, a field or an option the runner would not look at
 */
export function listCases(transform: string): FixtureCase[] {
  const folder = join(FIXTURES_ROOT, transform);
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    if (!entry.isDirectory()) throw new Error(`${join(folder, entry.name)} is no case folder`);
    return readCase(`${transform}/${entry.name}`);
  });
}

function readCase(id: string): FixtureCase {
  const [transform = "", name = ""] = id.split("/");
  const dir = join(FIXTURES_ROOT, id);
  rejectStrays(dir, ["case.json", "input", "input.patch", "expected.patch"]);
  const path = join(dir, "case.json");
  const spec = readSpec(path, CASE_KEYS) as CaseSpec;
  const unknown = Object.keys(spec.options ?? {}).find((key) => !(OPTION_KEYS as readonly string[]).includes(key));
  if (unknown) throw new Error(`${path}: unknown option ${unknown}`);
  return { transform, name, dir, spec, expectation: findExpectation(dir, name, spec) };
}

export function findExpectation(dir: string, name: string, spec: CaseSpec): FixtureCase["expectation"] {
  const own = join(dir, "expected.patch");
  if (spec.expected !== undefined) {
    if (existsSync(own)) throw new Error(`${dir} has an expected.patch and names the one of ${spec.expected}`);
    return { patch: join(FIXTURES_ROOT, spec.expected, "expected.patch") };
  }
  if (existsSync(own)) return { patch: own };
  return /^(?:must-not-touch|gives-up)/.test(name) ? "unchanged" : "missing";
}

/** The repository that a case starts from; of tests that use one for something else, by its `<transform>/<case>`. */
export function inputOf(fixture: FixtureCase | string): Tree {
  const { dir, spec } = typeof fixture === "string" ? readCase(fixture) : fixture;
  return assembleTree(dir, spec);
}

/** What a case shall make of its repository. */
export function expectedOf(fixture: FixtureCase, input: Tree): Tree {
  if (fixture.expectation === "unchanged") return input;
  if (fixture.expectation !== "missing") return patchTree(input, fixture.expectation.patch);
  throw new Error(`${fixture.dir} says nothing about the result; run again with UPDATE_FIXTURES=1 and review it`);
}

/** The options a case runs with: defaults, then its own, then the restriction to its own transform. */
export function planOptions(fixture: FixtureCase, phase: Phase): Options {
  return {
    phase,
    sync: "adopt",
    clusters: [],
    direct: false,
    only: fixture.spec.pipeline ? [] : [fixture.transform],
    skip: [],
    serviceMonitor: false,
    layout: "auto",
    ...fixture.spec.options,
  };
}

/** The findings of a plan as `case.json` writes them, in an order that does not depend on the run. */
export function reportOf(plan: Plan): ExpectedFinding[] {
  const all = [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((c) => c.findings))];
  return all
    .map(({ rule, level, at }) => ({ rule, level, ...(at ? { file: at.file, line: at.line } : {}) }))
    .sort((a, b) => sortKey(a).localeCompare(sortKey(b), "en"));
}

function sortKey(finding: ExpectedFinding): string {
  return [finding.rule, finding.level, finding.file ?? "", String(finding.line ?? 0).padStart(6, "0")].join("\0");
}
