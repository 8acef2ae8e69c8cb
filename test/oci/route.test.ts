import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import { OCI_PHASES, type Options, PHASES } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { writeChanges } from "../../src/files/write.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { inputOf, PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, makeRepo, readTree } from "../support/repo.ts";

const OPERATOR_RUN = inputOf("artifact-source/declares-the-artifact");
const STAYS = inputOf("git-source/keeps-git-for-charts-and-image-automation");
const INSTANCE = `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.7.x
    registry: ghcr.io/fluxcd
  sync:
    kind: GitRepository
    url: https://github.com/example-org/fleet.git
    ref: refs/heads/main
    path: .
`;
const NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: apps\n";
const AT_TOP = {
  "kustomization.yaml": "kind: Kustomization\nresources:\n  - flux-instance.yaml\n  - apps.yaml\n",
  "flux-instance.yaml": INSTANCE,
  "apps.yaml": NAMESPACE,
};
const HOME_OPS = join(PROJECT_ROOT, "examples/home-ops");

function options(changes: Partial<Options>): Options {
  return {
    ...{ phase: "prepare", sync: "adopt", clusters: [], direct: false, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
    ...changes,
  } as Options;
}

async function plan(root: string, changes: Partial<Options>, oci = true): Promise<Plan> {
  const workspace = await openWorkspace(root);
  return oci ? makeOciPlan(workspace, options(changes)) : makePlan(workspace, options(changes));
}

async function write(root: string, changes: Partial<Options>, oci = true): Promise<Plan> {
  const made = await plan(root, changes, oci);
  writeChanges(await openWorkspace(root), composeChanges(made), { label: "test", validate: () => undefined });
  return made;
}

const blockers = (made: Plan): string[] =>
  made.phases
    .flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings))
    .filter(({ level }) => level === "blocker")
    .map(({ rule }) => rule);
const changed = (made: Plan): string[] => composeChanges(made).map(({ path }) => path);

describe("the phases of fluxlift oci", () => {
  test.each([
    ["a plain tree", OPERATOR_RUN],
    ["a tree with charts and image automation", STAYS],
    ["a tree that is built from its top", AT_TOP],
  ])("%s: one phase a merge ends where all at once ends", async (_name, input) => {
    const stepwise = makeRepo(input, { remote: "https://github.com/example-org/fleet" });
    for (const phase of OCI_PHASES) {
      const made = await write(stepwise, { phase });
      expect(blockers(made)).toEqual([]);
      expect(changed(made)).not.toEqual([]);
      commitAll(stepwise, phase);
      expect(changed(await plan(stepwise, { phase })), `${phase} again`).toEqual([]);
    }
    const direct = makeRepo(input, { remote: "https://github.com/example-org/fleet" });
    expect(blockers(await write(direct, { phase: "all", direct: true }))).toEqual([]);
    expect(readTree(direct)).toEqual(readTree(stepwise));
    for (const phase of OCI_PHASES) expect(changed(await plan(direct, { phase, direct: true })), phase).toEqual([]);
  });

  test("all phases at once need --direct", async () => {
    const root = makeRepo(OPERATOR_RUN);
    await expect(plan(root, { phase: "all" })).rejects.toThrow(/before the instance reads it/);
  });

  test("a bootstrapped cluster is sent to migrate, and prepare waits for its cleanup", async () => {
    const remote = "https://github.com/example/home-ops";
    const root = makeRepo(HOME_OPS, { remote });
    for (const phase of PHASES) {
      expect(blockers(await plan(root, {}))).toEqual(["oci-before-operator"]);
      await write(root, { phase }, false);
      if (phase === "cleanup") expect(blockers(await plan(root, {}))).toEqual(["phase-not-reached"]);
      commitAll(root, phase);
    }
    const made = await plan(root, {});
    expect(blockers(made)).toEqual([]);
    expect(changed(made)).toContain(".github/workflows/publish-artifact.yaml");
  });

  test("an instance that somebody applies by hand is asked for in Git, and nothing else", async () => {
    const root = makeRepo(
      { "up/flux.yaml": INSTANCE.replace("path: .", "path: clusters/one"), "clusters/one/apps.yaml": NAMESPACE },
      { remote: "https://github.com/example-org/fleet" },
    );
    const made = await plan(root, {});
    const findings = made.phases.flatMap(({ clusters }) => clusters.flatMap((one) => one.findings));
    const [first, ...rest] = findings.filter(({ level }) => level === "blocker");
    expect([first?.rule, rest]).toEqual(["oci-before-operator", []]);
    expect(first?.what).toMatch(/^Nothing in this repository delivers the FluxInstance/);
  });

  test.each([[false], [true]])(
    "the direct route goes from bootstrap to OCI on one tree, charts: %s",
    async (charts) => {
      const oci = { sign: false, charts };
      const stepwise = makeRepo(HOME_OPS, { remote: "https://github.com/example/home-ops" });
      for (const phase of PHASES) {
        await write(stepwise, { phase }, false);
        commitAll(stepwise, phase);
      }
      for (const phase of OCI_PHASES) {
        await write(stepwise, { phase, oci });
        commitAll(stepwise, phase);
      }
      const direct = makeRepo(HOME_OPS, { remote: "https://github.com/example/home-ops" });
      await write(direct, { phase: "all", direct: true }, false);
      const made = await write(direct, { phase: "all", direct: true, oci });
      expect(blockers(made)).toEqual([]);
      expect(readTree(direct)).toEqual(readTree(stepwise));
      expect(Object.keys(readTree(direct)).some((path) => path.endsWith("/jetstack.yaml"))).toBe(!charts);
    },
  );

  test("a switch waits for prepare, and cleanup for the switch, in the commit that Flux reads (trap 54)", async () => {
    const root = makeRepo(OPERATOR_RUN);
    expect(blockers(await plan(root, { phase: "switch" }))).toEqual(["phase-not-reached"]);
    await write(root, { phase: "prepare" });
    expect(blockers(await plan(root, { phase: "switch" })), "written, not committed").toEqual(["phase-not-reached"]);
    commitAll(root, "prepare");
    expect(blockers(await plan(root, { phase: "switch" }))).toEqual([]);
    expect(blockers(await plan(root, { phase: "cleanup" }))).toEqual(["phase-not-reached"]);
  });

  test("flags of a later phase cannot name another artifact", async () => {
    const root = makeRepo(OPERATOR_RUN);
    await write(root, { oci: { registry: "registry.example.com/one", tag: "live", sign: false } });
    commitAll(root, "prepare");
    const made = await plan(root, { phase: "switch", oci: { registry: "registry.example.com/two", sign: false } });
    const after = composeChanges(made).find(({ path }) => path.endsWith("flux-instance/app/helmrelease.yaml"))?.after;
    expect(after).toContain("url: oci://registry.example.com/one");
    expect(after).toContain("ref: live");
  });
});

