import { expect, test } from "vitest";
import { APP, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const list = (arg: string) =>
  kustomization(
    `resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\npatches:\n  - patch: |\n      - op: replace\n        path: /spec/template/spec/containers/0/args/1\n        value: ${arg}\n    target:\n      kind: Deployment\n      name: helm-controller\n`,
  );
const rules = (arg: string) =>
  runPhase(
    { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, [`${DIR}/kustomization.yaml`]: list(arg) },
    "install",
  ).findings.flatMap(({ rule, at }) => (rule === "install-beside-others" ? [at?.file] : []));

test("controllers that watch one namespace may share the CRDs with another Flux", () => {
  expect(rules("--watch-all-namespaces=false")).toEqual([`${DIR}/kustomization.yaml`]);
  expect(rules("--watch-all-namespaces=true")).toEqual([]);
});

test("and their operators the ClusterRoleBinding that the chart makes: each needs a name of its own", () => {
  const narrow = {
    ...makeFluxSystem("clusters/home"),
    [`${DIR}/kustomization.yaml`]: list("--watch-all-namespaces=false"),
  };
  const said = runPhase(narrow, "install").findings.find(({ rule }) => rule === "install-beside-others");
  expect(said?.next).toContain("fullnameOverride");
});
