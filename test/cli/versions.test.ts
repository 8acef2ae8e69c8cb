import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { DEFAULT_OPERATOR_VERSION, RELEASES_UNTIL } from "../../src/release/releases.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, makeRepo } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

/** The example installs Flux 2.6.4. */
const plan = (...flags: string[]) =>
  runCli(["plan", `${PROJECT_ROOT}/examples/home-ops`, "--format", "json", ...flags], { loader: realEngine });

async function rules(...flags: string[]): Promise<string[]> {
  const { out } = await plan(...flags);
  const { phases } = JSON.parse(out) as { phases: { clusters: { findings: { rule: string; level: string }[] }[] }[] };
  return phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings.map((one) => one.rule)));
}

describe("versions that are none are refused", () => {
  test.each([
    ["--flux-version", "banana", "2.6.x"],
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

test("an empty version is said to be empty", async () => {
  const run = await plan("--flux-version", "");
  expect([run.code, run.out, run.err.includes("--flux-version <version> is empty")]).toEqual([2, "", true]);
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
      const { out } = await runCli([...fleet, ...flags], { loader: realEngine, cwd });
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

describe("a Flux that came after the tables", () => {
  const home = { remote: "git@github.com:lighthouse-keeper/home-ops.git" };
  const cautions = ["flux-unknown", "operator-unknown"];
  const asked = async (...flags: string[]) => {
    const run = await plan(...flags);
    const said = (JSON.parse(run.out) as Plan).phases.flatMap(({ clusters }) =>
      clusters.flatMap((one) => one.findings),
    );
    return { ...run, said: said.map(({ rule }) => rule).filter((rule) => /^(flux|operator)-/.test(rule)) };
  };

  test("a later patch of a known minor is a caution with the day of the tables", async () => {
    const { code, out, said } = await asked("--flux-version", "2.6.99");
    expect([code, said]).toEqual([0, ["flux-unknown"]]);
    expect(out).toContain(`(from flux-operator ${DEFAULT_OPERATOR_VERSION} of ${RELEASES_UNTIL})`);
    const old = await asked("--flux-version", "2.6.99", "--operator-version", "0.22.0");
    expect(old.said).toEqual(["flux-unknown", "operator-cannot-run"]);
  });

  test("a later minor stops, and what the blocker advises leads on", async () => {
    const stopped = await asked("--flux-version", "2.99.0");
    expect([stopped.code, stopped.said]).toEqual([1, ["flux-not-embedded"]]);
    expect(stopped.out).toContain("name that one with --operator-version");
    const { code, out, said } = await asked("--flux-version", "2.99.x", "--operator-version", "9.9.9");
    expect([code, said.sort()]).toEqual([0, cautions]);
    expect(out).toContain(`9.9.9 is newer than ${DEFAULT_OPERATOR_VERSION} of ${RELEASES_UNTIL}`);
    expect((await asked("--flux-version", "2.99.0", "--operator-version", "0.50.0")).said).toEqual([
      "flux-not-embedded",
    ]);
    expect((await asked("--flux-version", "3.0.0", "--operator-version", "9.9.9")).said).toEqual(["flux-not-embedded"]);
  });

  test.each([
    ["as it is asked for", {}, ["--flux-version", "2.99.0", "--operator-version", "9.9.9"]],
    ["a patch, as the tree installs it", { "kubernetes/flux/config/flux.yaml": "v2.6.99" }, []],
  ])("it goes the whole way, %s", async (_, edits, flags) => {
    const cwd = makeRepo(`${PROJECT_ROOT}/examples/home-ops`, home);
    for (const [path, version] of Object.entries(edits)) {
      const file = join(cwd, path);
      writeFileSync(file, readFileSync(file, "utf8").replace(/tag: v2\.6\.4/, `tag: ${version}`));
    }
    commitAll(cwd, "Raise Flux");
    for (const phase of ["install", "cutover", "cleanup"]) {
      const own = phase === "install" ? flags : [];
      const run = await runCli(["migrate", "--yes", "--phase", phase, ...own], { loader: realEngine, cwd });
      expect([phase, run.code, run.err.includes("Wrote ")]).toEqual([phase, 0, true]);
      commitAll(cwd, phase);
      const standing = await runCli([], { loader: realEngine, cwd });
      if (phase === "install" && flags.length > 0) expect(standing.out).toContain("--operator-version 9.9.9");
    }
    const scan = await runCli(["scan"], { loader: realEngine, cwd });
    expect(scan.out).toContain("migrated");
  });

  test("gotk files of a later minor are compared with the nearest one, and it is said", async () => {
    const root = makeRepo(`${PROJECT_ROOT}/examples/fleet`, {
      remote: "https://github.com/lighthouse-keeper/fleet.git",
    });
    const file = join(root, "clusters/home/flux-system/gotk-components.yaml");
    const text = readFileSync(file, "utf8").replaceAll("v2.6.4", "v2.99.0");
    writeFileSync(file, text.replace("--log-level=info", "--log-level=debug"));
    commitAll(root, "Raise Flux");
    const args = ["plan", "--cluster", "home", "--operator-version", "9.9.9", "--format", "json"];
    const run = await runCli(args, { loader: realEngine, cwd: root });
    const { findings, edits } = (JSON.parse(run.out) as Plan).phases[0]!.clusters[0]!;
    const said = findings.map(({ rule }) => rule);
    expect(said).toEqual(expect.arrayContaining(["flux-unknown", "gotk-not-compared"]));
    expect(JSON.stringify(edits)).toContain("--log-level=debug");
  });
});
