import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const found = (spec: string, more = "", version = "2.7.5") => {
  const patch = `patches:\n- target: { kind: Deployment, name: (kustomize|helm)-controller }\n  patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: all\n    spec:\n      template:\n${more}        spec:\n${spec}`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const { findings } = runPhase(makeFluxSystem("clusters/home", { version, kustomization: listing }), "install");
  return findings.filter(({ rule }) => rule === "patch-selects-nobody").map(({ at, what }) => [at?.file, what]);
};

const spread = (label: string) =>
  `          topologySpreadConstraints:\n            - maxSkew: 1\n              topologyKey: kubernetes.io/hostname\n              whenUnsatisfiable: DoNotSchedule\n              labelSelector: { matchLabels: { ${label} } }\n`;
const near = (selector: string) =>
  `          affinity:\n            podAntiAffinity:\n              preferredDuringSchedulingIgnoredDuringExecution:\n                - weight: 1\n                  podAffinityTerm:\n                    topologyKey: kubernetes.io/hostname\n                    labelSelector: ${selector}\n`;

test.each([
  ["spreads them", spread("app.kubernetes.io/instance: flux-system"), "topologySpreadConstraints"],
  [
    "keeps them apart",
    near("{ matchExpressions: [{ key: app.kubernetes.io/instance, operator: In, values: [flux-system] }] }"),
    "affinity.podAntiAffinity",
  ],
])("a patch that %s by a label of flux install is said to find no pod of the operator's", (_, spec, field) => {
  expect(found(spec)).toEqual([
    [
      "clusters/home/flux-system/kustomization.yaml",
      `${field} of kustomize-controller, helm-controller asks for pods with the label app.kubernetes.io/instance, which flux-operator gives to none.`,
    ],
  ]);
});

test("by a label that stays, that must not be there, or that a patch gives back, nothing is said", () => {
  expect(found(spread("app.kubernetes.io/part-of: flux"))).toEqual([]);
  expect(found(near("{ matchExpressions: [{ key: app.kubernetes.io/instance, operator: DoesNotExist }] }"))).toEqual(
    [],
  );
  const label = "        metadata:\n          labels: { app.kubernetes.io/instance: flux-system }\n";
  expect(found(spread("app.kubernetes.io/instance: flux-system"), label)).toEqual([]);
  // Before 2.7 such a patch has found no pod either.
  expect(found(spread("app.kubernetes.io/instance: flux-system"), "", "2.6.4")).toEqual([]);
});

const select = (kind: string, spec: string, more: { version?: string; patch?: string } = {}) => {
  const object = `apiVersion: example.org/v1\nkind: ${kind}\nmetadata:\n  name: own\n  namespace: flux-system\nspec:\n  ${spec}\n`;
  const { version = "2.7.5", patch = "" } = more;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const files = {
    ...makeFluxSystem("clusters/home", { version, kustomization: listing }),
    "clusters/home/own.yaml": object,
  };
  const { findings } = runPhase(files, "install");
  return findings
    .filter(({ rule }) => rule === "pods-not-found")
    .map(({ at, what }) => `${at?.file}:${at?.line} ${what}`);
};

test.each([
  ["NetworkPolicy", "podSelector: { matchLabels: { app.kubernetes.io/instance: flux-system } }"],
  [
    "PodMonitor",
    "selector: { matchExpressions: [{ key: app.kubernetes.io/instance, operator: In, values: [flux-system] }] }",
  ],
  ["Service", "selector: { app.kubernetes.io/instance: flux-system }"],
])("a %s that finds the pods of Flux by a label of flux install is named", (kind, spec) => {
  const what = "asks for pods with the label app.kubernetes.io/instance, which flux-operator gives to none.";
  expect(select(kind, spec)).toEqual([`clusters/home/own.yaml:7 ${kind} flux-system/own ${what}`]);
});

test("one that asks for another label or for other pods is not, nor where no pod had it, nor where a patch gives it back", () => {
  const own = "podSelector: { matchLabels: { app.kubernetes.io/instance: flux-system } }";
  expect(select("NetworkPolicy", own.replace("instance: flux-system", "part-of: flux"))).toEqual([]);
  expect(select("NetworkPolicy", own.replace("flux-system", "podinfo"))).toEqual([]);
  expect(select("ServiceMonitor", own.replace("podSelector", "selector"))).toEqual([]);
  expect(select("NetworkPolicy", own, { version: "2.6.4" })).toEqual([]);
  const label =
    "- op: add\n      path: /spec/template/metadata/labels/app.kubernetes.io~1instance\n      value: flux-system";
  const patch = `patches:\n- target: { kind: Deployment }\n  patch: |\n    ${label}\n`;
  expect(select("NetworkPolicy", own, { patch })).toEqual([]);
});
