import { expect, test } from "vitest";
import type { ObjectKey } from "../../src/admission/key.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { judgeMeant, makeMeant } from "../../src/safety/fate/meant.ts";
import type { Loss } from "../../src/safety/fate/wanted.ts";
import { memoryTree } from "../support/memory.ts";

const FILE = "clusters/home/all.yaml";
const KS = "kustomize.toolkit.fluxcd.io/v1";
const doc = (apiVersion: string, kind: string, name: string) =>
  `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: flux-system\n`;
const TREE = memoryTree({
  [FILE]: [
    doc(KS, "Kustomization", "root"),
    doc(KS, "Kustomization", "apps"),
    doc("v1", "Namespace", "apps"),
    doc("v1", "ConfigMap", "flux-values"),
  ].join(""),
  "clusters/home/kustomization.yaml": "resources:\n  - all.yaml\n",
});
const release = { valuesFrom: [{ kind: "ConfigMap", name: "flux-values" }] };
const CLUSTER = {
  root: { apiVersion: KS, kind: "Kustomization", name: "root" },
  install: {
    objects: [{ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", name: "flux", data: { spec: release } }],
    deliverers: [{ apiVersion: KS, kind: "Kustomization", name: "flux" }],
  },
  bootstraps: [],
  findObjects: () => [],
} as unknown as Cluster;

/** Whether the loss of an object that a migration means to take is held for an accident. */
function isStopped(kind: string, name: string, more: { fate?: string; file?: string } = {}): boolean {
  const { fate = "deleted", file = FILE } = more;
  const key = `|${kind}|flux-system|${name}` as ObjectKey;
  const loss = {
    outcome: { key, kind, fate, at: { file, line: 1, col: 1 } },
    wanted: false,
    because: "",
  } as unknown as Loss;
  return judgeMeant(loss, makeMeant(TREE, CLUSTER)).wanted;
}

test("a migration that takes a document which is no part of the install is stopped", () => {
  expect(isStopped("Kustomization", "apps")).toBe(true);
  expect(isStopped("Namespace", "apps")).toBe(true);
});

test("root, what delivers the install, its values and sources may go", () => {
  const names = [
    ["Kustomization", "root"],
    ["Kustomization", "flux"],
    ["HelmRelease", "flux"],
    ["ConfigMap", "flux-values"],
  ];
  for (const [kind, name] of [...names, ["GitRepository", "home"]])
    expect([kind, isStopped(kind!, name!)]).toEqual([kind, false]);
});

test("what stands in no document, or comes back at once, is no slip", () => {
  expect(isStopped("ClusterRole", "crd-controller", { file: "clusters/home/kustomization.yaml" })).toBe(false);
  expect(isStopped("Namespace", "apps", { fate: "recreated" })).toBe(false);
});
