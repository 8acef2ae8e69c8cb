import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
const USER = `${PLAYER_APP}/user.yaml`;
const CORE = "kubernetes/flux/thing.yaml";

const pod = (spec: string) =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [], ${spec}}}}`,
  ]);
const claim = (spec: string) =>
  object("PersistentVolumeClaim", "user", "v1", [
    `spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, ${spec}}`,
  ]);

/** What stays, and what it names; the name stands in both. */
const ROWS: [what: string, thing: string, user: string, cluster?: true][] = [
  [
    "a class of storage",
    object("StorageClass", "wanted", "storage.k8s.io/v1", ["provisioner: x"]),
    claim("storageClassName: wanted"),
    true,
  ],
  [
    "a class of storage of a StatefulSet",
    object("StorageClass", "wanted", "storage.k8s.io/v1", ["provisioner: x"]),
    object("StatefulSet", "user", "apps/v1", [
      "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: []}},",
      "  volumeClaimTemplates: [{metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], storageClassName: wanted, resources: {requests: {storage: 1Gi}}}}]}",
    ]),
    true,
  ],
  [
    "a class of storage of a database",
    object("StorageClass", "wanted", "storage.k8s.io/v1", ["provisioner: x"]),
    object("Cluster", "user", "postgresql.cnpg.io/v1", [
      "spec: {instances: 1, storage: {size: 1Gi, storageClass: wanted}}",
    ]),
    true,
  ],
  [
    "a class of priority",
    object("PriorityClass", "wanted", "scheduling.k8s.io/v1", ["value: 1"]),
    pod("priorityClassName: wanted"),
    true,
  ],
  [
    "a class of ingresses",
    object("IngressClass", "wanted", "networking.k8s.io/v1"),
    object("Ingress", "user", "networking.k8s.io/v1", ["spec: {ingressClassName: wanted}"]),
    true,
  ],
  [
    "an issuer of the cluster",
    object("ClusterIssuer", "wanted", "cert-manager.io/v1"),
    object("Certificate", "user", "cert-manager.io/v1", [
      "spec: {secretName: tls, issuerRef: {kind: ClusterIssuer, name: wanted}}",
    ]),
    true,
  ],
  [
    "an issuer",
    object("Issuer", "wanted", "cert-manager.io/v1"),
    object("Certificate", "user", "cert-manager.io/v1", ["spec: {secretName: tls, issuerRef: {name: wanted}}"]),
  ],
  [
    "a Service behind an Ingress",
    object("Service", "wanted"),
    object("Ingress", "user", "networking.k8s.io/v1", [
      "spec: {rules: [{http: {paths: [{backend: {service: {name: wanted, port: {number: 80}}}}]}}]}",
    ]),
  ],
  [
    "a Service behind a route",
    object("Service", "wanted"),
    object("HTTPRoute", "user", "gateway.networking.k8s.io/v1", [
      "spec: {rules: [{backendRefs: [{name: wanted, port: 80}]}]}",
    ]),
  ],
  [
    "the Service that names the pods of a StatefulSet",
    object("Service", "wanted"),
    object("StatefulSet", "user", "apps/v1", [
      "spec: {serviceName: wanted, replicas: 3, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: []}}}",
    ]),
  ],
  [
    "a Gateway",
    object("Gateway", "wanted", "gateway.networking.k8s.io/v1"),
    object("HTTPRoute", "user", "gateway.networking.k8s.io/v1", ["spec: {parentRefs: [{name: wanted}]}"]),
  ],
  [
    "a Role",
    object("Role", "wanted", "rbac.authorization.k8s.io/v1"),
    object("RoleBinding", "user", "rbac.authorization.k8s.io/v1", [
      "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: wanted}",
    ]),
  ],
  [
    "a claim that is backed up",
    object("PersistentVolumeClaim", "wanted"),
    object("ReplicationSource", "user", "volsync.backube/v1alpha1", ["spec: {sourcePVC: wanted}"]),
  ],
  [
    "what is scaled",
    object("Deployment", "wanted", "apps/v1"),
    object("HorizontalPodAutoscaler", "user", "autoscaling/v2", [
      "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: wanted}}",
    ]),
  ],
  [
    "what KEDA scales",
    object("Deployment", "wanted", "apps/v1"),
    object("ScaledObject", "user", "keda.sh/v1alpha1", ["spec: {scaleTargetRef: {name: wanted}}"]),
  ],
  [
    "what is sized",
    object("StatefulSet", "wanted", "apps/v1"),
    object("VerticalPodAutoscaler", "user", "autoscaling.k8s.io/v1", [
      "spec: {targetRef: {apiVersion: apps/v1, kind: StatefulSet, name: wanted}}",
    ]),
  ],
  [
    "a database cluster that is backed up",
    object("Cluster", "wanted", "postgresql.cnpg.io/v1", ["spec: {instances: 1, storage: {size: 1Gi}}"]),
    object("ScheduledBackup", "user", "postgresql.cnpg.io/v1", [
      "spec: {schedule: 0 0 0 * * *, cluster: {name: wanted}}",
    ]),
  ],
  [
    "addresses that are announced",
    object("IPAddressPool", "wanted", "metallb.io/v1beta1", ["spec: {addresses: [10.0.0.1-10.0.0.9]}"]),
    object("L2Advertisement", "user", "metallb.io/v1beta1", ["spec: {ipAddressPools: [wanted]}"]),
  ],
  [
    "an issuer that an Ingress names in an annotation",
    object("ClusterIssuer", "wanted", "cert-manager.io/v1"),
    object("Ingress", "user", "networking.k8s.io/v1", [
      "  annotations: {cert-manager.io/cluster-issuer: wanted}",
      "spec: {tls: [{hosts: [a.example]}]}",
    ]),
    true,
  ],
  [
    "an issuer that values of a chart name in an annotation",
    object("ClusterIssuer", "wanted", "cert-manager.io/v1"),
    release("user", ["values: {ingress: {main: {annotations: {cert-manager.io/cluster-issuer: wanted}}}}"]),
    true,
  ],
];

describe.each(ROWS)("%s", (_name, thing, user, isOfCluster) => {
  const file = isOfCluster ? CORE : THING;
  const tree: Files = { ...homeTree(), [file]: thing, [USER]: user, [LIST]: list(!isOfCluster, true) };

  test("that gets another name while something names it is lost", () => {
    const said = inShort(tree, { [file]: thing.replaceAll("wanted", "different") });
    expect(said).toMatch(/^unsafe \|.*reference-breaks/);
  });

  test("that is misspelt where it is named is missing", () => {
    expect(inShort(tree, { [USER]: user.replace("wanted", "wantde") })).toMatch(/^unsafe \|.*reference-missing/);
  });

  test("that goes with what names it, or that nobody in Git makes, draws no word", () => {
    const both: Edits = { [file]: undefined, [USER]: undefined, [LIST]: list(false, false) };
    expect(inShort(tree, both)).toMatch(/^deletes/);
    expect(says(homeTree(), { [USER]: user, [LIST]: list(false, true) }).rules.join()).not.toContain("reference");
  });
});

function list(withThing: boolean, withUser: boolean): string {
  return kustomization([
    ...["helmrelease.yaml", "pvc.yaml"],
    ...(withThing ? ["thing.yaml"] : []),
    ...(withUser ? ["user.yaml"] : []),
  ]);
}

test("a Service that the chart of a release makes from now on is no loss", () => {
  const user = ROWS.find(([name]) => name === "a Service behind an Ingress")![2].replace("wanted", "player");
  const tree = { ...homeTree(), [THING]: object("Service", "player"), [USER]: user, [LIST]: list(true, true) };
  expect(inShort(tree, { [THING]: undefined, [LIST]: list(false, true) })).toMatch(/^deletes/);
});

describe("a name that gets a hash", () => {
  const generator = "configMapGenerator: [{name: extra, literals: [a=b]}]";
  const plain = "generatorOptions: {disableNameSuffixHash: true}";
  const values = release("player", ["valuesFrom: [{kind: ConfigMap, name: extra}]"]);
  const names = (lines: string[]) => kustomization(["helmrelease.yaml", "pvc.yaml"], lines);
  const tree = { ...homeTree(), [HELM]: values, [LIST]: names([generator, plain]) };

  test("is lost for a release, which kustomize does not rewrite", () => {
    const { rules, findings } = says(tree, { [LIST]: names([generator]) });
    expect(rules).toEqual(["reference-breaks HelmRelease media/player"]);
    expect(findings.find(({ rule }) => rule === "reference-breaks")?.next).toContain("disableNameSuffixHash");
  });

  test("is found where the list rewrites it", () => {
    const own =
      "nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{kind: HelmRelease, path: spec/valuesFrom/name}]}]\n";
    const edits = { [LIST]: names([generator, "configurations: [names.yaml]"]), [`${PLAYER_APP}/names.yaml`]: own };
    expect(says(tree, edits).rules).toEqual([]);
  });

  test("is lost where the generator and the release are both new", () => {
    const edits = { [HELM]: values, [LIST]: names([generator]) };
    expect(inShort(homeTree(), edits)).toBe("unsafe | reference-missing HelmRelease media/player");
  });
});

test("a slip in the account that a binding is for is told, and nothing else of it", () => {
  const binding = (name: string, namespace = "media") =>
    object("RoleBinding", "user", "rbac.authorization.k8s.io/v1", [
      "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: any}",
      `subjects: [{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}]`,
    ]);
  const account = (name: string) => object("ServiceAccount", name);
  const tree = { ...homeTree(), [THING]: account("player"), [USER]: binding("player"), [LIST]: list(true, true) };
  const missing = "unsafe | reference-missing RoleBinding media/user";
  expect(inShort(tree, { [USER]: binding("plyer") })).toBe(missing);
  expect(inShort(tree, { [USER]: binding("player", "meida") })).toBe(missing);
  expect(inShort(tree, { [USER]: binding("reader") })).toBe("safe");
  expect(inShort(tree, { [USER]: binding("player", "games") })).toBe(missing);
  expect(inShort(tree, { [THING]: undefined, [LIST]: list(false, true) })).toBe("deletes");
  const fresh = { [USER]: binding("players"), [LIST]: list(true, true) };
  expect(inShort({ ...tree, [LIST]: list(true, false) }, fresh)).toBe("safe");
});

test("the kind that all namespaces share, where a field loses its kind", () => {
  const issuer = (kind: string) => object(kind, "main", "cert-manager.io/v1", ["spec: {selfSigned: {}}"]);
  const certificate = (ref: string) =>
    object("Certificate", "web", "cert-manager.io/v1", [
      `spec: {secretName: web, dnsNames: [a.example], issuerRef: {${ref}}}`,
    ]);
  const tree = {
    ...homeTree(),
    [THING]: issuer("ClusterIssuer"),
    [USER]: certificate("kind: ClusterIssuer, name: main"),
    [LIST]: list(true, true),
  };
  const missing = "unsafe | reference-missing Certificate media/web";
  expect(inShort(tree, { [USER]: certificate("name: main") })).toBe(missing);
  expect(inShort(tree, { [USER]: certificate("kind: Issuer, name: main") })).toBe(missing);
  const both = { [USER]: certificate("name: main"), [THING]: issuer("ClusterIssuer") + issuer("Issuer") };
  expect(inShort(tree, both)).toBe("safe");
  expect(inShort(tree, { [USER]: certificate("name: other") })).toBe("safe");
});

describe("another name altogether, which nothing makes", () => {
  const OPEN = "unproven | safety-unknown";
  const go = (thing: string, from: string, to: string) =>
    inShort({ ...homeTree(), [THING]: thing, [USER]: from, [LIST]: list(true, true) }, { [USER]: to });

  test.each(ROWS.filter(([name]) => ["an issuer", "a Gateway", "addresses that are announced"].includes(name)))(
    "%s",
    (_name, thing, user) => {
      expect(go(thing, user, user.replace("wanted", "something-else"))).toMatch(/^unproven \| safety-unknown/);
      const both = thing + thing.replace("name: wanted", "name: something-else");
      expect(go(both, user, user.replace("wanted", "something-else"))).toBe("safe");
      expect(go(object("ConfigMap", "x"), user, user.replace("wanted", "something-else"))).toBe("safe");
    },
  );

  test("in values of a chart", () => {
    const user = (name: string) => release("user", [`values: {persistence: {data: {existingClaim: ${name}}}}`]);
    expect(go(object("PersistentVolumeClaim", "wanted"), user("wanted"), user("other"))).toBe("safe");
    expect(
      go(object("Secret", "user-secret"), release("user"), release("user", ["values: {a: {secretName: user-secrt}}"])),
    ).toBe(`${OPEN} HelmRelease media/user`);
    const secret = (name: string) => release("user", [`values: {envFrom: [{secretRef: {name: ${name}}}]}`]);
    const relied = secret("other").replaceAll("user", "more");
    expect(go(object("Secret", "wanted"), secret("wanted"), secret("other"))).toBe(`${OPEN} HelmRelease media/user`);
    expect(go(object("Secret", "wanted") + relied, secret("wanted"), secret("other"))).toBe("safe");
    expect(go(object("Secret", "wanted"), secret("wanted"), secret("user-data"))).toBe("safe");
    expect(go(object("Secret", "wanted"), secret("unknown"), secret("other"))).toBe("safe");
  });

  test("where a template may make it", () => {
    const [, gateway, user] = ROWS.find(([name]) => name === "a Gateway")!;
    const made = object("ResourceSet", "gateways", "fluxcd.controlplane.io/v1", [
      "spec:",
      "  inputs: [{name: something-else}]",
      "  resources: [{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: << inputs.name >>}}]",
    ]);
    expect(go(gateway + made, user, user.replace("wanted", "something-else"))).toBe("safe");
    expect(go(gateway + made.replace("kind: Gateway", "kind: Other"), user, user.replace("wanted", "else"))).toBe(
      `${OPEN} HTTPRoute media/user`,
    );
  });
});

test("the Service that names the one pod of a StatefulSet may be left out", () => {
  const [, thing, user] = ROWS.find(([name]) => name.startsWith("the Service that names"))!;
  const go = (text: string) => {
    const tree = { ...homeTree(), [THING]: thing, [USER]: text, [LIST]: list(true, true) };
    const { verdict, findings } = says(tree, { [THING]: undefined, [LIST]: list(false, true) });
    return [verdict, findings.find(({ rule }) => rule === "reference-breaks")?.level];
  };
  expect(go(user)).toEqual(["unsafe", "blocker"]);
  expect(go(user.replace("replicas: 3, ", ""))).toEqual(["deletes", "caution"]);
});

test("a class of storage that is the default of a variable which nothing sets", () => {
  const [, thing] = ROWS.find(([name]) => name === "a class of storage")!;
  const ks = "kubernetes/apps/media/player/ks.yaml";
  const go = (name: string) => {
    const text = `${homeTree()[ks]}  postBuild: {substituteFrom: [{kind: Secret, name: settings}]}\n`;
    const tree = { ...homeTree(), [ks]: text, [THING]: thing, [USER]: claim(`storageClassName: '${name}'`) };
    return inShort({ ...tree, [LIST]: list(true, true) }, { [THING]: undefined, [LIST]: list(false, true) });
  };
  expect(go("${CLASS:=wanted}")).toBe("unsafe | reference-breaks PersistentVolumeClaim media/user");
  expect(go("${CLASS:=other}")).toBe("deletes");
  expect(go("${key:=wanted}")).toBe("deletes");
});
