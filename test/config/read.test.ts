import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import schema from "../../schemas/config.json" with { type: "json" };
import { buildProgram } from "../../src/cli/program.ts";
import { type Session, startTimer } from "../../src/cli/session.ts";
import { readConfig } from "../../src/config/read.ts";
import { UsageError } from "../../src/contract/errors.ts";
import { PROJECT_ROOT } from "../support/project.ts";

const fails = (text: string): string => {
  try {
    readConfig(text, "fluxlift.config.yaml");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
  }
  return "";
};

describe("what the schema does not know is refused at its place", () => {
  test.each([
    ["migrat: {}\n", '1:1: the file has no setting "migrat".'],
    ["migrate:\n  sync: adapt\n", "2:9: migrate.sync is one of adopt, rename, keep."],
    ["migrate:\n  layot: apps\n", '2:3: migrate has no setting "layot".'],
    ["migrate:\n  upgradeApis: yes please\n", "2:16: migrate.upgradeApis must be boolean."],
    ["ignore:\n  - rule: other-branch\n", "2:3: ignore[0] lacks reason."],
    ["ignore:\n  - rule: x\n    reason: y\n    until: 2027-13-01\n", "4:12: ignore[0].until must match pattern"],
    ["verify: {massShare: 2}\n", "1:21: verify.massShare must be <= 1."],
    ["verify: {accept: []}\n", "1:18: verify.accept must NOT have fewer than 1 items."],
    ["clusters: {main: {phase: all}}\n", '1:19: clusters.main has no setting "phase".'],
    ["- a\n", "1:1: the file must be object."],
  ])("%j", (text, says) => {
    expect(fails(text)).toContain(`fluxlift.config.yaml:${says}`);
  });

  test.each([
    ["a: [\n", "is not YAML"],
    ["a: &x [*x]\n", "is not YAML"],
    ["{}\n---\n{}\n", "holds more than one document"],
    [`# ${"x".repeat(300_000)}\n`, "is longer than 256 KB"],
    [`a: ${"[".repeat(100_000)}\n`, "is not YAML"],
  ])("%.20j", (text, says) => {
    expect(fails(text)).toContain(says);
  });
});

test("JSON, an empty file and a file of comments are configurations", () => {
  expect(readConfig('{"migrate": {"sync": "keep"}}', "c.json").config.migrate).toEqual({ sync: "keep" });
  expect(readConfig("", "c.yaml").config).toEqual({});
  expect(readConfig("# nothing yet\n", "c.yaml").config).toEqual({});
});

test("a place is that of the name of a setting", () => {
  const { at } = readConfig("# c\nmigrate:\n  sync: keep\n", "c.yaml");
  expect(at(["migrate", "sync"])).toEqual({ file: "c.yaml", line: 3, col: 3 });
});

/** Flags that say what this run is for, or that a person has to say each time. */
const NO_SETTINGS = new Set([
  ...["phase", "direct", "unpushed", "facts", "check", "dryRun", "output", "color", "config", "trustConfig", "schema"],
  ...["yes", "commit", "detached", "allowDirty", "committed"],
  ...[
    "base",
    "head",
    "staged",
    "acceptTrailers",
    "chartMirrors",
    "full",
    "publish",
    "from",
    "helm",
    "pull",
    "reports",
    "to",
  ],
]);

test("each flag is a setting with the same values, or says what one run is for", () => {
  const session = { io: { out() {}, err() {} }, loader: {}, timer: startTimer() } as unknown as Session;
  const { commands } = buildProgram(session, () => {});
  const wrong = commands.flatMap((command) => command.options.flatMap((option) => check(command, option)));
  expect(wrong).toEqual([]);
});

const SECTION: Record<string, "migrate" | "oci" | "verify"> = {
  ...{ plan: "migrate", migrate: "migrate", oci: "oci", verify: "verify" },
};

function check(command: Command, option: Command["options"][number]): string[] {
  const key = option.attributeName();
  const section = SECTION[command.name()];
  if (!section || NO_SETTINGS.has(key)) return [];
  const known: Record<string, { type?: string; enum?: string[]; $ref?: string }> = {
    ...schema.properties.output.properties,
    ...schema.properties[section].properties,
  };
  const found = known[key];
  if (!found) return [`${command.name()} --${key} is no setting of ${section}`];
  const ref = found.$ref?.split("/").at(-1) as keyof typeof schema.definitions | undefined;
  const values = found.enum ?? (ref && (schema.definitions[ref] as { enum?: string[] }).enum);
  const isSame = !option.argChoices || option.argChoices.every((value) => values?.includes(value));
  return isSame ? [] : [`${command.name()} --${key} takes ${option.argChoices}, the schema ${values}`];
}

test("every setting of the schema is in the page", () => {
  const page = readFileSync(join(PROJECT_ROOT, "docs/config.md"), "utf8");
  const sections = ["migrate", "oci", "verify", "output", "rebuild"] as const;
  const { clusters, ignore } = schema.properties;
  const names = [
    ...sections.flatMap((name) => Object.keys(schema.properties[name].properties)),
    ...[clusters.additionalProperties, ignore.items, schema.definitions.conventions].flatMap(({ properties }) =>
      Object.keys(properties),
    ),
  ];
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
