import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keyOfObject } from "../../../src/admission/key.ts";
import { groupOfKind, REFERENCE_FIELDS } from "../../../src/change/fields.ts";
import { listReferences } from "../../../src/change/read.ts";
import type { OwnedObject } from "../../../src/change/types.ts";
import { isFluxGroup } from "../../../src/delivery/kinds.ts";
import { fluxSchema } from "../../../src/release/flux-schemas.ts";
import type { SchemaNode } from "../../../src/release/schema-nodes.ts";

const FLUX = {
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
  GitRepository: "source.toolkit.fluxcd.io/v1",
  OCIRepository: "source.toolkit.fluxcd.io/v1",
  Bucket: "source.toolkit.fluxcd.io/v1",
  HelmRepository: "source.toolkit.fluxcd.io/v1",
  HelmChart: "source.toolkit.fluxcd.io/v1",
  ImageRepository: "image.toolkit.fluxcd.io/v1",
  ImagePolicy: "image.toolkit.fluxcd.io/v1",
  ImageUpdateAutomation: "image.toolkit.fluxcd.io/v1",
  Receiver: "notification.toolkit.fluxcd.io/v1",
  Alert: "notification.toolkit.fluxcd.io/v1beta3",
  Provider: "notification.toolkit.fluxcd.io/v1beta3",
  ArtifactGenerator: "source.extensions.fluxcd.io/v1beta1",
  FluxInstance: "fluxcd.controlplane.io/v1",
  ResourceSet: "fluxcd.controlplane.io/v1",
  ResourceSetInputProvider: "fluxcd.controlplane.io/v1",
} as const;

function owned(apiVersion: string, kind: string, body: string): OwnedObject {
  const identity = { apiVersion, kind, namespace: "apps", name: "one" };
  return { ...identity, key: keyOfObject(identity), spared: false, body: parse(body) };
}
const print = ({ field, path, target, soft }: ReturnType<typeof listReferences>[number]) =>
  `${path.join(".") === field ? field : `${field} at ${path.join(".")}`}: ${target}${soft ? " soft" : ""}`;
const read = (apiVersion: string, kind: string, spec: string) =>
  listReferences(owned(apiVersion, kind, `{spec: {${spec}}}`)).map(print);
const flux = (kind: keyof typeof FLUX, spec: string) => read(FLUX[kind], kind, spec);

// A reference of Flux is to one Secret, account or source: a field that is not in the table is not looked at.
test("every field of Flux that names a Secret or an account is looked at", () => {
  const known = new Set(REFERENCE_FIELDS.map(({ of, field }) => `${of} ${field}`));
  const missing = Object.entries(FLUX).flatMap(([kind, apiVersion]) => {
    const of = `${apiVersion.split("/")[0]}|${kind}`;
    const queue: { node: SchemaNode | undefined; path: string }[] = [{ node: fluxSchema(apiVersion, kind), path: "" }];
    const found: string[] = [];
    for (const { node, path } of queue) {
      if (typeof node !== "object") continue;
      if (node.a) queue.push({ node: node.a, path: `${path}[]` });
      for (const [name, one] of Object.entries(node.p ?? {})) {
        const field = path === "" ? name : `${path}.${name}`;
        queue.push({ node: one, path: field });
        if (/secretref$|^serviceaccountname$|pullsecret$/i.test(name)) found.push(`${of} ${field}`);
      }
    }
    expect(queue.length > 5 || kind === "ResourceSetInputProvider").toBe(true);
    return found.filter((one) => !known.has(one));
  });
  expect(missing).toEqual([]);
});

