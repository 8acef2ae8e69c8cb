import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { portPatches } from "../../src/flux/patches/port.ts";
import type { PortInput } from "../../src/flux/patches/types.ts";
import { componentsOf, parseFluxVersion } from "../../src/flux/releases.ts";
import { buildInstance, buildOld, gotkComponents, missing, remoteInstall } from "./builds.ts";
import { effectiveDeployments, find, identities } from "./effective.ts";
import { sourcePatches } from "./source-patches.ts";

if (missing) console.warn(`SKIPPED: proofs with real kustomize, ${missing}`);

const bases = new Map<string, string>();
function base(style: "oci-manifests" | "remote-install", version: string): string {
  const key = `${style} ${version}`;
  if (!bases.has(key)) {
    const components = componentsOf(style, parseFluxVersion(version)!);
    bases.set(key, (style === "oci-manifests" ? gotkComponents : remoteInstall)(version, components));
  }
  return bases.get(key)!;
}

/** Ports a patch list of a kustomization, builds both sides and checks that they say the same. */
function prove(
  style: "oci-manifests" | "remote-install",
  version: string,
  list: string,
  more: Partial<PortInput> = {},
) {
  const components = componentsOf(style, parseFluxVersion(version)!);
  const { patches, readText } = sourcePatches(list);
  const result = portPatches({
    patches,
    style,
    fluxVersion: parseFluxVersion(version)!,
    targetVersion: parseFluxVersion(version)!,
    components,
    namespace: "flux-system",
    substituted: false,
    readText,
    ...more,
  });
  const old = buildOld(base(style, version), yaml.load(list) as object[]);
  const sync = { kind: "GitRepository", url: "https://example.com/r", ref: "refs/heads/main", path: "./" };
  const data = result.patches.map((patch) => patch.data);
  const instance = buildInstance({ version, components, fields: result.fields, patches: data, sync });
  expect(effectiveDeployments(instance)).toEqual(effectiveDeployments(old));
  // The text that goes into the file says the same as the data.
  for (const patch of result.patches) {
    const raw = yaml.load(patch.raw) as { patch: string; target?: object };
    expect(yaml.loadAll(raw.patch)).toEqual(yaml.loadAll(patch.data.patch));
    expect(raw.target).toEqual(patch.data.target);
  }
  return { result, old, instance };
}

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

describe.skipIf(missing)("patches of a reconciled flux-manifests install", () => {
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
