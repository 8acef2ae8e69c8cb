import { describe, expect, test } from "vitest";
import { DATA_KINDS, makeDataOf } from "../../../src/admission/data-kinds.ts";
import { IMMUTABLE_KINDS } from "../../../src/admission/immutable-kinds.ts";
import { parseQuantity } from "../../../src/admission/quantity.ts";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import { type Files, judge } from "../judge.ts";

const APP = "kubernetes/apps/media/player/app";
const FILE = `${APP}/pvc.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";

/** An object of the player before and after, and what `verify` says. */
function change(
  kind: string,
  apiVersion: string,
  before: string[],
  after: string[],
  spec: string[] = [],
  more: string[] = [],
) {
  const make = (lines: string[]) => object(kind, "thing", apiVersion, [...more, ...lines]);
  const tree: Files = {
    ...homeTree(),
    [FILE]: make(before),
    [PLAYER]: ks("player", APP, ["targetNamespace: media", ...spec]),
  };
  const verdict = judge(tree, { [FILE]: make(after) });
  const stuck = verdict.findings.filter(({ rule }) => rule === "immutable-changes");
  return { ...verdict, verdict: verdict.safety.verdict, stuck };
}

const SELECTOR = (app: string) => [
  "spec:",
  `  selector: {matchLabels: {app: ${app}}}`,
  `  template: {metadata: {labels: {app: ${app}}}, spec: {containers: [{name: a, image: a}]}}`,
];
const CLAIM = (size: string, name = "data") => [
  "spec:",
  "  serviceName: thing",
  `  volumeClaimTemplates: [{metadata: {name: ${name}}, spec: {resources: {requests: {storage: ${size}}}}}]`,
];
const CRD = (scope: string) => [
  `spec: {group: example.org, scope: ${scope}, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true}]}`,
];

const REFUSED: [what: string, kind: string, apiVersion: string, before: string[], after: string[], field: string][] = [
  [
    "the class of a claim",
    "PersistentVolumeClaim",
    "v1",
    ["spec: {storageClassName: a}"],
    ["spec: {storageClassName: b}"],
    "spec.storageClassName",
  ],
  [
    "the access of a claim",
    "PersistentVolumeClaim",
    "v1",
    ["spec: {accessModes: [ReadWriteOnce]}"],
    ["spec: {accessModes: [ReadWriteMany]}"],
    "spec.accessModes",
  ],
  [
    "a claim that shrinks",
    "PersistentVolumeClaim",
    "v1",
    ["spec: {resources: {requests: {storage: 10Gi}}}"],
    ["spec: {resources: {requests: {storage: 9000Mi}}}"],
    "spec.resources.requests.storage",
  ],
  [
    "where a volume lies",
    "PersistentVolume",
    "v1",
    ["spec: {nfs: {path: /a}}"],
    ["spec: {nfs: {path: /b}}"],
    "spec.nfs",
  ],
  ["the selector of a Deployment", "Deployment", "apps/v1", SELECTOR("a"), SELECTOR("b"), "spec.selector"],
  ["the selector of a DaemonSet", "DaemonSet", "apps/v1", SELECTOR("a"), SELECTOR("b"), "spec.selector"],
  ["claim templates", "StatefulSet", "apps/v1", CLAIM("1Gi"), CLAIM("2Gi"), "spec.volumeClaimTemplates"],
  [
    "the template of a Job",
    "Job",
    "batch/v1",
    ["spec: {template: {a: 1}}"],
    ["spec: {template: {a: 2}}"],
    "spec.template",
  ],
  [
    "the role of a binding",
    "RoleBinding",
    "rbac.authorization.k8s.io/v1",
    ["roleRef: {kind: Role, name: a}"],
    ["roleRef: {kind: Role, name: b}"],
    "roleRef.name",
  ],
  [
    "the role of a cluster binding",
    "ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1",
    ["roleRef: {kind: ClusterRole, name: a}"],
    ["roleRef: {kind: ClusterRole, name: b}"],
    "roleRef.name",
  ],
  [
    "the parameters of a class",
    "StorageClass",
    "storage.k8s.io/v1",
    ["provisioner: x", "parameters: {a: b}"],
    ["provisioner: x", "parameters: {a: c}"],
    "parameters",
  ],
  [
    "a class that keeps volumes from now on",
    "StorageClass",
    "storage.k8s.io/v1",
    ["provisioner: x"],
    ["provisioner: x", "reclaimPolicy: Retain"],
    "reclaimPolicy",
  ],
  [
    "the scope of a CRD",
    "CustomResourceDefinition",
    "apiextensions.k8s.io/v1",
    CRD("Namespaced"),
    CRD("Cluster"),
    "spec.scope",
  ],
  [
    "an immutable ConfigMap",
    "ConfigMap",
    "v1",
    ["immutable: true", "data: {a: b}"],
    ["immutable: true", "data: {a: c}"],
    "data",
  ],
  [
    "a ConfigMap that is immutable no more",
    "ConfigMap",
    "v1",
    ["immutable: true", "data: {a: b}"],
    ["data: {a: b}"],
    "immutable",
  ],
  ["the type of a Secret", "Secret", "v1", ["type: Opaque"], ["type: kubernetes.io/tls"], "type"],
  [
    "the address of a Service",
    "Service",
    "v1",
    ["spec: {clusterIP: 10.0.0.1}"],
    ["spec: {clusterIP: 10.0.0.2}"],
    "spec.clusterIP",
  ],
  [
    "the first family of addresses of a Service",
    "Service",
    "v1",
    ["spec: {ipFamilies: [IPv4, IPv6]}"],
    ["spec: {ipFamilies: [IPv6, IPv4]}"],
    "spec.ipFamilies.0",
  ],
  [
    "a Service that becomes headless",
    "Service",
    "v1",
    ["spec: {ports: []}"],
    ["spec: {ports: [], clusterIP: None}"],
    "spec.clusterIP",
  ],
  [
    "the controller of an IngressClass",
    "IngressClass",
    "networking.k8s.io/v1",
    ["spec: {controller: a}"],
    ["spec: {controller: b}"],
    "spec.controller",
  ],
  ["the value of a PriorityClass", "PriorityClass", "scheduling.k8s.io/v1", ["value: 1"], ["value: 2"], "value"],
  [
    "the source of a snapshot",
    "VolumeSnapshot",
    "snapshot.storage.k8s.io/v1",
    ["spec: {source: {persistentVolumeClaimName: a}}"],
    ["spec: {source: {persistentVolumeClaimName: b}}"],
    "spec.source",
  ],
  [
    "a database cluster that shrinks",
    "Cluster",
    "postgresql.cnpg.io/v1",
    ["spec: {storage: {size: 20Gi}}"],
    ["spec: {storage: {size: 10Gi}}"],
    "spec.storage.size",
  ],
];

const DEPLOYMENT = (strategy: string) => [...SELECTOR("a"), ...(strategy ? [`  strategy: ${strategy}`] : [])];
const SET = (strategy: string, claim = "{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}") => [
  ...SELECTOR("a"),
  `  serviceName: thing`,
  `  volumeClaimTemplates: [${claim}]`,
  ...(strategy ? [`  updateStrategy: ${strategy}`] : []),
];
const SERVICE = (spec: string) => [`spec: {ports: [{port: 80}], ${spec}}`];
const JOB = (spec: string) => [
  `spec: {${spec}template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}`,
];
test("a list of words is shown as it is, on both sides", () => {
  const claim = (mode: string) => [`spec: {accessModes: [${mode}]}`];
  const { stuck } = change("PersistentVolumeClaim", "v1", claim("ReadWriteOnce"), claim("ReadWriteMany"));
  expect(stuck[0]!.why).toMatch(/It is \[ReadWriteOnce\] .* and becomes \[ReadWriteMany\] /);
});

const VOLUME = (spec: string) => [`spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteMany], ${spec}}`];
const REQUESTS = (what: string) => [`spec: {spec: {devices: {requests: [{name: a, exactly: {${what}}}]}}}`];
const CLAIMED = (more: string) => [
  `spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}${more}}`,
];
const ORIGIN = "{apiGroup: volsync.backube, kind: ReplicationDestination, name: a}";

/** As a real API server of Kubernetes 1.34 answers a server-side apply over what it holds. */
const CHANGES: [what: string, kind: string, apiVersion: string, before: string[], after: string[], field?: string][] = [
  [
    "Recreate, with nothing said before",
    "Deployment",
    "apps/v1",
    DEPLOYMENT(""),
    DEPLOYMENT("{type: Recreate}"),
    "spec.strategy.type",
  ],
  [
    "Recreate, after the type alone",
    "Deployment",
    "apps/v1",
    DEPLOYMENT("{type: RollingUpdate}"),
    DEPLOYMENT("{type: Recreate, rollingUpdate: null}"),
    "spec.strategy.type",
  ],
  [
    "Recreate, after what Git has set",
    "Deployment",
    "apps/v1",
    DEPLOYMENT("{rollingUpdate: {maxSurge: 1}}"),
    DEPLOYMENT("{type: Recreate}"),
  ],
  ["Recreate that goes", "Deployment", "apps/v1", DEPLOYMENT("{type: Recreate}"), DEPLOYMENT("")],
  [
    "Recreate that was there",
    "Deployment",
    "apps/v1",
    DEPLOYMENT("{type: Recreate}"),
    [...DEPLOYMENT("{type: Recreate}"), "  replicas: 2"],
  ],
  [
    "OnDelete, with nothing said before",
    "StatefulSet",
    "apps/v1",
    SET(""),
    SET("{type: OnDelete}"),
    "spec.updateStrategy.type",
  ],
  [
    "OnDelete, after what Git has set",
    "StatefulSet",
    "apps/v1",
    SET("{type: RollingUpdate, rollingUpdate: {partition: 0}}"),
    SET("{type: OnDelete}"),
  ],
  [
    "OnDelete of a DaemonSet",
    "DaemonSet",
    "apps/v1",
    DEPLOYMENT(""),
    [...DEPLOYMENT(""), "  updateStrategy: {type: OnDelete}"],
  ],
  [
    "a template of claims in other words",
    "StatefulSet",
    "apps/v1",
    SET(""),
    SET(
      "",
      "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, annotations: {}, creationTimestamp: null}, spec: {volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}}, status: {}}",
    ),
  ],
  [
    "an empty list of a selector",
    "Deployment",
    "apps/v1",
    DEPLOYMENT(""),
    DEPLOYMENT("").map((line) =>
      line.replace("matchLabels: {app: a}}", "matchLabels: {app: a}, matchExpressions: []}"),
    ),
  ],
  ["completions of a Job", "Job", "batch/v1", JOB("completions: 2, "), JOB("completions: 3, "), "spec.completions"],
  [
    "completions of an indexed Job",
    "Job",
    "batch/v1",
    JOB("completionMode: Indexed, completions: 2, parallelism: 2, "),
    JOB("completionMode: Indexed, completions: 3, parallelism: 3, "),
  ],
  ["one completion, as by default", "Job", "batch/v1", JOB(""), JOB("completions: 1, ")],
  [
    "a class of balancers that goes with its type",
    "Service",
    "v1",
    SERVICE("type: LoadBalancer, loadBalancerClass: a/b"),
    SERVICE("type: ClusterIP"),
  ],
  [
    "a class of balancers that goes",
    "Service",
    "v1",
    SERVICE("type: LoadBalancer, loadBalancerClass: a/b"),
    SERVICE("type: LoadBalancer"),
    "spec.loadBalancerClass",
  ],
  ["no address in other words", "Service", "v1", SERVICE("clusterIP: None"), SERVICE("clusterIP: ''")],
  [
    "the port of a health check",
    "Service",
    "v1",
    SERVICE("type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31998"),
    SERVICE("type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31999"),
    "spec.healthCheckNodePort",
  ],
  [
    "scopes of a quota",
    "ResourceQuota",
    "v1",
    ["spec: {hard: {pods: 1}, scopes: [Terminating]}"],
    ["spec: {hard: {pods: 1}, scopes: [NotTerminating]}"],
    "spec.scopes",
  ],
  [
    "the place of a volume",
    "PersistentVolume",
    "v1",
    VOLUME(
      "local: {path: /a}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}",
    ),
    VOLUME(
      "local: {path: /a}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: b, operator: Exists}]}]}}",
    ),
    "spec.nodeAffinity",
  ],
  [
    "a default of a volume",
    "PersistentVolume",
    "v1",
    VOLUME("nfs: {server: a, path: /a}"),
    VOLUME("nfs: {server: a, path: /a, readOnly: false}"),
  ],
  [
    "the device that is claimed",
    "ResourceClaimTemplate",
    "resource.k8s.io/v1",
    REQUESTS("deviceClassName: a"),
    REQUESTS("deviceClassName: b"),
    "spec",
  ],
  [
    "one device, as by default",
    "ResourceClaimTemplate",
    "resource.k8s.io/v1",
    REQUESTS("deviceClassName: a"),
    REQUESTS("deviceClassName: a, allocationMode: ExactCount, count: 1"),
  ],
  ["what a claim was filled from", "PersistentVolumeClaim", "v1", CLAIMED(`, dataSourceRef: ${ORIGIN}`), CLAIMED("")],
  [
    "another thing to fill a claim from",
    "PersistentVolumeClaim",
    "v1",
    CLAIMED(`, dataSourceRef: ${ORIGIN}`),
    CLAIMED(`, dataSourceRef: ${ORIGIN.replace("name: a", "name: b")}`),
    "spec.dataSourceRef",
  ],
];

test.each(CHANGES)("an API server, asked about %s", (_, kind, apiVersion, before, after, field) => {
  const { verdict, stuck, findings } = change(kind, apiVersion, before, after);
  if (field === undefined) expect([verdict, findings]).toEqual(["safe", []]);
  else {
    expect([verdict, stuck.length]).toEqual(["unsafe", 1]);
    expect(stuck[0]!.what).toContain(`refuses the change of ${field} of ${kind}`);
  }
});

test("a type that the API server's own default stands against is told the way", () => {
  const { stuck } = change("Deployment", "apps/v1", DEPLOYMENT(""), DEPLOYMENT("{type: Recreate}"));
  expect(stuck[0]!.why).toContain("has filled in spec.strategy.rollingUpdate, which stays as Git never said it");
  expect(stuck[0]!.next).toContain("Write spec.strategy.rollingUpdate out first");
  const force = ["  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}"];
  const forced = change("Deployment", "apps/v1", DEPLOYMENT(""), DEPLOYMENT("{type: Recreate}"), [], force);
  expect([forced.verdict, forced.stuck]).toEqual(["deletes", []]);
});

describe("a field that cannot be changed", () => {
  test.each(REFUSED)("stops its Kustomization: %s", (_, kind, apiVersion, before, after, field) => {
    const { verdict, stuck, wanted } = change(kind, apiVersion, before, after);
    expect([verdict, wanted, stuck.length]).toEqual(["unsafe", [], 1]);
    expect(stuck[0]!.what).toContain(`refuses the change of ${field} of ${kind}`);
    expect(stuck[0]!.what).toContain("applies nothing more of Kustomization flux-system/player");
    expect(stuck[0]!.at!.file).toBe(FILE);
  });

  test("is named with both values and their places", () => {
    const { stuck } = change(
      "PersistentVolumeClaim",
      "v1",
      ["spec:", "  storageClassName: a"],
      ["spec:", "  storageClassName: b"],
    );
    expect(stuck[0]!.why).toContain(`It is a (${FILE}:7:3) and becomes b (${FILE}:7:3)`);
    expect(stuck[0]!.next).toContain("Keep the old value");
  });

  test("is told by the part of a map that differs", () => {
    const source = (kind: string) => [`spec: {dataSourceRef: {apiGroup: a.example, kind: ${kind}, name: player}}`];
    const { stuck } = change("PersistentVolumeClaim", "v1", source("Backup"), source("Restore"));
    expect(stuck[0]?.why).toMatch(/It is kind: Backup \(.*\) and becomes kind: Restore \(/);
  });

  test("may be the live value where nothing said it before", () => {
    const { verdict, safety } = change("PersistentVolumeClaim", "v1", ["spec: {}"], ["spec: {storageClassName: fast}"]);
    expect(verdict).toBe("unproven");
    expect(safety.unknown[0]!.what).toContain("gets spec.storageClassName fast, which nothing says today");
  });

  test("counts when a document moves to another Kustomization as well", () => {
    const tree: Files = {
      ...homeTree(),
      [FILE]: object("Deployment", "thing", "apps/v1", ["  namespace: media", ...SELECTOR("a")]),
    };
    const other = "kubernetes/apps/games/chess/app";
    const { findings } = judge(
      { ...tree, [PLAYER]: ks("player", APP, ["targetNamespace: media"]).replace("prune: true", "prune: false") },
      {
        [FILE]: undefined,
        [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
        [`${other}/thing.yaml`]: object("Deployment", "thing", "apps/v1", ["  namespace: media", ...SELECTOR("b")]),
        [`${other}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "thing.yaml"]),
        "kubernetes/apps/games/chess/ks.yaml": ks("chess", other),
        [`${other}/helmrelease.yaml`]: homeTree()[`${other}/helmrelease.yaml`]!.replace(
          "name: chess",
          "name: chess\n  namespace: games",
        ),
      },
    );
    expect(findings.map(({ rule }) => rule)).toContain("immutable-changes");
  });
});