describe("what an object of Flux needs", () => {
  test.each<[kind: keyof typeof FLUX, spec: string, references: string[]]>([
    [
      "Kustomization",
      "sourceRef: {kind: GitRepository, name: a}",
      ["spec.sourceRef: source.toolkit.fluxcd.io|GitRepository|apps|a"],
    ],
    [
      "Kustomization",
      "sourceRef: {kind: OCIRepository, name: a, namespace: b}",
      ["spec.sourceRef: source.toolkit.fluxcd.io|OCIRepository|b|a"],
    ],
    ["Kustomization", "sourceRef: {name: a}", []],
    ["Kustomization", "sourceRef: {kind: Foo, name: a}", []],
    ["Kustomization", "sourceRef: {kind: Bucket, name: ''}", ["spec.sourceRef: source.toolkit.fluxcd.io|Bucket|apps|"]],
    ["Kustomization", "sourceRef: {kind: Bucket, name: 5}", []],
    ["Kustomization", "sourceRef: {kind: Bucket, name: '${NAME}'}", []],
    ["Kustomization", "sourceRef: {kind: Bucket, name: a, namespace: '${NS}'}", []],
    [
      "Kustomization",
      "dependsOn: [{name: a}, {name: b, namespace: c}, {}]",
      [
        "spec.dependsOn at spec.dependsOn.0: kustomize.toolkit.fluxcd.io|Kustomization|apps|a",
        "spec.dependsOn at spec.dependsOn.1: kustomize.toolkit.fluxcd.io|Kustomization|c|b",
      ],
    ],
    [
      "Kustomization",
      "healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: a, namespace: b}, {kind: Deployment, name: c, namespace: d}]",
      [
        "spec.healthChecks at spec.healthChecks.0: helm.toolkit.fluxcd.io|HelmRelease|b|a",
        "spec.healthChecks at spec.healthChecks.1: apps|Deployment|d|c soft",
      ],
    ],
    [
      "Kustomization",
      "healthChecks: [{apiVersion: v1, kind: Service, name: a, namespace: b}, {apiVersion: example.com/v1, kind: Thing, name: c}]",
      [
        "spec.healthChecks at spec.healthChecks.0: |Service|b|a soft",
        "spec.healthChecks at spec.healthChecks.1: example.com|Thing||c soft",
      ],
    ],
    ["Kustomization", "wait: true, healthChecks: [{apiVersion: v1, kind: Service, name: a, namespace: b}]", []],
    // In no namespace, where it is not: findVainChecks says that.
    ["Kustomization", "healthChecks: [{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: a}]", []],
    [
      "Kustomization",
      "postBuild: {substituteFrom: [{kind: ConfigMap, name: a}, {kind: Secret, name: b, namespace: ignored}]}",
      [
        "spec.postBuild.substituteFrom at spec.postBuild.substituteFrom.0: |ConfigMap|apps|a",
        "spec.postBuild.substituteFrom at spec.postBuild.substituteFrom.1: |Secret|apps|b",
      ],
    ],
    ["Kustomization", "serviceAccountName: a", ["spec.serviceAccountName: |ServiceAccount|apps|a"]],
    ["Kustomization", "serviceAccountName: ''", []],
    [
      "Kustomization",
      "decryption: {serviceAccountName: a, secretRef: {name: b}}",
      ["spec.decryption.serviceAccountName: |ServiceAccount|apps|a", "spec.decryption.secretRef: |Secret|apps|b"],
    ],
    [
      "Kustomization",
      "kubeConfig: {secretRef: {name: a}, configMapRef: {name: b}}",
      ["spec.kubeConfig.secretRef: |Secret|apps|a", "spec.kubeConfig.configMapRef: |ConfigMap|apps|b"],
    ],
    ["HelmRelease", "chartRef: {name: a}", ["spec.chartRef: source.toolkit.fluxcd.io|OCIRepository|apps|a"]],
    [
      "HelmRelease",
      "chartRef: {kind: HelmChart, name: a, namespace: b}",
      ["spec.chartRef: source.toolkit.fluxcd.io|HelmChart|b|a"],
    ],
    [
      "HelmRelease",
      "chart: {spec: {sourceRef: {kind: HelmRepository, name: a}, verify: {secretRef: {name: b}}}}",
      [
        "spec.chart.spec.sourceRef: source.toolkit.fluxcd.io|HelmRepository|apps|a",
        "spec.chart.spec.verify.secretRef: |Secret|apps|b",
      ],
    ],
    [
      "HelmRelease",
      "dependsOn: [{name: a, namespace: b}]",
      ["spec.dependsOn at spec.dependsOn.0: helm.toolkit.fluxcd.io|HelmRelease|b|a"],
    ],
    [
      "HelmRelease",
      "valuesFrom: [{kind: ConfigMap, name: a}, {kind: Secret, name: b, optional: true}, {kind: Secret, name: c, optional: false}]",
      [
        "spec.valuesFrom at spec.valuesFrom.0: |ConfigMap|apps|a",
        "spec.valuesFrom at spec.valuesFrom.2: |Secret|apps|c",
      ],
    ],
    [
      "HelmRelease",
      "serviceAccountName: a, kubeConfig: {secretRef: {name: b}, configMapRef: {name: c}}",
      ["spec.kubeConfig.secretRef: |Secret|apps|b", "spec.kubeConfig.configMapRef: |ConfigMap|apps|c"],
    ],
    ["HelmRelease", "serviceAccountName: a", ["spec.serviceAccountName: |ServiceAccount|apps|a"]],
    [
      "GitRepository",
      "secretRef: {name: a}, proxySecretRef: {name: b}, verify: {secretRef: {name: c}}, serviceAccountName: d, include: [{repository: {name: e}}]",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.proxySecretRef: |Secret|apps|b",
        "spec.verify.secretRef: |Secret|apps|c",
        "spec.serviceAccountName: |ServiceAccount|apps|d",
        "spec.include.repository at spec.include.0.repository: source.toolkit.fluxcd.io|GitRepository|apps|e",
      ],
    ],
    [
      "OCIRepository",
      "secretRef: {name: a}, certSecretRef: {name: b}, proxySecretRef: {name: c}, verify: {secretRef: {name: d}, trustedRootSecretRef: {name: e}}, serviceAccountName: f",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.certSecretRef: |Secret|apps|b",
        "spec.proxySecretRef: |Secret|apps|c",
        "spec.verify.secretRef: |Secret|apps|d",
        "spec.verify.trustedRootSecretRef: |Secret|apps|e",
        "spec.serviceAccountName: |ServiceAccount|apps|f",
      ],
    ],
    [
      "Bucket",
      "secretRef: {name: a}, certSecretRef: {name: b}, proxySecretRef: {name: c}, sts: {secretRef: {name: d}, certSecretRef: {name: e}}, serviceAccountName: f",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.certSecretRef: |Secret|apps|b",
        "spec.proxySecretRef: |Secret|apps|c",
        "spec.sts.secretRef: |Secret|apps|d",
        "spec.sts.certSecretRef: |Secret|apps|e",
        "spec.serviceAccountName: |ServiceAccount|apps|f",
      ],
    ],
    [
      "HelmRepository",
      "secretRef: {name: a}, certSecretRef: {name: b}",
      ["spec.secretRef: |Secret|apps|a", "spec.certSecretRef: |Secret|apps|b"],
    ],
    [
      "HelmChart",
      "sourceRef: {kind: HelmRepository, name: a, namespace: ignored}, verify: {secretRef: {name: b}}",
      ["spec.sourceRef: source.toolkit.fluxcd.io|HelmRepository|apps|a", "spec.verify.secretRef: |Secret|apps|b"],
    ],
    [
      "ImageRepository",
      "secretRef: {name: a}, certSecretRef: {name: b}, proxySecretRef: {name: c}, serviceAccountName: d",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.certSecretRef: |Secret|apps|b",
        "spec.proxySecretRef: |Secret|apps|c",
        "spec.serviceAccountName: |ServiceAccount|apps|d",
      ],
    ],
    [
      "ImagePolicy",
      "imageRepositoryRef: {name: a, namespace: b}",
      ["spec.imageRepositoryRef: image.toolkit.fluxcd.io|ImageRepository|b|a"],
    ],
    [
      "ImageUpdateAutomation",
      "sourceRef: {name: a, namespace: b}, git: {commit: {signingKey: {secretRef: {name: c}}}}",
      [
        "spec.sourceRef: source.toolkit.fluxcd.io|GitRepository|b|a",
        "spec.git.commit.signingKey.secretRef: |Secret|apps|c",
      ],
    ],
    [
      "Receiver",
      "secretRef: {name: a}, resources: [{kind: GitRepository, name: b, namespace: c}, {kind: Bucket, name: '*'}]",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.resources at spec.resources.0: source.toolkit.fluxcd.io|GitRepository|c|b",
      ],
    ],
    [
      "Alert",
      "providerRef: {name: a}, eventSources: [{kind: HelmRelease, name: b, namespace: c}, {kind: Kustomization, name: '*'}]",
      [
        "spec.providerRef: notification.toolkit.fluxcd.io|Provider|apps|a",
        "spec.eventSources at spec.eventSources.0: helm.toolkit.fluxcd.io|HelmRelease|c|b",
      ],
    ],
    [
      "Provider",
      "secretRef: {name: a}, certSecretRef: {name: b}, proxySecretRef: {name: c}, serviceAccountName: d",
      [
        "spec.secretRef: |Secret|apps|a",
        "spec.certSecretRef: |Secret|apps|b",
        "spec.proxySecretRef: |Secret|apps|c",
        "spec.serviceAccountName: |ServiceAccount|apps|d",
      ],
    ],
    [
      "ArtifactGenerator",
      "sources: [{kind: Bucket, name: a, namespace: b}]",
      ["spec.sources at spec.sources.0: source.toolkit.fluxcd.io|Bucket|b|a"],
    ],
    [
      "FluxInstance",
      "sync: {pullSecret: a}, distribution: {imagePullSecret: b, artifactPullSecret: c}",
      [
        "spec.sync.pullSecret: |Secret|apps|a",
        "spec.distribution.imagePullSecret: |Secret|apps|b",
        "spec.distribution.artifactPullSecret: |Secret|apps|c",
      ],
    ],
    [
      "ResourceSet",
      "serviceAccountName: a, inputsFrom: [{kind: ResourceSetInputProvider, name: b}, {name: c}]",
      [
        "spec.inputsFrom at spec.inputsFrom.0: fluxcd.controlplane.io|ResourceSetInputProvider|apps|b",
        "spec.inputsFrom at spec.inputsFrom.1: fluxcd.controlplane.io|ResourceSetInputProvider|apps|c",
        "spec.serviceAccountName: |ServiceAccount|apps|a",
      ],
    ],
    [
      "ResourceSet",
      "dependsOn: [{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, name: a, namespace: b}, {apiVersion: v1, kind: Secret, name: c, namespace: d}]",
      [
        "spec.dependsOn at spec.dependsOn.0: fluxcd.controlplane.io|ResourceSet|b|a",
        "spec.dependsOn at spec.dependsOn.1: |Secret|d|c soft",
      ],
    ],
    [
      "ResourceSetInputProvider",
      "secretRef: {name: a}, certSecretRef: {name: b}",
      ["spec.secretRef: |Secret|apps|a", "spec.certSecretRef: |Secret|apps|b"],
    ],
  ])("%s with %s", (kind, spec, references) => {
    expect(flux(kind, spec)).toEqual(references);
  });
});

test("groups are told by the kinds that are known", () => {
  expect(groupOfKind("Secret")).toBe("");
  expect(groupOfKind("HelmRelease")).toBe("helm.toolkit.fluxcd.io");
  expect(groupOfKind("toString")).toBeUndefined();
  expect(["helm.toolkit.fluxcd.io", "fluxcd.controlplane.io", "source.extensions.fluxcd.io"].map(isFluxGroup)).toEqual([
    true,
    true,
    true,
  ]);
  expect(["fluxcd.io.example.com", "", "notfluxcd.io", "apps"].map(isFluxGroup)).toEqual([false, false, false, false]);
});
