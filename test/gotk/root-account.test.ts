import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const RIGHTS = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: applier
  namespace: flux-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: applier
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- kind: ServiceAccount
  name: applier
  namespace: flux-system
`;

const sync = makeSync("./cluster").replace("  prune: true\n", "  prune: true\n  serviceAccountName: applier\n");

const whole: Files = {
  "cluster/flux/gotk-components.yaml": makeGotk(),
  "cluster/flux/gotk-sync.yaml": sync,
  "cluster/flux/rights.yaml": RIGHTS,
  "cluster/flux/kustomization.yaml": kustomization(
    "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n- rights.yaml\n",
  ),
  "cluster/settings.yaml": CONFIG,
};

test("a root that acts as an account of its own is a root in every phase, as it installs Flux", () => {
  const installed = runPhase(whole, "install");
  const written = installed.changed.map((path) => installed.files[path]).join("\n");
  expect(written).toContain("serviceAccountName: applier");
  const cutover = runPhase(installed.files, "cutover").files;
  expect(cutover["cluster/flux/gotk-components.yaml"]).toBeUndefined();
  const cleanup = runPhase(cutover, "cleanup").files;
  expect(cleanup["cluster/flux/gotk-sync.yaml"]).toBeUndefined();
  expect(cleanup["cluster/flux/rights.yaml"]).toBe(RIGHTS);
});

test("it is one after the cutover, too, where source and root are kept as they are", () => {
  const installed = runPhase(whole, "install", { sync: "keep" });
  const cutover = runPhase(installed.files, "cutover", { sync: "keep" });
  expect(cutover.files["cluster/flux/gotk-components.yaml"]).toBeUndefined();
  const { rules, changed } = runPhase(cutover.files, "cleanup", { sync: "keep" });
  expect(rules).not.toContain("root-not-found");
  expect(changed).toEqual([]);
});

test("the account is asked for, and comes before the root on an empty cluster", () => {
  const { runbook } = runPhase(whole, "install").plan.phases[0]!.clusters[0]!;
  expect(runbook.assumptions.join("\n")).toContain("ServiceAccount applier");
  const commands = runbook.rebuild.flatMap((step) => step.commands).join("\n");
  expect(commands).toMatch(/apply[^\n]*cluster\/flux\/rights\.yaml[\s\S]*flux-instance/);
});

test("where nothing shows that it may install Flux, it is said as whom it acts, and what a root needs", () => {
  const { "cluster/flux/gotk-components.yaml": _, ...rest } = whole;
  const files = { ...rest, "cluster/flux/kustomization.yaml": kustomization("resources:\n- gotk-sync.yaml\n") };
  const { clusters, leftOut } = buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } });
  expect(clusters).toEqual([]);
  expect(leftOut).toMatchObject([
    {
      why: "builds ./cluster as ServiceAccount applier, as that of a tenant does",
      next: expect.stringContaining("spec.serviceAccountName: kustomize-controller"),
    },
  ]);
});

test("that there is none is said without denying what is there", () => {
  const { "cluster/flux/gotk-components.yaml": _, ...rest } = whole;
  const files = { ...rest, "cluster/flux/kustomization.yaml": kustomization("resources:\n- gotk-sync.yaml\n") };
  const [finding] = runPhase(files, "install").findings;
  expect(finding).toMatchObject({
    rule: "root-not-found",
    what: "Flux objects were found, but none that is known to be the root of a cluster.",
    why: expect.stringContaining("builds ./cluster as ServiceAccount applier"),
  });
});
