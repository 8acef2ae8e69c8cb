import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULES } from "../../src/findings/catalogue.ts";
import { makeTempDir } from "../support/repo.ts";
import { runCli } from "../support/run-cli.ts";
import { runBuilt } from "../verify/built.ts";

test("says what a rule means, why, and what to do, without a repository", async () => {
  const run = runBuilt(makeTempDir(), ["explain", "wanted-may-go"]);
  expect([run.code, run.err]).toEqual([0, ""]);
  const plain = run.out.replace(/\s+/g, " ");
  const { title, meaning, next } = RULES["wanted-may-go"];
  for (const text of ["wanted-may-go", `what ${title}.`, `why ${meaning}`, `next ${next}`, "blocker"])
    expect(plain).toContain(text);
});

test("knows every rule that a finding can have", async () => {
  for (const [rule, { title }] of Object.entries(RULES)) {
    const run = await runCli(["explain", rule, "--format", "json"]);
    expect([run.code, JSON.parse(run.out)]).toMatchObject([0, { rule, title }]);
  }
});

test("without a rule lists them all, by chapter", async () => {
  const { code, out } = await runCli(["explain"]);
  expect(code).toBe(0);
  expect(Object.keys(RULES).filter((rule) => !out.includes(`  ${rule} `))).toEqual([]);
  expect(out).toContain("What Flux does when a change is merged\n");
  const all = JSON.parse((await runCli(["explain", "--format", "json"])).out);
  expect(all.map(({ rule }: { rule: string }) => rule).sort()).toEqual(Object.keys(RULES).sort());
});

test.each([
  ["wanted-may-gone", "wanted-may-go"],
  ["flux-may", "flux-may-go"],
  ["Reference_Breaks", "reference-breaks"],
  ["breaks build", "patch-breaks-build"],
  ["setting-lots", "setting-lost"],
])("%s is unknown, and the nearest rule is named", async (wrong, near) => {
  const { code, out, err } = await runCli(["explain", wrong]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(`There is no rule '${wrong}'`);
  expect(err).toMatch(new RegExp(`Did you mean .*${near}`));
});

test("what is near no rule, or hostile, is refused in a sentence", async () => {
  for (const wrong of ["zzzzzzzz", "__proto__", "constructor", "x".repeat(100_000), "../../etc/passwd", "some/rule"]) {
    const { code, out, err } = await runCli(["explain", wrong]);
    expect([code, out, err.includes("fluxlift explain lists all rules")]).toEqual([2, "", true]);
  }
});

test("saves what it says", async () => {
  const cwd = makeTempDir();
  const run = await runCli(["explain", "merge-conflict", "-o", "rule.json"], { cwd });
  expect([run.code, run.out]).toEqual([0, ""]);
  expect(JSON.parse(readFileSync(join(cwd, "rule.json"), "utf8")).rule).toBe("merge-conflict");
});
