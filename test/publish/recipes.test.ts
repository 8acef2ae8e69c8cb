import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import pkg from "../../package.json" with { type: "json" };
import { FORGES } from "../../src/publish/forge-names.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";

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
  expect(workflows.length).toBe(4);
  for (const content of workflows) {
    const { context } = parseWorkflow({ name: "fluxlift.yaml", content }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  }
});

test("the page has every forge", () => {
  for (const forge of FORGES) expect(PAGE.toLowerCase()).toContain(forge);
});
