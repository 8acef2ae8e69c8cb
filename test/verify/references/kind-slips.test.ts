import { describe, expect, test } from "vitest";
import { kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { HELM, LIST, thingTree, USER } from "./thing-tree.ts";
import { inShort } from "./tree.ts";

const none = object("ConfigMap", "thing");
const tree = (user: string, thing = none): Files => thingTree(thing, "{}", user);
const certificate = (ref: string) =>
  object("Certificate", "web", "cert-manager.io/v1", [`spec: {secretName: web-tls, issuerRef: {${ref}}}`]);
const external = (kind: string) =>
  object("ExternalSecret", "web", "external-secrets.io/v1", [
    `spec: {secretStoreRef: {name: vault, kind: ${kind}}, target: {name: web}}`,
  ]);
const route = (parent: string, backend: string) =>
  object("HTTPRoute", "web", "gateway.networking.k8s.io/v1", [
    `spec: {parentRefs: [{name: front, ${parent}}], rules: [{backendRefs: [{name: web, port: 80, ${backend}}]}]}`,
  ]);
const scaler = (target: string) =>
  object("HorizontalPodAutoscaler", "web", "autoscaling/v2", [`spec: {maxReplicas: 3, scaleTargetRef: {${target}}}`]);
const web = object("Deployment", "web", "apps/v1", [
  "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}",
]);

describe("a kind or a group that a reference misspells", () => {
  const HPA = "apiVersion: apps/v1, kind: Deployment, name: web";
  test.each<[what: string, was: string, is: string, says: string]>([
    [
      "the kind of an issuer",
      certificate("name: le, kind: ClusterIssuer"),
      certificate("name: le, kind: ClustreIssuer"),
      "Certificate media/web",
    ],
    [
      "the group of an issuer",
      certificate("name: le, group: cert-manager.io"),
      certificate("name: le, group: cert-manger.io"),
      "Certificate media/web",
    ],
    ["the kind of a store", external("ClusterSecretStore"), external("ClusterSceretStore"), "ExternalSecret media/web"],
    [
      "the kind of a Gateway",
      route("kind: Gateway", "kind: Service"),
      route("kind: Gatway", "kind: Service"),
      "HTTPRoute media/web",
    ],
    [
      "the kind of a Service",
      route("kind: Gateway", "kind: Service"),
      route("kind: Gateway", "kind: Sevrice"),
      "HTTPRoute media/web",
    ],
    [
      "the group of what is scaled",
      scaler(HPA),
      scaler(HPA.replace("apps", "app")),
      "HorizontalPodAutoscaler media/web",
    ],
    [
      "the kind of what is scaled",
      scaler(HPA),
      scaler(HPA.replace("Deployment", "StatefulSet")),
      "HorizontalPodAutoscaler media/web",
    ],
  ])("%s", (_, was, is, says) => {
    expect(inShort(tree(was, web), { [USER]: is })).toBe(`unsafe | reference-missing ${says}`);
  });

  test("of an object that comes", () => {
    const comes = (user: string) => inShort(tree(none.replace("thing", "other")), { [USER]: user });
    expect(comes(external("ClusterSceretStore"))).toContain("reference-missing ExternalSecret media/web");
    expect(comes(external("ClusterSecretStore"))).not.toContain("reference-missing");
  });

  test("is no mistake where the tree has such a kind, it is another word, it was so before, or nothing is applied", () => {
    const definition = object(
      "CustomResourceDefinition",
      "clustrestores.external-secrets.io",
      "apiextensions.k8s.io/v1",
      [
        "spec: {group: external-secrets.io, scope: Cluster, names: {kind: ClusterSecretStores, plural: x}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}",
      ],
    );
    const [good, odd] = [external("ClusterSecretStore"), external("ClusterSecretStores")];
    expect(inShort(tree(good), { [USER]: odd })).toContain("reference-missing");
    expect(inShort(tree(good, definition), { [USER]: odd })).not.toContain("reference-missing");
    expect(inShort(tree(good), { [USER]: external("Vault") })).not.toContain("reference-missing");
    expect(inShort(tree(odd), { [USER]: odd.replace("target:", "refreshInterval: 1h, target:") })).toBe("safe");
    const issuer = (group: string) => certificate(`name: le, kind: OriginIssuer, group: ${group}`);
    expect(inShort(tree(issuer("cert-manager.k8s.cloudflare.com")), { [USER]: issuer("other.example") })).toBe("safe");
  });
});

describe("what else is named by a reference", () => {
  const push = (store: string) =>
    object("PushSecret", "web", "external-secrets.io/v1alpha1", [
      `spec: {secretStoreRefs: [{name: ${store}, kind: ClusterSecretStore}], selector: {secret: {name: web}}}`,
    ]);
  const store = object("ClusterSecretStore", "vault", "external-secrets.io/v1", [
    "spec: {provider: {fake: {data: []}}}",
  ]);

  test("the store that a PushSecret writes to", () => {
    expect(inShort(tree(push("vault"), store), { [USER]: push("valut") })).toBe(
      "unsafe | reference-missing PushSecret media/web",
    );
    const gone = { [LIST]: kustomization(["helmrelease.yaml", "user.yaml"]) };
    expect(inShort(tree(push("vault"), store), gone)).toContain("reference-breaks PushSecret media/web");
  });

  test("a store of a single key", () => {
    const one = (name: string) =>
      object("ExternalSecret", "web", "external-secrets.io/v1", [
        `spec: {data: [{secretKey: a, remoteRef: {key: a}, sourceRef: {storeRef: {name: ${name}, kind: ClusterSecretStore}}}]}`,
      ]);
    expect(inShort(tree(one("vault"), store), { [USER]: one("valut") })).toBe(
      "unsafe | reference-missing ExternalSecret media/web",
    );
  });

  test("a slip in what is optional, while what it named is still there", () => {
    const values = object("Secret", "values", "v1", ["stringData: {values.yaml: 'a: b'}"]);
    const from = (name: string) => ({
      [HELM]: release("player", [`valuesFrom: [{kind: Secret, name: ${name}, optional: true}]`]),
    });
    const before = { ...tree(none, values), ...from("values") };
    expect(inShort(before, from("vaules"))).toBe("unsafe | reference-missing HelmRelease media/player");
    expect(inShort(before, from("others"))).toBe("safe");
    const both = { [USER]: values.replace("name: values", "name: vaules") };
    expect(inShort(before, { ...from("vaules"), ...both })).not.toContain("reference-missing");
  });
});