describe("what can be changed stays quiet", () => {
  test.each<[string, string, string, string[], string[], string[]?]>([
    [
      "a claim that grows",
      "PersistentVolumeClaim",
      "v1",
      ["spec: {resources: {requests: {storage: 10Gi}}}"],
      ["spec: {resources: {requests: {storage: 20Gi}}}"],
    ],
    [
      "the same size in other letters",
      "PersistentVolumeClaim",
      "v1",
      ["spec: {resources: {requests: {storage: 1Gi}}}"],
      ["spec: {resources: {requests: {storage: 1024Mi}}}"],
    ],
    ["a default that is written out", "PersistentVolumeClaim", "v1", ["spec: {}"], ["spec: {volumeMode: Filesystem}"]],
    ["the order of fields", "PersistentVolumeClaim", "v1", ["spec: {a: 1, b: 2}"], ["spec: {b: 2, a: 1}"]],
    [
      "an image",
      "Deployment",
      "apps/v1",
      ["spec: {replicas: 1, selector: {a: b}}"],
      ["spec: {replicas: 2, selector: {a: b}}"],
    ],
    [
      "a template of a StatefulSet",
      "StatefulSet",
      "apps/v1",
      ["spec: {template: {a: 1}}"],
      ["spec: {template: {a: 2}, replicas: 3}"],
    ],
    [
      "a Job that goes by itself",
      "Job",
      "batch/v1",
      ["spec: {ttlSecondsAfterFinished: 60, template: {a: 1}}"],
      ["spec: {ttlSecondsAfterFinished: 60, template: {a: 2}}"],
    ],
    ["a ConfigMap", "ConfigMap", "v1", ["data: {a: b}"], ["data: {a: c}"]],
    ["a Secret that says its type", "Secret", "v1", ["stringData: {a: b}"], ["type: Opaque", "stringData: {a: c}"]],
    ["a second family", "Service", "v1", ["spec: {ipFamilies: [IPv4]}"], ["spec: {ipFamilies: [IPv4, IPv6]}"]],
    ["ports of a Service", "Service", "v1", ["spec: {ports: [{port: 1}]}"], ["spec: {ports: [{port: 2}]}"]],
    ["an address that Git says no more", "Service", "v1", ["spec: {clusterIP: 10.0.0.1}"], ["spec: {}"]],
    [
      "subjects of a binding",
      "RoleBinding",
      "rbac.authorization.k8s.io/v1",
      ["roleRef: {kind: Role, name: a}", "subjects: []"],
      ["roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}"],
    ],
    [
      "versions of a CRD",
      "CustomResourceDefinition",
      "apiextensions.k8s.io/v1",
      CRD("Namespaced"),
      [CRD("Namespaced")[0]!.replace("name: v1", "name: v1, schema: {}")],
    ],
    [
      "a database cluster that grows",
      "Cluster",
      "postgresql.cnpg.io/v1",
      ["spec: {storage: {size: 20Gi}}"],
      ["spec: {storage: {size: 30Gi}}"],
    ],
  ])("%s", (_, kind, apiVersion, before, after) => {
    const { verdict, findings } = change(kind, apiVersion, before, after);
    expect([verdict, findings]).toEqual(["safe", []]);
  });

  test.each(["IfNotPresent", "Ignore"])("what Flux leaves alone once it is there: ssa %s", (mode) => {
    const more = [`  annotations: {kustomize.toolkit.fluxcd.io/ssa: ${mode}}`];
    const { verdict } = change("Job", "batch/v1", ["spec: {template: {a: 1}}"], ["spec: {template: {a: 2}}"], [], more);
    expect(verdict).toBe("safe");
  });
});

