import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const DIR = "clusters/home";
const patch = (body: string, name?: string) =>
  `- patch: |\n${body.replace(/^/gm, "    ")}\n  target:\n    kind: Deployment\n${name ? `    name: ${name}\n` : ""}`;
const merge = (pod: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: all\nspec:\n  template:\n    spec:\n${pod.replace(/^/gm, "      ")}`;
const TAINT = "tolerations:\n- key: CriticalAddonsOnly\n  operator: Exists";
const PROXY =
  "containers:\n- name: manager\n  env:\n  - name: HTTPS_PROXY\n    value: http://proxy.example.org:3128\n  - name: COLOUR\n    value: blue";

function operatorOf(patches: string): string {
  const list = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\npatches:\n";
  const { files } = runPhase(makeFluxSystem(DIR, { kustomization: kustomization(`${list}${patches}`) }), "install");
  return files[`${DIR}/flux-system/flux-operator/helmrelease.yaml`]!;
}

test("the operator may run where every controller of Flux may", () => {
  const text = operatorOf(patch(merge(`${TAINT}\nnodeSelector:\n  pool: system\n${PROXY}`)));
  expect(text).toMatch(/tolerations:\n\s+- key: CriticalAddonsOnly\n\s+operator: Exists\n/);
  expect(text).toMatch(/nodeSelector:\n\s+pool: system\n/);
  expect(text).not.toContain("kubernetes.io/os");
  expect(text).toMatch(/extraEnvs:\n\s+- name: HTTPS_PROXY\n\s+value: http:\/\/proxy.example.org:3128\n/);
  expect(text).not.toContain("COLOUR");
});

test("what one controller has is no value of the operator", () => {
  expect(operatorOf(patch(merge(TAINT), "source-controller"))).not.toContain("values:");
  expect(operatorOf(patch(merge("priorityClassName: high")))).not.toContain("values:");
});
