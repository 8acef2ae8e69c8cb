import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keyOfObject } from "../../../src/admission/key.ts";
import { listReferences, listReferencesAndOptional } from "../../../src/change/read.ts";
import type { OwnedObject } from "../../../src/change/types.ts";

function owned(
  apiVersion: string,
  kind: string,
  body: string,
  more: Partial<OwnedObject> = {},
  remote = "",
): OwnedObject {
  const identity = { apiVersion, kind, namespace: "apps", name: "one" };
  return { ...identity, key: keyOfObject(identity, remote), spared: false, body: parse(body), ...more };
}
const print = ({ field, path, target, soft }: ReturnType<typeof listReferences>[number]) =>
  `${path.join(".") === field ? field : `${field} at ${path.join(".")}`}: ${target}${soft ? " soft" : ""}`;
const read = (apiVersion: string, kind: string, spec: string) =>
  listReferences(owned(apiVersion, kind, `{spec: {${spec}}}`)).map(print);

describe("what else an object needs", () => {
  const POD =
    "serviceAccountName: a, priorityClassName: b, runtimeClassName: c, volumes: [{persistentVolumeClaim: {claimName: d}}, {configMap: {name: e}}, {secret: {secretName: f}}, {projected: {sources: [{configMap: {name: g}}, {secret: {name: h}}]}}, {emptyDir: {}}]";
  const ENV =
    "envFrom: [{configMapRef: {name: i}}, {secretRef: {name: j}}], env: [{name: A, valueFrom: {configMapKeyRef: {name: k, key: x}}}, {name: B, valueFrom: {secretKeyRef: {name: l, key: x}}}, {name: C, value: d}]";
  const TARGETS = [
    ...[
      "|ServiceAccount|apps|a",
      "|PersistentVolumeClaim|apps|d",
      "|ConfigMap|apps|e",
      "|Secret|apps|f",
      "|ConfigMap|apps|g",
    ],
    ...["|Secret|apps|h", "scheduling.k8s.io|PriorityClass||b soft", "node.k8s.io|RuntimeClass||c soft"],
    ...["|ConfigMap|apps|i", "|Secret|apps|j", "|ConfigMap|apps|k", "|Secret|apps|l"],
  ];
  const TEMPLATE = (spec: string) => `template: {spec: {${spec}}}`;
  test.each<[apiVersion: string, kind: string, around: (spec: string) => string]>([
    ["v1", "Pod", (spec) => spec],
    ["apps/v1", "Deployment", TEMPLATE],
    ["apps/v1", "StatefulSet", TEMPLATE],
    ["apps/v1", "DaemonSet", TEMPLATE],
    ["batch/v1", "Job", TEMPLATE],
    ["batch/v1", "CronJob", (spec) => `jobTemplate: {spec: {${TEMPLATE(spec)}}}`],
  ])("the pods of a %s %s", (apiVersion, kind, around) => {
    for (const list of ["containers", "initContainers"]) {
      const found = read(apiVersion, kind, around(`${POD}, ${list}: [{name: x}, {name: y, ${ENV}}]`));
      expect(found.map((one) => one.slice(one.indexOf(": ") + 2))).toEqual(TARGETS);
    }
    const optional = around("volumes: [{configMap: {name: e, optional: true}}]");
    expect(read(apiVersion, kind, optional)).toEqual([]);
    expect(listReferencesAndOptional(owned(apiVersion, kind, `{spec: {${optional}}}`))).toMatchObject([
      { target: "|ConfigMap|apps|e", optional: true },
    ]);
  });

  test.each<[apiVersion: string, kind: string, spec: string, targets: string[]]>([
    ["v1", "PersistentVolumeClaim", "storageClassName: a", ["storage.k8s.io|StorageClass||a soft"]],
    [
      "networking.k8s.io/v1",
      "Ingress",
      "ingressClassName: a, defaultBackend: {service: {name: b}}, rules: [{http: {paths: [{backend: {service: {name: c}}}]}}]",
      ["networking.k8s.io|IngressClass||a soft", "|Service|apps|b soft", "|Service|apps|c soft"],
    ],
    [
      "gateway.networking.k8s.io/v1",
      "Gateway",
      "gatewayClassName: a",
      ["gateway.networking.k8s.io|GatewayClass||a soft"],
    ],
    ...["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"].map(
      (kind): [string, string, string, string[]] => [
        "gateway.networking.k8s.io/v1",
        kind,
        "parentRefs: [{name: a, namespace: b}, {kind: Service, name: c}], rules: [{backendRefs: [{name: d}, {name: e, namespace: f}, {kind: ServiceImport, name: g}]}]",
        ["gateway.networking.k8s.io|Gateway|b|a soft", "|Service|apps|d soft", "|Service|f|e soft"],
      ],
    ),
    ["cert-manager.io/v1", "Certificate", "issuerRef: {name: a}", ["cert-manager.io|Issuer|apps|a soft"]],
    [
      "cert-manager.io/v1",
      "Certificate",
      "issuerRef: {kind: ClusterIssuer, name: a}",
      ["cert-manager.io|ClusterIssuer||a soft"],
    ],
    [
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: Deployment, name: a}",
      ["apps|Deployment|apps|a soft"],
    ],
    [
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: StatefulSet, name: a}",
      ["apps|StatefulSet|apps|a soft"],
    ],
    ["autoscaling/v2", "HorizontalPodAutoscaler", "scaleTargetRef: {kind: Rollout, name: a}", []],
    [
      "volsync.backube/v1alpha1",
      "ReplicationSource",
      "sourcePVC: a, restic: {repository: b}",
      ["|PersistentVolumeClaim|apps|a soft", "|Secret|apps|b soft"],
    ],
    ["volsync.backube/v1alpha1", "ReplicationDestination", "restic: {repository: b}", ["|Secret|apps|b soft"]],
    [
      "external-secrets.io/v1",
      "ExternalSecret",
      "secretStoreRef: {name: a}",
      ["external-secrets.io|SecretStore|apps|a"],
    ],
    [
      "external-secrets.io/v1",
      "ExternalSecret",
      "secretStoreRef: {kind: ClusterSecretStore, name: a}",
      ["external-secrets.io|ClusterSecretStore||a"],
    ],
    [
      "external-secrets.io/v1",
      "ClusterExternalSecret",
      "externalSecretSpec: {secretStoreRef: {kind: ClusterSecretStore, name: a}}",
      ["external-secrets.io|ClusterSecretStore||a"],
    ],
    ["example.com/v1", "Deployment", TEMPLATE(POD), []],
  ])("%s %s with %s", (apiVersion, kind, spec, targets) => {
    expect(read(apiVersion, kind, spec).map((one) => one.slice(one.indexOf(": ") + 2))).toEqual(targets);
  });

  test.each(["RoleBinding", "ClusterRoleBinding"])("the role of a %s", (kind) => {
    const bound = (ref: string) =>
      listReferences(owned("rbac.authorization.k8s.io/v1", kind, `{roleRef: {${ref}}}`)).map(({ target, soft }) => [
        target,
        soft,
      ]);
    expect(bound("kind: ClusterRole, name: 'team'")).toEqual([["rbac.authorization.k8s.io|ClusterRole||team", true]]);
    expect(bound("kind: Role, name: team")).toEqual([["rbac.authorization.k8s.io|Role|apps|team", true]]);
    expect(bound("kind: Role, name: ''")).toEqual([]);
  });
});

const KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/v1";

describe("nothing is read", () => {
  const KS = "{spec: {serviceAccountName: a}}";
  test.each<[what: string, object: OwnedObject]>([
    ["of an object that is not known", owned(KUSTOMIZATION, "Kustomization", "null")],
    ["of a list", owned(KUSTOMIZATION, "Kustomization", "[]")],
    ["of what is in another cluster", owned(KUSTOMIZATION, "Kustomization", KS, {}, "a/b")],
    ["of a kind without a row", owned("v1", "Service", KS)],
    ["of nothing at all", owned(KUSTOMIZATION, "Kustomization", "{spec: {sourceRef: null, dependsOn: [null, a, {}]}}")],
    ["of no spec", owned(KUSTOMIZATION, "Kustomization", "{}")],
    ["of no annotations", owned("v1", "Secret", "{metadata: null}", { made: { template: "", input: "" } })],
    ["of a spec that is a text", owned(KUSTOMIZATION, "Kustomization", "{spec: a}")],
    [
      "of a ConfigMap that is copied by nothing of the operator",
      owned("v1", "ConfigMap", "{metadata: {annotations: {fluxcd.controlplane.io/copyFrom: b/c}}}"),
    ],
  ])("%s", (_, object) => {
    expect(listReferences(object)).toEqual([]);
  });

  test("but what a ResourceSet copies", () => {
    const copied = (from: string, kind = "Secret") =>
      listReferences(
        owned("v1", kind, `{metadata: {annotations: {fluxcd.controlplane.io/copyFrom: '${from}'}}}`, {
          made: { template: "", input: "" },
        }),
      );
    expect(copied("b/c")).toEqual([
      {
        field: "metadata.annotations.fluxcd.controlplane.io/copyFrom",
        path: ["metadata", "annotations", "fluxcd.controlplane.io/copyFrom"],
        target: "|Secret|b|c",
      },
    ]);
    expect(copied("b/c", "ConfigMap")).toMatchObject([{ target: "|ConfigMap|b|c" }]);
    expect(copied("apps-a/secret-b")).toMatchObject([{ target: "|Secret|apps-a|secret-b" }]);
    for (const from of ["b", "b/c/d", "/c", "b/", "<< inputs.ns >>/c", "b/<< inputs.name >>", "${NS}/c"])
      expect(copied(from)).toEqual([]);
  });

  test("and what it converts a kubeconfig of, or prints the checksum of", () => {
    const made = (apiVersion: string, kind: string, body: string) =>
      listReferences(owned(apiVersion, kind, body, { made: { template: "", input: "" } })).map(({ field, target }) => [
        field.split("/").at(-1),
        target,
      ]);
    const converted = (kind: string, from: string) =>
      made("v1", kind, `{metadata: {annotations: {fluxcd.controlplane.io/convertKubeConfigFrom: '${from}'}}}`);
    expect(converted("ConfigMap", "b/c")).toEqual([["convertKubeConfigFrom", "|Secret|b|c"]]);
    expect(converted("ConfigMap", "b/c:admin")).toEqual([["convertKubeConfigFrom", "|Secret|b|c"]]);
    expect(converted("Secret", "b/c")).toEqual([]);
    const sums = "{metadata: {annotations: {fluxcd.controlplane.io/checksumFrom: 'Secret/b/c, ConfigMap/b/d'}}}";
    const both = [
      ["checksumFrom", "|Secret|b|c"],
      ["checksumFrom", "|ConfigMap|b|d"],
    ];
    expect(made("apps/v1", "Deployment", `{spec: {template: ${sums}}}`)).toEqual(both);
    expect(made("example.com/v1", "Job", `{spec: {jobs: [${sums}]}}`)).toEqual(both);
    expect(listReferences(owned("apps/v1", "Deployment", `{spec: {template: ${sums}}}`))).toEqual([]);
  });

  test("twice where the namespace is another", () => {
    const body = parse("{spec: {serviceAccountName: a}}");
    const at = (namespace: string) =>
      listReferences({ ...owned(KUSTOMIZATION, "Kustomization", "{}"), namespace, body }).map(({ target }) => target);
    expect([at("x"), at("y"), at("x")]).toEqual([
      ["|ServiceAccount|x|a"],
      ["|ServiceAccount|y|a"],
      ["|ServiceAccount|x|a"],
    ]);
  });

  test("of what Flux substitutes from, where it is optional", () => {
    const object = owned(
      KUSTOMIZATION,
      "Kustomization",
      "{spec: {postBuild: {substituteFrom: [{kind: Secret, name: a, optional: true}]}}}",
    );
    expect(listReferencesAndOptional(object)).toEqual([]);
  });
});
