import { describe, expect, test } from "vitest";
import { judge } from "../verify/judge.ts";
import { CONFIG, kustomization, makeFluxSystem, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, type Migrated, runPhase } from "./run-phases.ts";

test("the operator's bindings name the accounts of a namespace of one's own", () => {
  const start: Files = {
    "cluster/flux/sync.yaml": makeSync("./cluster").replaceAll("namespace: flux-system", "namespace: fluxcd"),
    "cluster/flux/kustomization.yaml": kustomization(
      "namespace: fluxcd\nresources:\n- github.com/fluxcd/flux2/manifests/install?ref=v2.7.5\n- sync.yaml\n",
    ),
    "cluster/settings.yaml": CONFIG,
  };
  const installed = runPhase(start, "install").files;
  const { changed, files } = runPhase(installed, "cutover");
  expect(changed).toContain("cluster/flux/kustomization.yaml");
  const cutover = judge(installed, Object.fromEntries(changed.map((path) => [path, files[path]])));
  expect(cutover.findings.map(({ what }) => what).filter((what) => what.includes("last binding"))).toEqual([]);
  expect(cutover.blockers).toEqual([]);
});

test("an install whose namespaces were replaced, and not the ends of its names, loses no rights", () => {
  const start = Object.fromEntries(
    Object.entries({ ...makeFluxSystem("cluster"), "cluster/settings.yaml": CONFIG }).map(([path, text]) => [
      path,
      text
        .replaceAll("namespace: flux-system", "namespace: gitops")
        .replace("kind: Namespace\nmetadata:\n  name: flux-system", "kind: Namespace\nmetadata:\n  name: gitops"),
    ]),
  );
  expect(start["cluster/flux-system/gotk-components.yaml"]).toContain("name: cluster-reconciler-flux-system");
  const installed = runPhase(start, "install");
  expect(installed.findings.filter(({ rule }) => rule === "gotk-foreign-object")).toEqual([]);
  expect(instanceText(installed.files)).not.toContain("$patch: delete");
  const { changed, files, findings } = runPhase(installed.files, "cutover");
  expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  const cutover = judge(installed.files, Object.fromEntries(changed.map((path) => [path, files[path]])));
  expect(cutover.blockers).toEqual([]);
  expect(cutover.findings.map(({ what }) => what).filter((what) => what.includes("last binding"))).toEqual([]);
});

test("a namespace that only a kustomization gives to source and root is to be written down, also with --sync keep", () => {
  const start: Files = {
    "cluster/flux/sync.yaml": makeSync("./cluster"),
    "cluster/flux/kustomization.yaml": kustomization(
      "namespace: fluxcd\nresources:\n- github.com/fluxcd/flux2/manifests/install?ref=v2.7.5\n- sync.yaml\n",
    ),
  };
  for (const sync of ["adopt", "keep"] as const) {
    const [found] = runPhase(start, "install", { sync }).findings.filter(({ level }) => level === "blocker");
    expect(found?.next).toBe(
      "A kustomization gives source and root the namespace fluxcd. Write it into their manifests too, and run fluxlift again.",
    );
  }
});

describe("source and root that live apart from the controllers", () => {
  const dir = "clusters/main/flux-system";
  const bootstrapped = makeFluxSystem("clusters/main");
  const sync = `${dir}/gotk-sync.yaml`;
  const start: Files = {
    ...bootstrapped,
    [sync]: bootstrapped[sync]!.replaceAll("namespace: flux-system", "namespace: gitops"),
    "clusters/main/settings.yaml": CONFIG,
  };

  const blockersOf = ({ findings }: Migrated) => findings.filter(({ level }) => level === "blocker");

  test("stop the cluster, and say what helps", () => {
    expect(blockersOf(runPhase(start, "install"))[0]).toMatchObject({
      rule: "controllers-elsewhere",
      next: expect.stringContaining("--sync keep"),
    });
  });

  test("are not told from an install that a kustomization moves to them", () => {
    const moved: Files = {
      ...start,
      [`${dir}/kustomization.yaml`]: `namespace: gitops\n${bootstrapped[`${dir}/kustomization.yaml`]}`,
    };
    for (const sync of ["adopt", "keep"] as const) {
      const found = blockersOf(runPhase(moved, "install", { sync }));
      expect(found.map(({ rule, at }) => `${rule} ${at?.file}`)).toEqual([
        `gotk-overlay-unsupported ${dir}/kustomization.yaml`,
      ]);
      expect(found[0]?.next).toContain("flux install --export --namespace=gitops");
    }
  });

  test("stay with --sync keep, and nothing but the old install goes", () => {
    let files = start;
    for (const phase of ["install", "cutover", "cleanup"] as const) {
      const run = runPhase(files, phase, { sync: "keep" });
      expect(blockersOf(run)).toEqual([]);
      const verdict = judge(files, Object.fromEntries(run.changed.map((path) => [path, run.files[path]])));
      expect(verdict.blockers).toEqual([]);
      files = run.files;
    }
    expect(files[sync]).toBe(start[sync]);
    expect(files[`${dir}/gotk-components.yaml`]).toBeUndefined();
    expect(instanceText(files)).toContain("namespace: flux-system");
    expect(instanceText(files)).not.toContain("sync:");
  });
});
