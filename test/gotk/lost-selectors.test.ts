import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const found = (spec: string, more = "") => {
  const patch = `patches:\n- target: { kind: Deployment, name: (kustomize|helm)-controller }\n  patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: all\n    spec:\n      template:\n${more}        spec:\n${spec}`;
  const listing = kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${patch}`);
  const { findings } = runPhase(makeFluxSystem("clusters/home", { kustomization: listing }), "install");
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
});
