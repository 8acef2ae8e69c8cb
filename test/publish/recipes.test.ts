import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import pkg from "../../package.json" with { type: "json" };
import { FORGES } from "../../src/publish/forge-names.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { errorsOf } from "../support/pipeline-schemas.ts";

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8");
const PAGE = read("docs/ci.md");
const FILES = ["action.yml", "templates/verify.yml", "ci/azure-verify.yml", ".pre-commit-hooks.yaml"];
const BLOCKS = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
const TEXTS = [
  ...FILES.map((path) => [path, read(path)] as const),
  ...BLOCKS.map((text, i) => [`block ${i}`, text] as const),
];

/** Every script of a recipe: under `run`, `bash` or `script`. */
function scriptsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!["run", "bash", "script"].includes(key)) return scriptsOf(inner);
    return [Array.isArray(inner) ? inner.join("\n") : String(inner)];
  });
}

describe.each(TEXTS)("%s", (_, text) => {
  const documents = parseAllDocuments(text);
  const scripts = documents.flatMap((document) => scriptsOf(document.toJS()));

  test("is YAML", () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("brings no value into a script but by a variable, and the scripts are shell", () => {
    for (const script of scripts) {
      expect(script).not.toMatch(/\$\{\{|\$\[\[|\$\(\w+\.\w+\)/);
      expect(spawnSync("bash", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    }
  });

  test("pins what it runs, at this version of fluxlift", () => {
    for (const [, name, version] of text.matchAll(/uses: (\S+)@(\S+)/g)) {
      expect(version, name).toMatch(name!.endsWith("OWNER/fluxlift") ? `v${pkg.version}` : /^[0-9a-f]{40}$/);
    }
    for (const [, version] of text.matchAll(/\bfluxlift@([\d.]+)/g)) expect(version).toBe(pkg.version);
    for (const script of scripts) expect(script).not.toMatch(/npx(?! --no-install)/);
  });
});

test("workflows of the page are valid by GitHub's own parser", () => {
  const workflows = BLOCKS.filter((text) => /^on:/m.test(text));
  expect(workflows.length).toBe(5);
  for (const content of workflows) {
    const { context } = parseWorkflow({ name: "fluxlift.yaml", content }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  }
});

test("an action that runs for a merge queue judges against what comes before in it", () => {
  const [script = ""] = scriptsOf(parseAllDocuments(read("action.yml"))[0]!.toJS());
  const before = script.slice(0, script.indexOf("work="));
  const env = { PATH: process.env.PATH, INPUT_BASE: "", INPUT_PLAN: "", BASE_BRANCH: "", QUEUE_BASE: "f".repeat(40) };
  const { status, stdout } = spawnSync("bash", ["-c", `${before}echo "$base"`], { encoding: "utf8", env });
  expect([status, stdout]).toEqual([0, `${"f".repeat(40)}\n`]);
});

test("an action that runs for no pull request says so before it installs anything", () => {
  const [script = ""] = scriptsOf(parseAllDocuments(read("action.yml"))[0]!.toJS());
  const env = { PATH: process.env.PATH, INPUT_BASE: "", INPUT_PLAN: "", BASE_BRANCH: "" };
  const { status, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", env });
  expect([status, stderr]).toEqual([2, expect.stringContaining("This job is about no pull request")]);
});

/** Which file a block of the page would be, and the rest of it where the page shows a part. */
const PATHS: readonly (readonly [is: RegExp, path: string, rest?: string])[] = [
  [/^on:/m, ".forgejo/workflows/fluxlift.yaml"],
  [/^ {6}- uses:/, ".forgejo/workflows/fluxlift.yaml", "on: pull_request\njobs:\n  x:\n    runs-on: x\n    steps:\n"],
  [/^include:\n {2}- component/, ".gitlab-ci.yml"],
  [/^fluxlift check:/m, ".gitlab-ci.yml"],
  [/^ *clone:/m, "bitbucket-pipelines.yml"],
  [/^script:/, "bitbucket-pipelines.yml"],
  [/^(schedules|resources|steps):/m, "azure-pipelines.yml"],
  [/^repos:/, ".pre-commit-config.yaml"],
];

/** As it is after GitLab has put the defaults of a component in. */
function withDefaults(text: string): string {
  const [spec, jobs] = parseAllDocuments(text).map((document) => document.toJS());
  const { inputs } = spec.spec as { inputs: Record<string, { default: string }> };
  return JSON.stringify(jobs).replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => inputs[name]!.default);
}

describe("every recipe is valid by the schema of what reads it", () => {
  test.each(BLOCKS.filter((text) => !/^pre-commit:/.test(text)).map((text, index) => [index, text] as const))(
    "block %i of the page",
    (_, text) => {
      const [, path = "", rest = ""] = PATHS.find(([is]) => is.test(text)) ?? [];
      expect([path === "", text]).toEqual([false, text]);
      const whole = /^script:/.test(text)
        ? `pipelines:\n  default:\n    - step:\n${text.replace(/^/gm, "        ")}`
        : `${rest}${text}`;
      expect(errorsOf(path, whole)).toEqual([]);
    },
  );

  test("action, component, template and hooks", () => {
    expect(errorsOf("action.yml", read("action.yml"))).toEqual([]);
    expect(errorsOf(".pre-commit-hooks.yaml", read(".pre-commit-hooks.yaml"))).toEqual([]);
    expect(errorsOf(".gitlab-ci.yml", withDefaults(read("templates/verify.yml")))).toEqual([]);
    expect(errorsOf("azure-pipelines.yml", read("ci/azure-verify.yml"))).toEqual([]);
  });

  test("the settings of Renovate", () => {
    const [, text = ""] = /^```json\n([\s\S]*?)^```/m.exec(PAGE) ?? [];
    expect(errorsOf("renovate.json", text)).toEqual([]);
  });

  test.each([
    ["action.yml", "using: composite", "using: shell"],
    ["templates/verify.yml", "script:", "scripts:"],
    ["ci/azure-verify.yml", "- bash:", "- bashes:"],
    [".pre-commit-hooks.yaml", "entry:", "enter:"],
  ])("which do find a mistake in %s", (path, good, bad) => {
    const wrong = read(path).replace(good, bad);
    const as = { "templates/verify.yml": ".gitlab-ci.yml", "ci/azure-verify.yml": "azure-pipelines.yml" }[path] ?? path;
    expect(errorsOf(as, as === ".gitlab-ci.yml" ? withDefaults(wrong) : wrong)).not.toEqual([]);
  });
});

/** What each forge has on the page: judging, the plan of a phase, and the check by the clock. */
test("the page has every recipe for every forge", () => {
  for (const forge of FORGES) expect(PAGE.toLowerCase()).toContain(forge);
  const has = (...parts: RegExp[]) => BLOCKS.some((text) => parts.every((part) => part.test(text)));
  const verify = [/fluxlift@v0/, /include:/, /template: ci\/azure/, /pipelines:[\s\S]*verify --base/];
  const plan = [
    /plan: cutover/,
    /component[\s\S]*plan: cutover/,
    /template: ci[\s\S]*plan: cutover/,
    /^script:[\s\S]*plan --phase/,
  ];
  const check = [/schedule:\n/, /PIPELINE_SOURCE == "schedule"/, /schedules:/, /custom:/].map((is) => [
    is,
    /plan --check/,
  ]);
  for (const is of [...verify, ...plan]) expect([is, has(is)]).toEqual([is, true]);
  for (const parts of check) expect([parts, has(...parts)]).toEqual([parts, true]);
  expect(has(/workflow_run:/, /publish --from/) && has(/pull_request_target:/)).toBe(true);
});
