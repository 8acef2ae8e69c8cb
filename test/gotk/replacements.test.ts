import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runAll, runPhase } from "./run-phases.ts";

const BESIDE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: cluster
  namespace: flux-system
data:
  name: home
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: chat
  namespace: flux-system
spec:
  type: slack
  channel: none
`;

const filesWith = (source: string, select: string) =>
  makeFluxSystem("clusters/home", {
    more: { "chat.yaml": BESIDE },
    kustomization: kustomization(`resources:
- gotk-components.yaml
- gotk-sync.yaml
- chat.yaml
replacements:
- source: { ${source} }
  targets:
  - select: { ${select} }
    fieldPaths:
    - spec.channel
`),
  });
const CLUSTER = "kind: ConfigMap, name: cluster, fieldPath: data.name";
const unsupported = (source: string, select: string) =>
  runPhase(filesWith(source, select), "install").rules.includes("gotk-overlay-unsupported");

test("replacements between objects that are beside the install come along with them", () => {
  const { install, cleanup } = runAll(filesWith(CLUSTER, "kind: Provider"));
  expect(install.rules).not.toContain("gotk-overlay-unsupported");
  const left = cleanup.files["clusters/home/flux-system/kustomization.yaml"];
  expect(left).toContain("- chat.yaml");
  expect(left).toContain("- select: { kind: Provider }");
  expect(left).not.toContain("gotk-");
});

test("those that copy into another object of a kind of the install, by its name, come along", () => {
  expect(unsupported(CLUSTER, "kind: Kustomization, name: apps")).toBe(false);
  expect(unsupported("kind: Service, name: web, fieldPath: metadata.name", "kind: Provider")).toBe(false);
});

test.each([
  ["any kind", CLUSTER, "name: chat"],
  ["a kind of the install", CLUSTER, "kind: Deployment, name: source-controller"],
  ["what may be one", CLUSTER, "kind: Deploy.*"],
  ["all of a kind of the install", CLUSTER, "kind: Kustomization"],
  ["what may be the root", CLUSTER, "kind: Kustomization, name: flux.*"],
  ["the root", CLUSTER, "kind: Kustomization, name: flux-system"],
  ["what takes its place", CLUSTER, "kind: HelmRelease, name: flux-instance"],
  ["a CRD", CLUSTER, "kind: CustomResourceDefinition, name: buckets.source.toolkit.fluxcd.io"],
  ["the source, which goes", "kind: GitRepository, name: flux-system, fieldPath: spec.url", "kind: Provider"],
])("those that name %s stop the cluster", (_, source, select) => {
  expect(unsupported(source, select)).toBe(true);
});