describe("with force", () => {
  test.each<[string, string[], string[]]>([
    ["of its Kustomization", ["force: true"], []],
    ["of an annotation", [], ["  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}"]],
  ])("%s data is deleted and made anew", (_, spec, more) => {
    const to = (name: string) => [`spec: {storageClassName: ${name}}`];
    const { verdict, wanted, stuck, findings } = change("PersistentVolumeClaim", "v1", to("a"), to("b"), spec, more);
    expect([verdict, wanted, stuck]).toEqual(["unsafe", ["recreated PersistentVolumeClaim media/thing"], []]);
    expect(findings[0]!.what).toContain(
      "spec.storageClassName of PersistentVolumeClaim media/thing cannot be changed in place",
    );
  });

  test("a claim that shrinks is made anew as well", () => {
    const to = (size: string) => [`spec: {resources: {requests: {storage: ${size}}}}`];
    expect(change("PersistentVolumeClaim", "v1", to("2Gi"), to("1Gi"), ["force: true"]).verdict).toBe("unsafe");
    expect(change("PersistentVolumeClaim", "v1", to("1Gi"), to("2Gi"), ["force: true"]).verdict).toBe("safe");
  });

  test.each([
    ["Job", "batch/v1", ["spec: {template: {a: 1}}"], ["spec: {template: {a: 2}}"]],
    ["Deployment", "apps/v1", SELECTOR("a"), SELECTOR("b")],
    ["StatefulSet", "apps/v1", ["spec: {serviceName: a}"], ["spec: {serviceName: b}"]],
  ])("a %s is said, and does not stop the merge", (kind, apiVersion, before, after) => {
    const { verdict, meant, blockers } = change(kind, apiVersion, before, after, ["force: true"]);
    expect([verdict, meant, blockers]).toEqual(["deletes", [`recreated ${kind} media/thing`], []]);
  });

  test("a StatefulSet that looks for other claims stops it, and a CRD with its objects", () => {
    expect(change("StatefulSet", "apps/v1", CLAIM("1Gi"), CLAIM("1Gi", "other"), ["force: true"]).verdict).toBe(
      "unsafe",
    );
    const { verdict, wanted } = change(
      "CustomResourceDefinition",
      "apiextensions.k8s.io/v1",
      CRD("Cluster"),
      CRD("Namespaced"),
      ["force: true"],
    );
    expect([verdict, wanted]).toEqual(["unsafe", ["recreated CustomResourceDefinition thing"]]);
  });
});

