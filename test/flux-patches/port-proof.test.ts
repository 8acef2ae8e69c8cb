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

const rules = (result: { findings: { rule: string; level: string }[] }) =>
  result.findings.map(({ rule, level }) => `${level} ${rule}`);

function deployment(name: string, ops: [path: string, value: unknown][]): string {
  const list = ops.map(([path, value]) => ({ op: "add", path, value }));
  return yaml.dump([{ patch: yaml.dump(list), target: { kind: "Deployment", name } }]);
}
const ARGS = "/spec/template/spec/containers/0/args/-";

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

describe.skipIf(missing)("first-class fields", () => {
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
});

describe.skipIf(missing)("targets", () => {
  test("a namespace in the target is dropped, the patch still works", () => {
    const list = deployment("source-controller", [[ARGS, "--concurrent=4"]]).replace(
      "kind: Deployment",
      "kind: Deployment\n    namespace: flux-system",
    );
    const { result } = prove("oci-manifests", "2.6.4", list);
    expect(result.patches[0]!.data.target).toEqual({ kind: "Deployment", name: "source-controller" });
  });

  test("a strategic merge without target that names its namespace gets a target", () => {
    const list = `
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: source-controller
      namespace: flux-system
    spec:
      template:
        spec:
          containers:
            - name: manager
              env:
                - name: HTTPS_PROXY # of the house
                  value: http://proxy
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: source-controller
      namespace: flux-system
      annotations:
        eks.amazonaws.com/role-arn: role
`;
    const { patches } = sourcePatches(list);
    const documents = patches[0]!.body.split("---\n");
    const split = documents.map((body) => yaml.dump([{ patch: body }])).join("");
    const { result, instance } = prove("oci-manifests", "2.6.4", split);
    expect(result.patches.map(({ data }) => data.target)).toEqual([
      { group: "apps", kind: "Deployment", name: "source-controller" },
      { kind: "ServiceAccount", name: "source-controller" },
    ]);
    expect(find(instance, "ServiceAccount", "source-controller").metadata.annotations).toMatchObject({
      "eks.amazonaws.com/role-arn": "role",
    });
  });

  test.each([
    ["app.kubernetes.io/part-of=flux", "Deployment", undefined],
    ["app.kubernetes.io/instance=flux-system", "Deployment", undefined],
    ["control-plane=controller", "Deployment", "control-plane=controller"],
  ])("label selector %s on %s", (labelSelector, kind, kept) => {
    const patch = yaml.dump({
      apiVersion: "apps/v1",
      kind,
      metadata: { name: "all" },
      spec: { template: { spec: { tolerations: [{ key: "x", operator: "Exists" }] } } },
    });
    const { result } = prove("oci-manifests", "2.6.4", yaml.dump([{ patch, target: { kind, labelSelector } }]));
    // part-of still matches Deployments of 2.6, so it may stay; instance cannot.
    const selector = result.patches[0]!.data.target!.labelSelector;
    if (labelSelector.includes("instance")) expect(selector).toBeUndefined();
    if (kept) expect(selector).toBe(kept);
  });

  test("labels that only bootstrap gave to RBAC become kind and name", () => {
    const patch = yaml.dump([{ op: "add", path: "/metadata/labels/team", value: "infra" }]);
    const target = { kind: "ClusterRole", labelSelector: "app.kubernetes.io/part-of=flux" };
    const { result, old, instance } = prove("oci-manifests", "2.6.4", yaml.dump([{ patch, target }]));
    for (const name of ["crd-controller", "flux-edit", "flux-view"].map((role) => `${role}-flux-system`)) {
      for (const objects of [old, instance])
        expect(find(objects, "ClusterRole", name).metadata.labels.team).toBe("infra");
    }
    expect(result.findings).toEqual([]);
  });

  test("a selector on the version label becomes the kind", () => {
    const patch = yaml.dump([{ op: "add", path: "/metadata/annotations/note", value: "x" }]);
    const target = { labelSelector: "app.kubernetes.io/version=v2.6.4", kind: "CustomResourceDefinition" };
    const { result, instance } = prove("oci-manifests", "2.6.4", yaml.dump([{ patch, target }]));
    expect(result.patches.map(({ data }) => data.target)).toEqual([{ kind: "CustomResourceDefinition" }]);
    const crd = find(instance, "CustomResourceDefinition", "buckets.source.toolkit.fluxcd.io");
    expect(crd.metadata.annotations.note).toBe("x");
  });

  test("a selector over every kind is split by kind", () => {
    const patch = yaml.dump([{ op: "add", path: "/metadata/labels/team", value: "infra" }]);
    const target = { labelSelector: "app.kubernetes.io/version=v2.6.4,app.kubernetes.io/component=source-controller" };
    const { result, old, instance } = prove("oci-manifests", "2.6.4", yaml.dump([{ patch, target }]));
    expect(result.patches.map(({ data }) => data.target!.kind).sort()).toEqual([
      "CustomResourceDefinition",
      "Deployment",
      "Service",
      "ServiceAccount",
    ]);
    const labelled = (objects: typeof old) =>
      objects
        .filter(({ metadata }) => metadata.labels?.team)
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
        .sort();
    expect(labelled(instance)).toEqual(labelled(old));
    expect(labelled(old).length).toBeGreaterThan(5);
  });

  test("a patch of what is not installed, or of other objects in the folder, is left out and said", () => {
    const components = ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"];
    const list =
      deployment("image-reflector-controller", [[ARGS, "--concurrent=4"]]) + deployment("podinfo", [[ARGS, "x"]]);
    const { patches, readText } = sourcePatches(list);
    const result = portPatches({
      patches,
      style: "gotk",
      fluxVersion: { major: 2, minor: 6, patch: 4 },
      components,
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(result.patches).toEqual([]);
    expect(rules(result)).toEqual(["caution patch-matches-nothing", "caution patch-matches-nothing"]);
    expect(result.mapping.every(({ to }) => to === undefined)).toBe(true);
  });

  test("a patch on FluxKustomizations of the old set cannot reach the generated root", () => {
    const patch = yaml.dump([{ op: "add", path: "/spec/suspend", value: true }]);
    const { result, instance } = prove(
      "oci-manifests",
      "2.6.4",
      yaml.dump([{ patch, target: { kind: "Kustomization" } }]),
    );
    expect(rules(result)).toEqual(["caution patch-matches-nothing"]);
    expect(find(instance, "Kustomization", "flux-system").spec.suspend).toBeUndefined();
  });
});

describe.skipIf(missing)("operations", () => {
  test("renames to the operator's own names are dropped, also before patches that use them", () => {
    const renames = [
      ["ResourceQuota", "critical-pods"],
      ["ClusterRoleBinding", "cluster-reconciler"],
      ["ClusterRoleBinding", "crd-controller"],
      ["ClusterRole", "crd-controller"],
      ["ClusterRole", "flux-edit"],
      ["ClusterRole", "flux-view"],
    ].map(([kind, name]) => ({
      patch: yaml.dump([{ op: "replace", path: "/metadata/name", value: `${name}-flux-system` }]),
      target: { kind, name },
    }));
    const rule = { apiGroups: ["infra.contrib.fluxcd.io"], resources: ["*"], verbs: ["*"] };
    const grant = {
      patch: yaml.dump([{ op: "add", path: "/rules/-", value: rule }]),
      target: { kind: "ClusterRole", name: "crd-controller-flux-system" },
    };
    const { result, old, instance } = prove("remote-install", "2.6.4", yaml.dump([...renames, grant]));
    expect(result.patches).toHaveLength(1);
    expect(result.findings).toEqual([]);
    expect(
      result.mapping.slice(0, 6).every(({ to, note }) => to === undefined && note.includes("already names it")),
    ).toBe(true);
    expect(identities(instance)).toEqual(identities(old));
    expect(find(instance, "ClusterRole", "crd-controller-flux-system").rules).toContainEqual(rule);
  });

  const enumAt = (index: number, field: string) =>
    `/spec/versions/${index}/schema/openAPIV3Schema/properties/spec/properties/${field}/items/properties/kind/enum/-`;
  const crd = (name: string, paths: string[]) =>
    yaml.dump([
      {
        patch: yaml.dump(paths.map((path) => ({ op: "add", path, value: "Terraform" }))),
        target: { kind: "CustomResourceDefinition", name: `${name}.notification.toolkit.fluxcd.io` },
      },
    ]);

  test("a CRD version index that fits stays", () => {
    const list = crd("alerts", [enumAt(1, "eventSources")]) + crd("receivers", [enumAt(0, "resources")]);
    const { result, instance } = prove("oci-manifests", "2.8.8", list);
    expect(result.findings).toEqual([]);
    const alert = find(instance, "CustomResourceDefinition", "alerts.notification.toolkit.fluxcd.io").spec.versions[1];
    expect(JSON.stringify(alert)).toContain("Terraform");
  });

  test("a CRD version index moves with its version, doubles collapse", () => {
    const list = crd(
      "alerts",
      [0, 1, 2].map((index) => enumAt(index, "eventSources")),
    );
    const { patches, readText } = sourcePatches(list);
    const components = componentsOf("oci-manifests", { major: 2, minor: 9, patch: 4 });
    const result = portPatches({
      patches,
      style: "oci-manifests",
      fluxVersion: { major: 2, minor: 6, patch: 4 },
      targetVersion: { major: 2, minor: 9, patch: 4 },
      components,
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(yaml.load(result.patches[0]!.data.patch)).toEqual([
      { op: "add", path: enumAt(0, "eventSources"), value: "Terraform" },
    ]);
    expect(rules(result)).toContain("info patch-crd-version");
    const instance = buildInstance({ version: "2.9.4", components, patches: result.patches.map(({ data }) => data) });
    const alert = find(instance, "CustomResourceDefinition", "alerts.notification.toolkit.fluxcd.io");
    expect(JSON.stringify(alert).match(/Terraform/g)).toHaveLength(1);
  });

  test.each([
    ["an env index Flux 2.7 no longer has", "2.6.4", "2.7.5", "/spec/template/spec/containers/0/env/2"],
    ["a field that is nowhere", "2.6.4", "2.6.4", "/spec/template/spec/hostNetwork"],
  ])("%s is a blocker and stays out: real kustomize refuses it too", (_, installed, target, path) => {
    const list = yaml.dump([
      { patch: yaml.dump([{ op: "remove", path }]), target: { kind: "Deployment", name: "kustomize-controller" } },
    ]);
    const { patches, readText } = sourcePatches(list);
    const components = componentsOf("oci-manifests", parseFluxVersion(target)!);
    const result = portPatches({
      patches,
      style: "oci-manifests",
      fluxVersion: parseFluxVersion(installed)!,
      targetVersion: parseFluxVersion(target)!,
      components,
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(rules(result)).toContain("blocker patch-breaks-build");
    expect(result.patches).toEqual([]);
    const verbatim = yaml.load(list) as { patch: string; target: object }[];
    expect(() => buildInstance({ version: target, components, patches: verbatim })).toThrow();
  });

  test("an argument index that means another flag under the operator is said", () => {
    const list =
      deployment("kustomize-controller", [[ARGS, "--concurrent=4"]]) +
      yaml.dump([
        {
          patch: yaml.dump([
            { op: "replace", path: "/spec/template/spec/containers/0/args/5", value: "--concurrent=6" },
          ]),
          target: { kind: "Deployment", name: "kustomize-controller" },
        },
      ]);
    const { patches, readText } = sourcePatches(list);
    const result = portPatches({
      patches,
      style: "remote-install",
      fluxVersion: { major: 2, minor: 8, patch: 8 },
      components: componentsOf("remote-install", { major: 2, minor: 8, patch: 8 }),
      namespace: "flux-system",
      substituted: false,
      readText,
    });
    expect(rules(result)).toContain("caution patch-result-differs");
  });

  test("gates a controller would exit on are said", () => {
    const list =
      deployment("source-controller", [[ARGS, "--feature-gates=OOMWatch=true"]]) +
      deployment("helm-controller", [[ARGS, "--feature-gates=UseHelm3Defaults=true"]]);
    const { result } = prove("oci-manifests", "2.6.4", list);
    expect(rules(result)).toEqual(["caution feature-gate-refused", "caution feature-gate-refused"]);
    expect(result.findings.map(({ why }) => why).sort()).toEqual([
      "In Flux 2.6: OOMWatch belongs to helm-controller.",
      "In Flux 2.6: UseHelm3Defaults exists from Flux 2.8 on.",
    ]);
  });

  test("the last of duplicated flags wins on both sides", () => {
    const list =
      deployment("helm-controller", [
        [ARGS, "--concurrent=4"],
        [ARGS, "--log-level=debug"],
      ]) + deployment("(helm|kustomize)-controller", [[ARGS, "--concurrent=8"]]);
    expect(prove("oci-manifests", "2.6.4", list).result.findings).toEqual([]);
  });

  test("a deleted Deployment stays deleted", () => {
    const list = `
- patch: |
    $patch: delete
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
  target:
    kind: Deployment
    name: (image-automation-controller|image-reflector-controller)
`;
    const { result, old, instance } = prove("oci-manifests", "2.6.4", list);
    expect(result.patches).toHaveLength(1);
    expect(identities(instance)).toEqual(identities(old));
  });
});

describe.skipIf(missing)("a gotk kustomization", () => {
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
