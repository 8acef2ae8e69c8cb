import { describe, expect, test } from "vitest";
import * as loader from "../../src/cli/load-engine.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo } from "../support/repo.ts";
import { runCli } from "../support/run-cli.ts";

const engine = { openWorkspace: loader.openWorkspace, load: loader.loadEngine };
/** The example installs Flux 2.6.4. */
const plan = (...flags: string[]) =>
  runCli(["plan", `${PROJECT_ROOT}/examples/home-ops`, "--format", "json", ...flags], { loader: engine });

async function rules(...flags: string[]): Promise<string[]> {
  const { out } = await plan(...flags);
  const { phases } = JSON.parse(out) as { phases: { clusters: { findings: { rule: string; level: string }[] }[] }[] };
  return phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings.map((one) => one.rule)));
}

describe("versions that are none are refused", () => {
  test.each([
    ["--flux-version", "banana", "2.6.x"],
    ["--flux-version", "", "2.9"],
    ["--flux-version", "latest", "Without it the version that runs is kept"],
    ["--operator-version", "foo", "0.58.0"],
    ["--operator-version", "v0.58.0", "without a v"],
    ["--operator-version", "0.58.x", "0.58.0"],
  ])("%s %s", async (flag, value) => {
    const run = await plan(flag, value);
    expect([run.code, run.out]).toEqual([2, ""]);
    expect(run.err).toMatch(/is no version of/);
    expect(run.err).toMatch(/Write it as the charts do|known are 2\./);
  });
});

describe("versions are held against the tree", () => {
  test("a lower one stops the cluster", async () => {
    const run = await plan("--flux-version", "2.5.1");
    expect(run.code).toBe(1);
    expect(await rules("--flux-version", "2.5.1")).toContain("version-lowered");
  });

  test("another minor is said", async () => {
    expect(await rules("--flux-version", "2.7.x")).toContain("version-raised");
    expect(await rules("--flux-version", "2.6.x")).not.toContain("version-raised");
  });

  test("files of flux bootstrap are held against the release they are of, not against the one that is asked for", async () => {
    const fleet = ["plan", "--cluster", "home", "--format", "json"];
    const cwd = makeRepo(`${PROJECT_ROOT}/examples/fleet`, {
      remote: "https://github.com/lighthouse-keeper/fleet.git",
    });
    const said = async (...flags: string[]) => {
      const { out } = await runCli([...fleet, ...flags], { loader: engine, cwd });
      const plan = JSON.parse(out) as Plan;
      const { findings, edits } = plan.phases[0]!.clusters[0]!;
      return { rules: findings.map(({ rule }) => rule).sort(), edits: JSON.stringify(edits) };
    };
    const [today, raised] = [await said(), await said("--flux-version", "2.7.x")];
    // The base of another minor differs by itself, which is said.
    const left = ["patch-upgrade", "version-raised", "patch-result-differs"];
    expect(raised.rules.filter((rule) => !left.includes(rule))).toEqual(
      today.rules.filter((rule) => !left.includes(rule)),
    );
    expect(raised.edits.replaceAll("2.7.x", "2.6.x")).toBe(today.edits);
  });

  test("what is asked for is not called installed", async () => {
    const { out } = await plan("--flux-version", "2.7.0");
    expect(out).not.toContain("the tree installs v2.7.0");
    expect(out).not.toContain("2.7.0 runs, as the repository says");
  });
});

describe("the operator is held against the releases that are known", () => {
  test("one that cannot run this Flux stops the cluster", async () => {
    expect((await plan("--operator-version", "0.10.0")).code).toBe(1);
    expect(await rules("--operator-version", "0.10.0")).toContain("operator-cannot-run");
  });

  test("one that came later is taken, and what was not checked is said", async () => {
    const run = await plan("--operator-version", "0.99.0");
    expect(run.code).toBe(0);
    expect(await rules("--operator-version", "0.99.0")).toContain("operator-unknown");
  });

  test("a known one draws no word", async () => {
    const said = await rules("--operator-version", "0.58.0");
    expect(said.filter((rule) => rule.startsWith("operator-"))).toEqual([]);
  });
});
