import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { instanceText, runPhase } from "./run-phases.ts";

const LIST = `resources:
- gotk-components.yaml
- gotk-sync.yaml
patches:
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --requeue-dependency=7s
  target:
    kind: Deployment
    name: kustomize-controller
`;

test.each([
  ["later than all that are known", "v2.99.0", { operatorVersion: "9.9.9" }],
  ["earlier than all that an operator has", "v2.1.2", { fluxVersion: "2.3.0" }],
  ["of Flux 0", "v0.41.2", { fluxVersion: "2.3.0" }],
])("patches of an install whose release is not known come along all the same: %s", (_title, version, options) => {
  const made = makeFluxSystem("clusters/home", { kustomization: kustomization(LIST) });
  const files = Object.fromEntries(
    Object.entries(made).map(([path, text]) => [path, text.replaceAll("v2.7.5", version)]),
  );
  const done = runPhase({ ...files, "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG }, "install", options);
  expect(done.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(instanceText(done.files)).toContain("--requeue-dependency=7s");
  // What is edited by hand is another matter, and is said.
  expect(done.rules).toContain("gotk-not-compared");
});
