import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { portPatches } from "../../src/instance/patches/port.ts";
import { componentsOf } from "../../src/release/releases.ts";
import { buildInstance, buildOld, gotkComponents } from "./builds.ts";
import { effectiveDeployments, find, identities } from "./effective.ts";
import { ARGS, deployment, prove, rules } from "./prove.ts";
import { sourcePatches } from "./source-patches.ts";

const CENSUS = `
- patch: |
    $patch: delete
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: not-used
  target:
    group: networking.k8s.io
    kind: NetworkPolicy
# more work at once
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --concurrent=8
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --kube-api-qps=500
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --kube-api-burst=1000
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --requeue-dependency=5s
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller|source-controller)
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: not-used
    spec:
      template:
        spec:
          containers:
            - name: manager
              resources:
                limits:
                  cpu: 2000m
                  memory: 2Gi
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller|source-controller)
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --feature-gates=OOMWatch=true # as the docs say
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --oom-watch-memory-threshold=95
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --oom-watch-interval=500ms
  target:
    kind: Deployment
    name: helm-controller
- patch: |
    - op: replace
      path: /spec/template/spec/volumes/0
      value:
        name: temp
        emptyDir:
          medium: Memory
  target:
    kind: Deployment
    name: kustomize-controller
- target:
    kind: Deployment
    name: source-controller
  patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --helm-cache-max-size=10
`;

describe("patches of a reconciled flux-manifests install", () => {
  test.each(["2.2.3", "2.4.0", "2.6.4", "2.7.5", "2.9.4"])("the usual set comes out equal on Flux %s", (version) => {
    const { result, old, instance } = prove("oci-manifests", version, CENSUS);
    expect(result.fields).toEqual({ networkPolicy: false });
    expect(result.patches).toHaveLength(5);
    expect(result.findings).toEqual([]);
    expect(identities(instance)).toEqual(identities(old));
    expect(result.patches[0]!.raw).toContain("# more work at once\n");
    expect(result.patches[2]!.raw).toContain("# as the docs say");
    expect(result.mapping.map(({ to }) => to)).toEqual([
      "spec.cluster.networkPolicy: false",
      ...Array(5).fill("spec.kustomize.patches"),
    ]);
  });
});

describe("a gotk kustomization", () => {
  const list = `
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --no-cross-namespace-refs=true
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller|notification-controller|image-reflector-controller|image-automation-controller)
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --no-remote-bases=true
  target:
    kind: Deployment
    name: kustomize-controller
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --default-service-account=default
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller)
- patch: |
    - op: add
      path: /spec/serviceAccountName
      value: kustomize-controller
  target:
    kind: Kustomization
    name: flux-system
- patch: |
    - op: add
      path: /spec/timeout
      value: 9m
  target:
    kind: Kustomization
    name: flux-system
    namespace: flux-system
`;
  const components = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];

  test("the documented lockdown with its root becomes cluster.multitenant, other patches of the root stay", () => {
    const { patches, readText } = sourcePatches(list);
    const fluxVersion = { major: 2, minor: 6, patch: 4 };
    const common = { style: "gotk", fluxVersion, components, namespace: "flux-system", substituted: false } as const;
    const result = portPatches({ ...common, patches, readText });
    expect(result.fields).toEqual({ multitenant: {} });
    expect(result.patches.map(({ data }) => data.target)).toEqual([
      { kind: "Kustomization", name: "flux-system", namespace: "flux-system" },
    ]);
    const sync = { kind: "GitRepository", url: "https://example.com/r", ref: "refs/heads/main", path: "./" };
    const data = result.patches.map((patch) => patch.data);
    const instance = buildInstance({ version: "2.6.4", components, fields: result.fields, patches: data, sync });
    const root = find(instance, "Kustomization", "flux-system").spec;
    expect(root).toMatchObject({ serviceAccountName: "kustomize-controller", timeout: "9m" });
    const old = buildOld(gotkComponents("2.6.4", components), (yaml.load(list) as object[]).slice(0, 3));
    expect(effectiveDeployments(instance)).toEqual(effectiveDeployments(old));
  });

  test("gates that the operator sets more widely are said", () => {
    const gate = deployment("source-controller", [[ARGS, "--feature-gates=ObjectLevelWorkloadIdentity=true"]]);
    const { result } = prove("oci-manifests", "2.8.8", gate);
    expect(rules(result)).toEqual(["info workload-identity-wider"]);
    const { result: remote } = prove("oci-manifests", "2.8.8", "[]");
    expect(rules(remote)).toEqual([]);
    const base28 = portPatches({
      patches: [],
      style: "remote-install",
      fluxVersion: { major: 2, minor: 8, patch: 8 },
      components: componentsOf("remote-install", { major: 2, minor: 8, patch: 8 }),
      namespace: "flux-system",
      substituted: false,
      readText: () => undefined,
    });
    expect(rules(base28)).toEqual(["info external-artifact-gate"]);
  });
});

test("patches that cannot be read, and versions without manifests, are said", () => {
  const at = { file: "x.yaml", line: 3, col: 5 };
  const source = (body: string, target?: object) => ({
    at,
    file: "x.yaml",
    doc: 0,
    path: ["patches", 0],
    body,
    form: "patches" as const,
    ...(target ? { target } : {}),
  });
  const common = {
    style: "oci-manifests",
    components: ["source-controller"],
    namespace: "flux-system",
    substituted: false,
    readText: () => undefined,
  } as const;
  const bad = ["", "a: [", "# only", "- op: add\n  path: /x\n", "just text", "kind: X\n"].map((body) => source(body));
  const result = portPatches({ ...common, fluxVersion: { major: 2, minor: 6, patch: 4 }, patches: bad });
  expect(rules(result)).toEqual(Array(6).fill("blocker patch-unreadable"));
  expect(result.findings.every((finding) => finding.at === at)).toBe(true);
  const old = portPatches({
    ...common,
    fluxVersion: { major: 2, minor: 1, patch: 0 },
    patches: [source("kind: Namespace\nmetadata: {name: x}\n")],
  });
  expect(rules(old)).toEqual(["caution patches-not-checked"]);
  expect(old.patches).toHaveLength(1);
});

test("substitution: escaped, kept or lost", () => {
  const list = deployment("source-controller", [[ARGS, "--x=${A}$$"]]);
  const { patches, readText } = sourcePatches(list);
  const common = {
    style: "oci-manifests",
    fluxVersion: { major: 2, minor: 6, patch: 4 },
    components: ["source-controller"],
    namespace: "flux-system",
    patches,
    readText,
  } as const;
  const escaped = portPatches({ ...common, substituted: true });
  expect(escaped.patches[0]!.raw).toContain("--x=$${A}$$$$");
  expect(rules(escaped)).toEqual(["info patch-escaped"]);
  const kept = portPatches({ ...common, substituted: true, oldSubstituted: true });
  expect(kept.patches[0]!.raw).toContain("--x=${A}$$");
  expect(rules(kept)).toEqual([]);
  expect(rules(portPatches({ ...common, substituted: false, oldSubstituted: true }))).toEqual([
    "blocker patch-substitution-lost",
  ]);
});
