import { describe, expect, test } from "vitest";
import { identities } from "./effective.ts";
import { ARGS, deployment, prove } from "./prove.ts";

const LOCKDOWN = `
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/0
      value: --no-cross-namespace-refs=true
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller|notification-controller|image-reflector-controller|image-automation-controller)
- patch: |
    - op: add # keep this comment
      path: /spec/template/spec/volumes/0/emptyDir/medium
      value: Memory
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --no-remote-bases=true
  target:
    kind: Deployment
    name: kustomize-controller
- patch: |
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --default-service-account=tenant
  target:
    kind: Deployment
    name: (kustomize-controller|helm-controller)
`;

describe("first-class fields", () => {
  test("the whole lockdown becomes cluster.multitenant; what it does not say stays", () => {
    const { result } = prove("oci-manifests", "2.6.4", LOCKDOWN, { rootServiceAccountName: "kustomize-controller" });
    expect(result.fields).toEqual({ multitenant: { tenantDefaultServiceAccount: "tenant" } });
    expect(result.patches).toHaveLength(1);
    expect(result.patches[0]!.raw).toContain("# keep this comment");
    expect(result.patches[0]!.raw).not.toContain("no-remote-bases");
    expect(result.mapping.map(({ to }) => to)).toEqual([
      "spec.cluster.multitenant",
      "spec.cluster.multitenant, spec.kustomize.patches",
      "spec.cluster.multitenant",
    ]);
    expect(result.findings).toEqual([]);
  });

  test("without the service account on the root it stays patches", () => {
    const { result } = prove("oci-manifests", "2.6.4", LOCKDOWN);
    expect(result.fields).toEqual({});
    expect(result.patches).toHaveLength(3);
  });

  test("with source-watcher left out of the lockdown it stays patches", () => {
    const more = { rootServiceAccountName: "kustomize-controller" };
    const { result } = prove("oci-manifests", "2.9.4", LOCKDOWN, more);
    expect(result.fields).toEqual({});
    expect(result.patches).toHaveLength(3);
  });

  test("one flag missing: it stays patches", () => {
    const more = { rootServiceAccountName: "kustomize-controller" };
    const { result } = prove(
      "oci-manifests",
      "2.6.4",
      LOCKDOWN.replace("--no-remote-bases=true", "--concurrent=9"),
      more,
    );
    expect(result.fields).toEqual({});
  });

  test("all arguments with another cluster domain become cluster.domain", () => {
    const domain = `
- patch: |
    - op: replace
      path: /spec/template/spec/containers/0/args/0
      value: --events-addr=http://notification-controller.flux-system.svc.home.arpa./
  target:
    kind: Deployment
    name: (source|kustomize|helm|image-reflector|image-automation)-controller
- patch: |
    - op: replace
      path: /spec/template/spec/containers/0/args/6
      value: --storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.home.arpa.
  target:
    kind: Deployment
    name: source-controller
`;
    const { result } = prove("oci-manifests", "2.6.4", domain);
    expect(result.fields).toEqual({ domain: "home.arpa" });
    expect(result.patches).toEqual([]);
    const partial = prove("oci-manifests", "2.6.4", domain.replace("|image-automation", "")).result;
    expect(partial.fields).toEqual({});
    expect(partial.patches).toHaveLength(2);
  });

  test("a pull secret on every Deployment becomes distribution.imagePullSecret", () => {
    const secret = `
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
    spec:
      template:
        spec:
          imagePullSecrets:
            - name: mirror
  target:
    kind: Deployment
`;
    const { result } = prove("oci-manifests", "2.6.4", secret);
    expect(result.fields).toEqual({ imagePullSecret: "mirror" });
    expect(result.patches).toEqual([]);
    const some = prove("oci-manifests", "2.6.4", `${secret}    name: source-controller\n`).result;
    expect(some.fields).toEqual({});
    expect(some.patches).toHaveLength(1);
  });

  test("the workload identity gate becomes its field, also beside another gate", () => {
    const gate = "--feature-gates=ObjectLevelWorkloadIdentity=true";
    const list = deployment("(source|kustomize|notification|image-.*)-controller", [[ARGS, gate]]);
    for (const version of ["2.6.4", "2.8.8"]) {
      const { result } = prove("oci-manifests", version, list);
      expect(result.fields).toEqual({ objectLevelWorkloadIdentity: true });
      expect(result.patches).toEqual([]);
    }
    const both = prove("oci-manifests", "2.8.8", list.replace(gate, `${gate},CacheSecretsAndConfigMaps=true`)).result;
    expect(both.fields).toEqual({ objectLevelWorkloadIdentity: true });
    expect(both.patches).toHaveLength(1);
  });

  test("the ExternalArtifact gate is dropped where source-watcher brings it", () => {
    const list = deployment("(kustomize|helm)-controller", [[ARGS, "--feature-gates=ExternalArtifact=true"]]);
    const { result } = prove("oci-manifests", "2.9.4", list);
    expect(result.patches).toEqual([]);
    expect(result.mapping[0]!.to).toBe("components: source-watcher");
    expect(prove("oci-manifests", "2.8.8", list).result.patches).toHaveLength(1);
  });

  test("deleting only one NetworkPolicy stays a patch", () => {
    const list = `
- patch: |
    $patch: delete
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: x
  target:
    kind: NetworkPolicy
    name: allow-egress
`;
    const { result, old, instance } = prove("oci-manifests", "2.6.4", list);
    expect(result.fields).toEqual({});
    expect(identities(instance)).toEqual(identities(old));
    const rest = list.replace("name: allow-egress", "name: allow-(webhooks|scraping)");
    const all = prove("oci-manifests", "2.6.4", list + rest).result;
    expect(all.fields).toEqual({ networkPolicy: false });
    expect(all.patches).toEqual([]);
  });

  test("an anchor stays only where what was carried still refers to it", () => {
    const list = `
- patch: &proxy |-
    - op: add
      path: /spec/template/spec/containers/0/env/-
      value: { name: HTTPS_PROXY, value: http://proxy:3128 }
  target: &of
    kind: Deployment
    name: helm-controller
- patch: *proxy
  target:
    kind: Deployment
    name: source-controller
`;
    const { result } = prove("oci-manifests", "2.8.8", list);
    expect(result.patches.map(({ raw }) => raw.split("\n")[0])).toEqual(["patch: |-", "patch: |"]);
    expect(result.patches[0]!.raw).toContain("\ntarget:\n  kind: Deployment\n");
  });
});
