import { describe, expect, test } from "vitest";
import { APP, kustomization, makeFluxSystem, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const TEXTS: Files = {
  "capi/operator.yaml": `apiVersion: v1
kind: Namespace
metadata:
  name: flux-system
  labels:
    role: workload
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux-operator
  namespace: flux-system
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: flux-operator
`,
  "capi/instance.yaml": `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.6.x
    registry: ghcr.io/fluxcd
  sync:
    kind: GitRepository
    url: ssh://git@git.example.org/fleet
    ref: refs/heads/main
    path: ./clusters/workload
`,
  "capi/sync.yaml": makeSync("./clusters/workload").replaceAll("name: flux-system", "name: fleet"),
};

const generator = (...paths: string[]) =>
  kustomization(`configMapGenerator:\n- name: flux\n  files:\n${paths.map((path) => `  - ${path}\n`).join("")}`);

/** A management cluster whose source gets another name; Cluster API applies the manifests of `TEXTS` to those it makes. */
function hub(): Files {
  const base = makeFluxSystem("clusters/hub");
  const sync = base["clusters/hub/flux-system/gotk-sync.yaml"]!.replaceAll("name: flux-system\n", "name: fleet\n");
  return {
    ...base,
    "clusters/hub/flux-system/gotk-sync.yaml": sync.replace(
      "kind: Kustomization\nmetadata:\n  name: fleet",
      "kind: Kustomization\nmetadata:\n  name: flux-system",
    ),
    "clusters/hub/capi.yaml": APP.replace("./apps", "./capi").replace("    name: flux-system", "    name: fleet"),
    "capi/kustomization.yaml": generator(...Object.keys(TEXTS).map((path) => path.replace("capi/", ""))),
    ...TEXTS,
  };
}

describe("manifests that a generator puts into a ConfigMap", () => {
  test("are no operator, no instance and no namespace of the cluster, and stay as they are", () => {
    const files = hub();
    const { install, cutover, cleanup } = runAll(files);
    expect(install.plan.phases[0]?.clusters[0]?.state).toBe("not-started");
    expect([...install.findings, ...cutover.findings].filter(({ level }) => level === "blocker")).toEqual([]);
    expect(instanceText(install.files)).toContain("version: 2.7.x");
    expect(instanceText(install.files)).not.toContain("role: workload");
    for (const path of Object.keys(TEXTS)) expect(cleanup.files[path]).toBe(files[path]);
    expect(cutover.changed).toContain("clusters/hub/capi.yaml");
  });

  test("count where a kustomization lists them as well", () => {
    const files = hub();
    const listed = files["capi/kustomization.yaml"]!.replace("configMap", "resources:\n- operator.yaml\nconfigMap");
    expect(runPhase({ ...files, "capi/kustomization.yaml": listed }, "install").rules).toContain("namespace-adopted");
  });

  test("hide no cluster whose own files they are", () => {
    const files: Files = {
      ...makeFluxSystem("clusters/hub"),
      ...makeFluxSystem("clusters/workload"),
      "clusters/hub/capi.yaml": APP.replace("./apps", "./capi"),
      "capi/kustomization.yaml": generator("../clusters/workload/flux-system/gotk-sync.yaml"),
    };
    const { install, cleanup } = runAll(files);
    expect(install.plan.phases[0]?.clusters.map(({ cluster }) => cluster)).toEqual(["hub", "workload"]);
    const stopped = cleanup.findings.filter(({ level }) => level === "blocker");
    expect(stopped.map(({ cluster, rule }) => `${cluster} ${rule}`)).toEqual(["workload build-breaks"]);
  });

  test("are copied where the install itself is one of them, and the rest goes on", () => {
    const source = "clusters/hub/flux-system/gotk-components.yaml";
    const files: Files = { ...hub(), "capi/kustomization.yaml": generator(`../${source}`) };
    const { files: installed } = runPhase(files, "install");
    const stopped = runPhase(installed, "cutover").findings.find(({ rule }) => rule === "build-breaks");
    expect(stopped?.next).toContain("Put a copy of that file beside");
    const copied = { "capi/flux.yaml": files[source]!, "capi/kustomization.yaml": generator("flux.yaml") };
    const { rules, changed } = runPhase({ ...installed, ...copied }, "cutover");
    expect(rules).not.toContain("phase-not-reached");
    expect(changed).toContain(source);
    expect(changed.filter((path) => path.startsWith("capi/"))).toEqual([]);
  });
});
