import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import schema from "../../schemas/config.json" with { type: "json" };
import { makeIgnores } from "../../src/config/ignore.ts";
import { readConfig } from "../../src/config/read.ts";
import { UsageError } from "../../src/contract/errors.ts";
import type { Finding } from "../../src/contract/finding.ts";
import { makeRepo, readTree } from "../support/repo.ts";
import { stopAfter } from "./growth.ts";
import { EXAMPLE, fluxlift } from "./support.ts";

const NAME = "fluxlift.config.yaml";

describe("patterns of ignore", () => {
  const at = (file: string): Finding =>
    ({ rule: "path-taken", level: "caution", at: { file, line: 1, col: 1 }, what: "", why: "", next: "" }) as Finding;
  const covers = (path: string, file: string) =>
    makeIgnores(
      readConfig(`ignore: [{ rule: path-taken, reason: r, path: ${JSON.stringify(path)} }]`, NAME),
      "2026-01-01",
    ).covers(at(file));

  test.each([
    ["x/**/".repeat(200), "x/".repeat(2000)],
    ["**/x/".repeat(200), "x/".repeat(2000)],
    ["*a".repeat(500), "a".repeat(4000)],
    ["*[ab]".repeat(200), "a".repeat(4000)],
    ["*?".repeat(500), "a".repeat(4000)],
    ["**".repeat(500), "a/".repeat(2000)],
    ["[".repeat(1000), "[".repeat(4000)],
  ])("%.12s… takes no time on a path that it does not match", (pattern, file) => {
    expect(stopAfter(() => covers(`${pattern}y`, `${file}z`), 30_000)).toBe(false);
  });

  test("are those of .gitignore", () => {
    for (const path of [
      "a/b.yaml",
      "/a/b.yaml",
      "a",
      "a/",
      "a/**",
      "**/b.yaml",
      "*.yaml",
      "a/*.yaml",
      "a/?.yaml",
      "**/a/**",
    ])
      expect([path, covers(path, "a/b.yaml")]).toEqual([path, true]);
    for (const path of ["b", "a/b", "b/**", "*.yml", "b.yaml/", "c/**/b.yaml", "A/**"])
      expect([path, covers(path, "a/b.yaml")]).toEqual([path, false]);
  });
});

test("a configuration that is no configuration is refused in a sentence, and in no time", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x]"];
  for (const [at, name] of [..."bcdefghij"].entries())
    bomb.push(`${name}: &${name} [${Array(8).fill(`*${"abcdefghij"[at]}`).join(", ")}]`);
  const texts = [
    bomb.join("\n"),
    `migrate: ${"[".repeat(50_000)}`,
    `migrate: ${"{a: ".repeat(50_000)}`,
    "__proto__: { polluted: true }",
    "migrate: { __proto__: { yes: true } }",
    "clusters: { __proto__: { yes: true } }",
    "constructor: { prototype: { polluted: true } }",
    "migrate: !!js/function 'function () {}'",
    "<<: { migrate: { yes: true } }",
    `clusters: { a: { conventions: { interval: "${"1m".repeat(40_000)}!" } } }`,
    `clusters: { a: { names: { operator: "${"a-".repeat(40_000)}" } } }`,
    "x".repeat(300_000),
  ];
  for (const text of texts) {
    stopAfter(() => expect(() => readConfig(text, NAME), text.slice(0, 60)).toThrow(UsageError), 30_000);
  }
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

/** What a person says with each run, and no file of a repository may say for them. */
const FOR_PEOPLE =
  /yes|commit|output|report|helm|publish|trust|config|dirty|facts|direct|detach|unpushed|unproven|exit|html|clone|mirror/i;

test("no file of a repository writes, commits, publishes, runs a program or reads another file", () => {
  const sections = schema.properties as Record<string, { properties?: Record<string, object> }>;
  const settings = ["migrate", "oci", "output"].flatMap((section) => Object.keys(sections[section]!.properties!));
  expect(settings.length).toBeGreaterThan(15);
  expect(settings.filter((name) => FOR_PEOPLE.test(name))).toEqual([]);
});

test("a name of a cluster that JavaScript knows is a name", async () => {
  const root = makeRepo(EXAMPLE);
  writeFileSync(join(root, NAME), "clusters:\n  constructor: { sync: keep }\n  toString: { layout: manifests }\n");
  const before = readTree(root);
  const { code, text } = await fluxlift(root, "plan");
  expect([code, text]).toEqual([2, expect.stringMatching(/constructor/)]);
  expect(readTree(root)).toEqual(before);
});

test("a path of a convention that leads out is refused", () => {
  const conventions = { kustomizationFile: "../ks.yaml", appFolder: "..", releaseFile: "a/b", sourceFile: "/etc/x" };
  for (const [key, value] of Object.entries({ ...conventions, namePrefix: "../x", interval: "1h\nx: y" })) {
    const text = `conventions: ${JSON.stringify({ [key]: value })}`;
    expect(() => readConfig(text, NAME), key).toThrow(UsageError);
  }
});
