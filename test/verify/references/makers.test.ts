import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keyOfObject } from "../../../src/admission/key.ts";
import { listMade, Plausible } from "../../../src/change/makers.ts";
import type { OwnedObject } from "../../../src/change/types.ts";

/** An object called `one` in `apps`. */
function made(
  apiVersion: string,
  kind: string,
  body = "{}",
  more: Partial<OwnedObject> = {},
  remote = "",
): OwnedObject {
  const identity = { apiVersion, kind, namespace: "apps", name: "one" };
  return { ...identity, key: keyOfObject(identity, remote), spared: false, body: parse(body), ...more };
}
const print = ({ key, owned }: { key: string; owned?: true }) => `${key}${owned ? " owned" : ""}`;

describe("what a controller makes for an object", () => {
  test.each<[apiVersion: string, kind: string, body: string, keys: string[]]>([
    ["external-secrets.io/v1", "ExternalSecret", "", ["|Secret|apps|one owned"]],
    ["external-secrets.io/v1", "ExternalSecret", "spec: {target: {name: two}}", ["|Secret|apps|two owned"]],
    ["external-secrets.io/v1", "ExternalSecret", "spec: {target: {creationPolicy: Owner}}", ["|Secret|apps|one owned"]],
    ["external-secrets.io/v1", "ExternalSecret", "spec: {target: {creationPolicy: Orphan}}", ["|Secret|apps|one"]],
    ["bitnami.com/v1alpha1", "SealedSecret", "", ["|Secret|apps|one owned"]],
    ["bitnami.com/v1alpha1", "SealedSecret", "spec: {template: {}}", ["|Secret|apps|one owned"]],
    [
      "bitnami.com/v1alpha1",
      "SealedSecret",
      "spec: {template: {metadata: {name: a, namespace: b}}}",
      ["|Secret|apps|one owned"],
    ],
    ["cert-manager.io/v1", "Certificate", "spec: {secretName: tls}", ["|Secret|apps|tls"]],
    ["cert-manager.io/v1", "Certificate", "spec: {secretName: ''}", []],
    ["cert-manager.io/v1", "Certificate", "spec: {secretName: 5}", []],
    ["cert-manager.io/v1", "Certificate", "", []],
    ["cert-manager.io/v1", "Issuer", "spec: {acme: {privateKeySecretRef: {name: key}}}", ["|Secret|apps|key"]],
    ["cert-manager.io/v1", "Issuer", "spec: {acme: {}}", []],
    ["cert-manager.io/v1", "Issuer", "spec: {selfSigned: {}}", []],
    ["onepassword.com/v1", "OnePasswordItem", "", ["|Secret|apps|one owned"]],
    ["secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "spec: {destination: {name: a}}", ["|Secret|apps|a"]],
    ["secrets.hashicorp.com/v1beta1", "VaultDynamicSecret", "spec: {destination: {name: a}}", ["|Secret|apps|a"]],
    [
      "secrets.hashicorp.com/v1beta1",
      "VaultStaticSecret",
      "spec: {destination: {name: a, create: true}}",
      ["|Secret|apps|a owned"],
    ],
    [
      "secrets.hashicorp.com/v1beta1",
      "HCPVaultSecretsApp",
      "spec: {destination: {name: a, create: true}}",
      ["|Secret|apps|a owned"],
    ],
    ["ricoberger.de/v1alpha1", "VaultSecret", "spec: {path: a}", ["|Secret|apps|one owned"]],
    ["spv.no/v1", "AzureKeyVaultSecret", "spec: {output: {secret: {name: a}}}", ["|Secret|apps|a owned"]],
    ["secretgenerator.mittwald.de/v1alpha1", "StringSecret", "spec: {}", ["|Secret|apps|one owned"]],
    [
      "external-secrets.io/v1",
      "ClusterExternalSecret",
      "spec: {externalSecretName: a, namespaces: [b, c]}",
      ["|Secret|b|a owned", "|Secret|c|a owned"],
    ],
    [
      "external-secrets.io/v1",
      "ClusterExternalSecret",
      "spec: {namespaces: [b], externalSecretSpec: {target: {name: d, creationPolicy: Merge}}}",
      [],
    ],
    [
      "secrets.infisical.com/v1alpha1",
      "InfisicalSecret",
      "spec: {managedKubeSecretReferences: [{secretName: a, creationPolicy: Owner}, {secretName: b}]}",
      ["|Secret|apps|a owned", "|Secret|apps|b"],
    ],
    ["secrets.hashicorp.com/v1beta1", "VaultPKISecret", "spec: {destination: {name: a}}", ["|Secret|apps|a"]],
    ["secrets.hashicorp.com/v1beta1", "VaultPKISecret", "spec: {}", []],
    [
      "secrets.infisical.com/v1alpha1",
      "InfisicalSecret",
      "spec: {managedSecretReference: {secretName: a, secretNamespace: b}}",
      ["|Secret|b|a"],
    ],
    [
      "secrets.infisical.com/v1alpha1",
      "InfisicalSecret",
      "spec: {managedSecretReference: {secretName: a}}",
      ["|Secret|apps|a"],
    ],
    [
      "secrets.doppler.com/v1alpha1",
      "DopplerSecret",
      "spec: {managedSecret: {name: a, namespace: b}}",
      ["|Secret|b|a"],
    ],
    ["secrets.doppler.com/v1alpha1", "DopplerSecret", "spec: {managedSecret: {name: a}}", ["|Secret|apps|a"]],
    ["secrets.doppler.com/v1alpha1", "DopplerSecret", "", []],
    ["k8s.bitwarden.com/v1", "BitwardenSecret", "spec: {secretName: a}", ["|Secret|apps|a owned"]],
    [
      "isindir.github.com/v1alpha3",
      "SopsSecret",
      "spec: {secretTemplates: [{name: a}, {name: b}]}",
      ["|Secret|apps|a owned", "|Secret|apps|b owned"],
    ],
    [
      "secrets-store.csi.x-k8s.io/v1",
      "SecretProviderClass",
      "spec: {secretObjects: [{secretName: a}]}",
      ["|Secret|apps|a"],
    ],
    [
      "postgresql.cnpg.io/v1",
      "Cluster",
      "",
      ["app", "superuser", "ca", "server", "replication"].map((end) => `|Secret|apps|one-${end}`),
    ],
    [
      "rabbitmq.com/v1beta1",
      "RabbitmqCluster",
      "",
      ["|Secret|apps|one-default-user", "|Secret|apps|one-erlang-cookie"],
    ],
    ["kafka.strimzi.io/v1beta2", "KafkaUser", "", ["|Secret|apps|one"]],
    ["kafka.strimzi.io/v1beta2", "Kafka", "", ["|Secret|apps|one-cluster-ca-cert", "|Secret|apps|one-clients-ca-cert"]],
    [
      "elasticsearch.k8s.elastic.co/v1",
      "Elasticsearch",
      "",
      ["|Secret|apps|one-es-elastic-user", "|Secret|apps|one-es-http-certs-public"],
    ],
    ["ceph.rook.io/v1", "CephObjectStoreUser", "spec: {store: s}", ["|Secret|apps|rook-ceph-object-user-s-one"]],
    ["objectbucket.io/v1alpha1", "ObjectBucketClaim", "", ["|Secret|apps|one", "|ConfigMap|apps|one"]],
    [
      "source.extensions.fluxcd.io/v1beta1",
      "ArtifactGenerator",
      "spec: {artifacts: [{name: a}, {}, {name: 5}]}",
      ["source.toolkit.fluxcd.io|ExternalArtifact|apps|a owned"],
    ],
    ["helm.toolkit.fluxcd.io/v2", "HelmRelease", "", ["source.toolkit.fluxcd.io|HelmChart|apps|apps-one"]],
    [
      "helm.toolkit.fluxcd.io/v2",
      "HelmRelease",
      "spec: {chart: {spec: {sourceRef: {name: x, namespace: flux-system}}}}",
      ["source.toolkit.fluxcd.io|HelmChart|flux-system|apps-one"],
    ],
    ["v1", "ConfigMap", "", []],
    ["example.com/v1", "ExternalSecret", "", []],
    ["v1", "toString", "", []],
  ])("%s %s with %j", (apiVersion, kind, body, keys) => {
    const object = made(apiVersion, kind, body === "" ? "{}" : body);
    expect(listMade(object).map(print)).toEqual(keys);
    const { body: _, ...unread } = object;
    expect(listMade(unread)).toEqual([]);
    // In another cluster it is made there, and what objects of Flux do there is not followed.
    const there = listMade(made(apiVersion, kind, body || "{}", {}, "a/b"));
    expect(there.every(({ key }) => key.endsWith("|@a/b"))).toBe(true);
    const isOfFlux = apiVersion.includes(".fluxcd.io/");
    expect(there.map((one) => print({ ...one, key: one.key.replace("|@a/b", "") }))).toEqual(isOfFlux ? [] : keys);
  });
});

describe("an object that is not whole", () => {
  const PARTS = ["target", "template", "destination", "acme", "chart", "managedSecret", "managedSecretReference"];
  const KINDS = [
    ...["external-secrets.io ExternalSecret", "bitnami.com SealedSecret", "cert-manager.io Certificate"],
    ...[
      "cert-manager.io Issuer",
      "secrets.hashicorp.com VaultStaticSecret",
      "secrets.hashicorp.com VaultDynamicSecret",
    ],
    ...[
      "secrets.hashicorp.com VaultPKISecret",
      "secrets.infisical.com InfisicalSecret",
      "secrets.doppler.com DopplerSecret",
    ],
    ...["k8s.bitwarden.com BitwardenSecret", "isindir.github.com SopsSecret", "ceph.rook.io CephObjectStoreUser"],
    ...["secrets-store.csi.x-k8s.io SecretProviderClass", "source.extensions.fluxcd.io ArtifactGenerator"],
    "helm.toolkit.fluxcd.io HelmRelease",
  ];
  test.each(KINDS)("%s is read all the same", (one) => {
    const [group, kind = ""] = one.split(" ");
    const lists = "secretTemplates: [null], secretObjects: [null], artifacts: [null]";
    const bodies = [
      ...[
        "{}",
        "{spec: null}",
        "{spec: {}}",
        `{spec: {${lists}, chart: {spec: {}}}}`,
        `{spec: {${lists}, chart: {spec: null}}}`,
      ],
      ...["null", "{}"].map((part) => `{spec: {${PARTS.map((name) => `${name}: ${part}`).join(", ")}}}`),
    ];
    for (const body of bodies) {
      const names = listMade(made(`${group}/v1`, kind, body)).map(({ key }) => key.split("|").at(-1));
      expect(
        names.filter((name) => !/^(?:one|apps-one|rook-ceph-object-user-undefined-one)$/.test(String(name))),
      ).toEqual([]);
    }
  });
});

describe("what may be made in other ways", () => {
  const secret = (name: string, namespace = "apps") =>
    keyOfObject({ apiVersion: "v1", kind: "Secret", namespace, name });
  const BY = secret("by");
  const plausible = (...objects: OwnedObject[]) => {
    const all = new Plausible();
    for (const object of objects) all.add(object);
    return all;
  };
  const says = (
    apiVersion: string,
    kind: string,
    text = "spec: {out: [wanted]}",
    more: Partial<OwnedObject> = {},
    remote = "",
  ) => plausible(made(apiVersion, kind, text, more, remote));
  const release = (target: string) => ({ release: { target } }) as Partial<OwnedObject>;

  test.each<[what: string, all: Plausible, here: boolean, elsewhere: boolean]>([
    ["a custom resource", says("example.com/v1", "Thing"), true, false],
    [
      "one with the name in the middle of a text",
      says("example.com/v1", "Thing", "spec: {out: not-wanted}"),
      false,
      false,
    ],
    ["one in a namespace of that name", says("example.com/v1", "Thing", "metadata: {namespace: wanted}"), false, false],
    ["one with nothing in it", says("example.com/v1", "Thing", "spec: {out: null}"), false, false],
    ["a policy for all namespaces", says("kyverno.io/v1", "ClusterPolicy"), true, true],
    ["a policy that generates", says("policies.kyverno.io/v1", "NamespacedGeneratingPolicy"), true, true],
    ["secrets of all namespaces", says("external-secrets.io/v1", "ClusterExternalSecret"), true, true],
    ["another policy", says("kyverno.io/v1", "MyClusterPolicy"), true, false],
    ["one more", says("kyverno.io/v1", "ClusterPolicyReport"), true, false],
    ["one of a kind like it", says("policies.kyverno.io/v1", "GeneratingPolicyReport"), true, false],
    ["a workload", says("apps/v1", "Deployment"), false, false],
    ["a job", says("batch/v1", "Job"), false, false],
    ["a ConfigMap", says("v1", "ConfigMap"), false, false],
    ["an Ingress", says("networking.k8s.io/v1", "Ingress"), false, false],
    ["an object of Flux", says("kustomize.toolkit.fluxcd.io/v1", "Kustomization"), false, false],
    ["a ResourceSet", says("fluxcd.controlplane.io/v1", "ResourceSet"), false, false],
    ["a group that only ends alike", says("batch.example/v1", "Thing"), true, false],
    ["a group that only begins alike", says("my.apps/v1", "Thing"), true, false],
    [
      "values of a release",
      says("helm.toolkit.fluxcd.io/v2", "HelmRelease", "spec: {values: {a: wanted}}", release("apps")),
      true,
      false,
    ],
    [
      "those of one that goes elsewhere",
      says("helm.toolkit.fluxcd.io/v2", "HelmRelease", "spec: {values: {a: wanted}}", release("other")),
      false,
      true,
    ],
    [
      "a release beside its values",
      says("helm.toolkit.fluxcd.io/v2", "HelmRelease", "spec: {timeout: wanted}", release("apps")),
      false,
      false,
    ],
    ["what is in another cluster", says("example.com/v1", "Thing", undefined, {}, "a/b"), false, false],
    [
      "a copy",
      says(
        "v1",
        "Secret",
        "metadata: {annotations: {reflector.v1.k8s.emberstack.com/reflection-auto-enabled: 'true'}}",
        { name: "wanted" },
      ),
      true,
      true,
    ],
    [
      "a copy by another name",
      says("v1", "Secret", "metadata: {annotations: {replicator.v1.mittwald.de/replicate-to: x}}", { name: "wanted" }),
      true,
      true,
    ],
    [
      "one that may be copied on demand",
      says("v1", "Secret", "metadata: {annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'}}", {
        name: "wanted",
      }),
      false,
      false,
    ],
    [
      "a ConfigMap that is copied",
      says("v1", "ConfigMap", "metadata: {annotations: {replicator.v1.mittwald.de/replicate-to: x}}", {
        name: "wanted",
      }),
      false,
      false,
    ],
    [
      "another kind that says so",
      says("apps/v1", "Deployment", "metadata: {annotations: {replicator.v1.mittwald.de/replicate-to: x}}", {
        name: "wanted",
      }),
      false,
      false,
    ],
  ])("%s", (_, all, here, elsewhere) => {
    expect([all.isNamed(secret("wanted"), BY), all.isNamed(secret("wanted", "other"), BY)]).toEqual([here, elsewhere]);
    expect(all.isNamed(secret("want"), BY)).toBe(false);
  });

  test("are not made by what needs them, unless another says the name too", () => {
    const one = made("example.com/v1", "Thing", "spec: {out: wanted, again: wanted}");
    expect(plausible(one).isNamed(secret("wanted"), one.key)).toBe(false);
    const two = made("example.com/v1", "Other", "spec: {out: wanted}");
    expect(plausible(one, two).isNamed(secret("wanted"), one.key)).toBe(true);
  });

  test("are no objects of Flux", () => {
    const source = keyOfObject({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      namespace: "apps",
      name: "wanted",
    });
    expect(says("example.com/v1", "Thing").isNamed(source, BY)).toBe(false);
  });

  test("begin with the name of a release there", () => {
    const all = plausible(
      made("helm.toolkit.fluxcd.io/v2", "HelmRelease", "{}", { name: "my-app", ...release("apps") }),
    );
    for (const name of ["my-app", "my-app-tls", "my-app-a-b"]) expect(all.isOfRelease(secret(name))).toBe(true);
    for (const name of ["my", "my-apps", "a-my-app", "other-my-app-tls"])
      expect(all.isOfRelease(secret(name))).toBe(false);
    expect(all.isOfRelease(secret("my-app-tls", "other"))).toBe(false);
  });
});
