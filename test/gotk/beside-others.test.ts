import { describe, expect, test } from "vitest";
import { APP, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { instanceText, runAll, runPhase } from "./run-phases.ts";

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

describe("a second Flux by the chart", () => {
  const second = (namespace: string) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: community
  namespace: flux-system
spec:
  interval: 1h
  url: https://fluxcd-community.github.io/helm-charts
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: team
  namespace: flux-system
spec:
  interval: 1h
  targetNamespace: ${namespace}
  chart:
    spec:
      chart: flux2
      version: 2.15.0
      sourceRef:
        kind: HelmRepository
        name: community
`;
  const filesWith = (namespace: string) => ({
    ...makeFluxSystem("clusters/home"),
    "clusters/home/second.yaml": second(namespace),
  });

  test("in a namespace of its own stays as it is, and stops nothing", () => {
    const { install, cutover, cleanup } = runAll(filesWith("team"));
    const [said, ...rest] = install.findings.filter(({ rule }) => rule === "install-beside-others");
    expect(rest).toEqual([]);
    expect([said?.level, said?.at?.file]).toEqual(["caution", "clusters/home/second.yaml"]);
    expect(said?.what).toContain("in namespace team");
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cleanup.files["clusters/home/second.yaml"]).toBe(second("team"));
  });

  test.each(["flux-system", "${NAMESPACE}"])("in namespace %s contradicts the first", (namespace) => {
    expect(runPhase(filesWith(namespace), "install").rules).toContain("install-contradiction");
  });
});
