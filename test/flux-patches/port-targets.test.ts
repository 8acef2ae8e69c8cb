import yaml from "js-yaml";
import { describe, expect, test } from "vitest";
import { portPatches } from "../../src/instance/patches/port.ts";
import { find } from "./effective.ts";
import { ARGS, deployment, prove, rules } from "./prove.ts";
import { sourcePatches } from "./source-patches.ts";

describe("targets", () => {
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

  test("what a strategic merge without target takes away by null stays away with one", () => {
    const list = `
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: helm-controller
      namespace: flux-system
      labels:
        control-plane: null # nobody selects by it
        team: flux
        other: null
    spec:
      replicas: 2
- patch: |
    apiVersion: v1
    kind: Namespace
    metadata:
      name: flux-system
      labels:
        pod-security.kubernetes.io/warn: null
`;
    const { result, instance } = prove("oci-manifests", "2.6.4", list);
    const { metadata, spec } = find(instance, "Deployment", "helm-controller");
    expect(metadata.labels).toMatchObject({ team: "flux" });
    expect(Object.keys(metadata.labels)).not.toContain("control-plane");
    expect(spec.replicas).toBe(2);
    const { labels } = find(instance, "Namespace", "flux-system").metadata;
    expect(Object.keys(labels)).toContain("pod-security.kubernetes.io/warn-version");
    expect(Object.keys(labels)).not.toContain("pod-security.kubernetes.io/warn");
    expect(rules(result)).toEqual([]);
    expect(result.mapping[0]!.note).toBe("/metadata/labels/other does not exist in the operator's base");
  });

  test.each([
    ["adds a map where there was none", "- op: add\n  path: /metadata/annotations\n  value: { team: flux }\n", 2],
    ["adds to the map", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  annotations: { team: flux }\n", 1],
  ])("the operator's guard of the Namespace stays where a patch %s", (_how, patch, count) => {
    const list = yaml.dump([{ patch, target: { kind: "Namespace" } }]);
    const { result, instance } = prove("oci-manifests", "2.6.4", list);
    const { annotations } = find(instance, "Namespace", "flux-system").metadata;
    expect(annotations).toMatchObject({ team: "flux", "fluxcd.controlplane.io/prune": "disabled" });
    expect(result.patches).toHaveLength(count);
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