describe("the tables", () => {
  test("name a source for every row, and no kind of data twice", () => {
    for (const { kind, source } of [...DATA_KINDS, ...IMMUTABLE_KINDS]) {
      expect(kind).toMatch(/^[a-z0-9.-]*\|[A-Za-z0-9]+$/);
      expect(source.length).toBeGreaterThan(5);
    }
    expect(new Set(DATA_KINDS.map(({ kind }) => kind)).size).toBe(DATA_KINDS.length);
  });

  test.each([
    ["1Gi", 2 ** 30],
    ["1.5G", 1.5e9],
    ["100", 100],
    ["1e3", 1000],
    ["500m", 0.5],
    [7, 7],
    ["${SIZE}", undefined],
    ["1Zi", undefined],
    [undefined, undefined],
  ])("read the quantity %s", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test("grow by what a user names", () => {
    const dataOf = makeDataOf([{ kind: "example.org|Vault", takes: "every secret in it", source: "ours" }]);
    expect(dataOf("example.org|Vault|media|one")).toBe("every secret in it");
    expect(dataOf("example.org|Other|media|one")).toBeUndefined();
  });

  test.each([
    "postgresql.cnpg.io/v1 Cluster",
    "ceph.rook.io/v1 CephFilesystem",
    "k8s.mariadb.com/v1alpha1 MariaDB",
    "minio.min.io/v2 Tenant",
  ])("%s that is renamed is unsafe", (text) => {
    const [apiVersion = "", kind = ""] = text.split(" ");
    const tree: Files = { ...homeTree(), [FILE]: object(kind, "one", apiVersion) };
    const { safety, wanted } = judge(tree, { [FILE]: object(kind, "two", apiVersion) });
    expect([safety.verdict, wanted]).toEqual(["unsafe", [`deleted ${kind} media/one`]]);
  });
});

test("the same of one component in many apps is one finding", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const claim = (of: string) => object("PersistentVolumeClaim", "${APP}", "v1", [`spec: {storageClassName: ${of}}`]);
  const app = (name: string) =>
    ks(name, "kubernetes/shared", ["targetNamespace: media", `postBuild: {substitute: {APP: ${name}}}`]);
  const make = (of: string, apps: string[]): Files => ({
    ...homeTree(),
    "kubernetes/shared/claim.yaml": claim(of),
    "kubernetes/shared/kustomization.yaml": kustomization(["claim.yaml"]),
    "kubernetes/apps/media/apps.yaml": apps.map(app).join(""),
    "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml", "player/ks.yaml", "apps.yaml"]),
  });
  const find = (apps: string[]) =>
    judge(make("slow", apps), make("fast", apps)).findings.filter(({ rule }) => rule === "immutable-changes");
  expect(find(names.slice(1))).toHaveLength(5);
  const [one, ...more] = find(names);
  expect(more).toEqual([]);
  expect(one?.what).toContain("PersistentVolumeClaim media/d and 2 more");
  expect([one?.resource, ...(one?.others ?? [])]).toEqual(names.map((name) => `PersistentVolumeClaim media/${name}`));
});