describe("runbook", () => {
  test("publishes before it merges, and proves that the artifact is fetched before that", async () => {
    const root = makeRepo(OPERATOR_RUN);
    await write(root, {});
    commitAll(root, "prepare");
    const { runbook } = (await plan(root, { phase: "switch" })).phases[0]!.clusters[0]!;
    expect(runbook.preChecks.map(({ title }) => title)).toContain("The artifact is published and Flux can pull it");
    const titles = runbook.steps.map(({ title }) => title);
    expect(titles.indexOf("Publish the switch before it is merged")).toBeLessThan(titles.indexOf("Merge the switch"));
  });

  test("tells the instance of Git before a revert is pushed, and takes cleanup back with the switch", async () => {
    const root = makeRepo(OPERATOR_RUN);
    const back: string[][] = [];
    for (const phase of ["prepare", "switch", "cleanup"] as const) {
      const { runbook } = (await write(root, { phase })).phases[0]!.clusters[0]!;
      back.push(runbook.rollback.flatMap(({ commands = [] }) => commands.map(String)));
      commitAll(root, phase);
    }
    const [prepare, turn, cleanup] = back as [string[], string[], string[]];
    expect(prepare.at(-1)).toContain("delete ocirepositories.source.toolkit.fluxcd.io cluster");
    const place = (commands: string[], part: string) => commands.findIndex((one) => one.includes(part));
    const order = ["git revert", "suspend helmrelease", "patch fluxinstance", "git push", "resume helmrelease"];
    for (const commands of [turn, cleanup]) {
      const places = order.map((part) => place(commands, part));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places[0]).toBe(0);
    }
    const merges = ["MERGE_COMMIT_OF_CLEANUP", "MERGE_COMMIT_OF_SWITCH"];
    // A squashed merge has one parent, and git refuses --mainline for it.
    const hint = "# without --mainline 1 where the merge was squashed or rebased";
    expect(cleanup.slice(0, 2)).toEqual(merges.map((merge) => `git revert --mainline 1 ${merge}   ${hint}`));
  });

  test("creates the pull secret without a value in it", async () => {
    const { runbook } = (await plan(makeRepo(OPERATOR_RUN), {})).phases[0]!.clusters[0]!;
    const commands = runbook.steps.flatMap((step) => step.commands).join("\n");
    expect(commands).toContain("flux create secret oci ghcr-auth");
    expect(commands).toContain('--password="${REGISTRY_TOKEN}"');
  });

  test("compares with the artifact as somebody the registry lets in, where it asks who is there", async () => {
    const compare = async (oci: Partial<Options["oci"]>) => {
      const { runbook } = (await plan(makeRepo(OPERATOR_RUN), { oci: { sign: false, ...oci } })).phases[0]!
        .clusters[0]!;
      return runbook.steps.flatMap((step) => step.commands ?? []).find((one) => one.startsWith("flux diff artifact"));
    };
    expect(await compare({})).toContain(' --creds="flux:${REGISTRY_TOKEN}"');
    expect(await compare({ pullSecret: "" })).not.toContain("--creds");
  });

  test("a blocked phase has no steps to take", async () => {
    const { runbook } = (await plan(makeRepo(OPERATOR_RUN), { phase: "switch" })).phases[0]!.clusters[0]!;
    expect(runbook.steps.map(({ title }) => title)).toEqual(["switch is blocked"]);
  });
});
