import { describe, expect, test } from "vitest";
import { textOf } from "../traps/support.ts";
import { CONFIG, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const COMMON = "clusters/common/flux/kustomization.yaml";
const DROP = `patches:
  - target: { kind: NetworkPolicy }
    patch: |
      $patch: delete
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: all
`;

const common = (version: string, more = "") =>
  kustomization(`resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v${version}\n${more}`);

/** A cluster whose own list leaves the folder of bootstrap out. */
const cluster = (name: string): Files => ({
  ...makeFluxSystem(`clusters/${name}`),
  [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [settings.yaml]\n"),
  [`clusters/${name}/settings.yaml`]: CONFIG,
});

const undecided = (files: Files) =>
  runPhase({ ...cluster("one"), ...files }, "install").findings.filter(({ rule }) => rule === "install-undecided");

describe("an install that nothing in Git applies, beside another one applied by hand", () => {
  test("may be the one that runs, or not", () => {
    const [found] = undecided({ [COMMON]: common("2.7.3") });
    expect(`${found?.level} ${found?.at?.file} ${found?.what}`).toMatch(
      /^caution clusters\/common\/flux\/kustomization\.yaml .*one\/flux-system\/gotk-components\.yaml \(Flux v2\.7\.5\).*\(Flux v2\.7\.3\)/,
    );
    expect(undecided({ [COMMON]: common("2.7.5", DROP) })).toHaveLength(1);
  });

  test("is none where both say the same, or where Flux applies one", () => {
    expect(undecided({ [COMMON]: common("2.7.5") })).toEqual([]);
    const listed = kustomization("resources: [flux-system, settings.yaml]\n");
    expect(undecided({ [COMMON]: common("2.7.3"), "clusters/one/kustomization.yaml": listed })).toEqual([]);
  });

  test("stays until the last cluster that is started from it is cleaned up", () => {
    const start = { ...cluster("one"), ...cluster("two"), [COMMON]: common("2.7.5") };
    const moved = runPhase(runPhase(start, "install").files, "cutover").files;
    const first = runPhase(moved, "cleanup", { clusters: ["one"] });
    expect(first.changed).toContain("clusters/one/flux-system/gotk-sync.yaml");
    expect(Object.keys(first.files)).toContain(COMMON);
    expect(runPhase(first.files, "cleanup", { clusters: ["two"] }).changed).toContain(COMMON);
    expect(runPhase(moved, "cleanup").changed).toContain(COMMON);
  });
});

test("a source of another name than the root is followed by one of the root's name, which is said where it goes", () => {
  const sync = "clusters/one/flux-system/gotk-sync.yaml";
  const start = cluster("one");
  start[sync] = start[sync]!.replace("name: flux-system", "name: fleet").replace(
    "kind: GitRepository\n    name: flux-system",
    "kind: GitRepository\n    name: fleet",
  );
  const moved = runPhase(runPhase(start, "install").files, "cutover").files;
  const { plan } = runPhase(moved, "cleanup");
  const edits = plan.phases.flatMap(({ clusters }) => clusters.flatMap((each) => each.edits));
  expect(edits.find(({ path }) => path === sync)?.why).toBe(
    "The FluxInstance generates these now: GitRepository flux-system/flux-system for fleet and Kustomization flux-system/flux-system.",
  );
});

describe("install and sync that are applied by hand from a folder far from the one that the root builds", () => {
  const sync = makeSync("./clusters/prod").replace(
    "Kustomization\nmetadata:\n  name: flux-system",
    "Kustomization\nmetadata:\n  name: platform",
  );
  const start: Files = {
    "flux/gotk-components.yaml": makeGotk(),
    "flux/gotk-sync.yaml": sync,
    "clusters/prod/kustomization.yaml": kustomization("resources: [settings.yaml]\n"),
    "clusters/prod/settings.yaml": CONFIG,
    "start.sh": "#!/bin/sh\nkubectl apply -f flux/gotk-sync.yaml\nflux get sources git flux-system || true\n",
  };
  const installed = runPhase(start, "install").files;

  test("go once the instance is there, and are not taken for an old copy", () => {
    const cutover = runPhase(installed, "cutover");
    expect(cutover.changed).toContain("flux/gotk-components.yaml");
    expect(cutover.files["clusters/prod/flux-instance.yaml"]).toContain("name: platform\n");
    expect(cutover.rules).not.toContain("undelivered-reference");
    const cleanup = runPhase(cutover.files, "cleanup");
    expect(Object.keys(cleanup.files).filter((path) => path.startsWith("flux/"))).toEqual([]);
    expect(cleanup.files["start.sh"]).toContain("flux get sources git platform || true\n");
  });

  test("stay where another repository is read, or another folder", () => {
    for (const [from, to] of [
      ["/fleet", "/other"],
      ["./clusters/prod", "./clusters/base"],
    ] as const) {
      const other: Files = { ...installed, "clusters/base/settings.yaml": CONFIG };
      other["flux/gotk-sync.yaml"] = sync.replace(from, to);
      expect(runPhase(other, "cutover").changed).not.toContain("flux/gotk-components.yaml");
    }
  });
});

test("a page that starts a cluster from a folder that stays is named, with either client", () => {
  const page = "# Start\n\n```sh\noc apply -k clusters/one/flux-system\n```\n";
  const start = { ...makeFluxSystem("clusters/one"), "clusters/one/settings.yaml": CONFIG, "START.md": page };
  const cleaned = (files: Files) =>
    runPhase(runPhase(runPhase(files, "install").files, "cutover").files, "cleanup").findings;
  const named = (files: Files) => cleaned(files).find(({ rule }) => rule === "docs-name-removed")?.what;
  expect(named({ ...start, "START.md": page.replace("oc ", "kubectl ") })).toContain("START.md:4");
  expect(named(start)).toContain("START.md:4");
});

describe("going back for good", () => {
  const backTo = (files: Files): string => {
    const { rollback } = runPhase(files, "install").plan.phases[0]!.clusters[0]!.runbook;
    return textOf(rollback.filter(({ title }) => title.includes("hand the controllers back")));
  };

  test("the old files come back by themselves where the root builds them", () => {
    const listed = kustomization("resources: [flux-system, settings.yaml]\n");
    const text = backTo({ ...cluster("one"), "clusters/one/kustomization.yaml": listed });
    expect(text).toContain("Without these annotations the old files apply again.");
    expect(text).not.toContain("kubectl apply");
  });

  test("an install that the root leaves out is applied by hand once more", () => {
    const text = backTo(cluster("one"));
    expect(text).toContain("kubectl apply --server-side --force-conflicts -k ./clusters/one/flux-system");
    expect(text).not.toContain("the old files apply again");
  });
});
