import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { diffFrozen, makeImmutableRows, printFrozen, readFrozen } from "../../../src/admission/immutable.ts";

const ROWS = makeImmutableRows();

/** What cannot change, as `field from -> to`; `?` where the live value is not known. */
function diff(kind: string, old: string, now: string, rows = ROWS): string[] {
  const key = `${kind}|a|x`;
  const [was, is] = [old, now].map((text) => readFrozen(key, parse(text), rows));
  return diffFrozen(key, was, is, rows).map(
    ({ field, from, to, sure }) => `${field} ${JSON.stringify(from)} -> ${JSON.stringify(to)}${sure ? "" : "?"}`,
  );
}

const spec = (text: string) => `{spec: {${text}}}`;

describe("fields that cannot change", () => {
  const PLAIN: [kind: string, field: string][] = [
    ...["accessModes", "storageClassName", "volumeName", "volumeMode", "selector", "dataSource", "dataSourceRef"].map(
      (field): [string, string] => ["|PersistentVolumeClaim", `spec.${field}`],
    ),
    ...["csi", "nfs", "volumeMode", "nodeAffinity"].map((field): [string, string] => [
      "|PersistentVolume",
      `spec.${field}`,
    ]),
    ...["nodeName", "restartPolicy", "serviceAccountName", "hostNetwork", "volumes"].map((field): [string, string] => [
      "|Pod",
      `spec.${field}`,
    ]),
    ["|Service", "spec.clusterIP"],
    ["|ResourceQuota", "spec.scopes"],
    ["|Secret", "type"],
    ...["selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"].map((field): [string, string] => [
      "apps|StatefulSet",
      `spec.${field}`,
    ]),
    ...["Deployment", "DaemonSet", "ReplicaSet"].map((kind): [string, string] => [`apps|${kind}`, "spec.selector"]),
    ...[
      "template",
      "selector",
      "completionMode",
      "podFailurePolicy",
      "manualSelector",
      "backoffLimitPerIndex",
      "managedBy",
      "completions",
    ].map((field): [string, string] => ["batch|Job", `spec.${field}`]),
    ...["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"].map((field): [string, string] => [
      "storage.k8s.io|StorageClass",
      field,
    ]),
    ...["attachRequired", "volumeLifecycleModes"].map((field): [string, string] => [
      "storage.k8s.io|CSIDriver",
      `spec.${field}`,
    ]),
    ...["driverName", "parameters"].map((field): [string, string] => ["storage.k8s.io|VolumeAttributesClass", field]),
    ...["RoleBinding", "ClusterRoleBinding"].flatMap((kind) =>
      ["kind", "name"].map((field): [string, string] => [`rbac.authorization.k8s.io|${kind}`, `roleRef.${field}`]),
    ),
    ["networking.k8s.io|IngressClass", "spec.controller"],
    ...["value", "preemptionPolicy"].map((field): [string, string] => ["scheduling.k8s.io|PriorityClass", field]),
    ["node.k8s.io|RuntimeClass", "handler"],
    ...["scope", "group", "names.kind", "names.plural"].map((field): [string, string] => [
      "apiextensions.k8s.io|CustomResourceDefinition",
      `spec.${field}`,
    ]),
    ["resource.k8s.io|ResourceClaimTemplate", "spec"],
    ["resource.k8s.io|ResourceClaim", "spec"],
    ["discovery.k8s.io|EndpointSlice", "addressType"],
    ["gateway.networking.k8s.io|GatewayClass", "spec.controllerName"],
    ["snapshot.storage.k8s.io|VolumeSnapshot", "spec.source"],
    ["fluxcd.controlplane.io|FluxInstance", "spec.sync.name"],
  ];
  const at = (field: string, value: string) =>
    field
      .split(".")
      .reverse()
      .reduce((inner, name) => `{${name}: ${inner}}`, value);

  test.each(PLAIN)("%s %s", (kind, field) => {
    expect(diff(kind, at(field, "{k: a}"), at(field, "{k: b}"))).toEqual([`${field} {"k":"a"} -> {"k":"b"}`]);
    expect(diff(kind, at(field, "{k: a, l: b}"), at(field, "{l: b, k: a}"))).toEqual([]);
    expect(diff(kind, at(field, "{k: a}"), at(field, '{k: "${A}"}'))).toEqual([`${field} {"k":"a"} -> {"k":"\${A}"}?`]);
    expect(diff(kind, at(field, "{k: a}"), at(field, '{k: "${A:-a}"}'))).toEqual([]);
  });

  test.each<[kind: string, field: string]>([
    ...["resources", "volumeAttributesClassName"].map((field): [string, string] => ["|PersistentVolumeClaim", field]),
    ...[
      "capacity",
      "accessModes",
      "claimRef",
      "persistentVolumeReclaimPolicy",
      "storageClassName",
      "mountOptions",
      "volumeAttributesClassName",
    ].map((field): [string, string] => ["|PersistentVolume", field]),
    ...["ephemeralContainers", "activeDeadlineSeconds", "tolerations", "schedulingGates"].map(
      (field): [string, string] => ["|Pod", field],
    ),
    ...[
      "replicas",
      "ordinals",
      "template",
      "updateStrategy",
      "persistentVolumeClaimRetentionPolicy",
      "minReadySeconds",
      "revisionHistoryLimit",
    ].map((field): [string, string] => ["apps|StatefulSet", field]),
    ["|Service", "selector"],
    ["apps|Deployment", "replicas"],
    ["batch|Job", "parallelism"],
  ])("but those may: %s %s", (kind, field) => {
    expect(diff(kind, spec(`${field}: {k: a}`), spec(`${field}: {k: b}`))).toEqual([]);
  });

  test("other kinds may change at all", () => {
    expect(readFrozen("apps|Other|a|x", { spec: { selector: 1 } }, ROWS)).toBeUndefined();
    expect(diff("apps|Other", spec("selector: a"), spec("selector: b"))).toEqual([]);
  });
});

describe("what the API server fills in", () => {
  const DEFAULTS: [kind: string, field: string, value: string, other: string][] = [
    ["|PersistentVolumeClaim", "spec.volumeMode", "Filesystem", "Block"],
    ["|PersistentVolume", "spec.volumeMode", "Filesystem", "Block"],
    ["|Pod", "spec.restartPolicy", "Always", "Never"],
    ["|Pod", "spec.serviceAccountName", "default", "other"],
    ["|Pod", "spec.dnsPolicy", "ClusterFirst", "None"],
    ["|Pod", "spec.schedulerName", "default-scheduler", "other"],
    ["|Pod", "spec.terminationGracePeriodSeconds", "30", "60"],
    ["|Pod", "spec.enableServiceLinks", "true", "false"],
    ["|Secret", "type", "Opaque", "other"],
    ["apps|StatefulSet", "spec.podManagementPolicy", "OrderedReady", "Parallel"],
    ["batch|Job", "spec.completionMode", "NonIndexed", "Indexed"],
    ["batch|Job", "spec.manualSelector", "false", "true"],
    ["batch|Job", "spec.completions", "1", "2"],
    ["storage.k8s.io|StorageClass", "reclaimPolicy", "Delete", "Retain"],
    ["storage.k8s.io|StorageClass", "volumeBindingMode", "Immediate", "WaitForFirstConsumer"],
    ["storage.k8s.io|CSIDriver", "spec.attachRequired", "true", "false"],
    ["storage.k8s.io|CSIDriver", "spec.volumeLifecycleModes", "[Persistent]", "[Ephemeral]"],
    ["scheduling.k8s.io|PriorityClass", "preemptionPolicy", "PreemptLowerPriority", "Never"],
  ];
  const at = (field: string, value: string) =>
    field.startsWith("spec.") ? spec(`${field.slice(5)}: ${value}`) : `{${field}: ${value}}`;

  test.each(DEFAULTS)("%s %s is %s", (kind, field, value, other) => {
    const none = field.startsWith("spec.") ? spec("") : "{}";
    expect(diff(kind, none, at(field, value))).toEqual([]);
    expect(diff(kind, at(field, value), none)).toEqual([]);
    const print = JSON.stringify(parse(other));
    expect(diff(kind, none, at(field, other))).toEqual([`${field} undefined -> ${print}`]);
    expect(diff(kind, at(field, other), none)).toEqual([`${field} ${print} -> undefined`]);
  });

  test.each<[kind: string, field: string]>([
    ...["storageClassName", "volumeName", "dataSource", "dataSourceRef"].map((field): [string, string] => [
      "|PersistentVolumeClaim",
      field,
    ]),
    ...["nodeName", "priority"].map((field): [string, string] => ["|Pod", field]),
    ["|Service", "clusterIP"],
    ["batch|Job", "selector"],
  ])("%s %s may be what is live already", (kind, field) => {
    expect(diff(kind, spec(""), spec(`${field}: a`))).toEqual([`spec.${field} undefined -> "a"?`]);
  });

  test.each<[kind: string, field: string, keeps: boolean]>([
    ["|PersistentVolumeClaim", "dataSource", true],
    ["|PersistentVolumeClaim", "dataSourceRef", true],
    ["|Service", "clusterIP", true],
    ["|PersistentVolumeClaim", "storageClassName", false],
  ])("%s %s stays where Git says nothing any more: %s", (kind, field, keeps) => {
    const gone = keeps ? [] : [`spec.${field} "a" -> undefined`];
    expect(diff(kind, spec(`${field}: a`), spec(""))).toEqual(gone);
    if (keeps) expect(diff(kind, spec(`${field}: a`), spec(`${field}: ""`))).toEqual([]);
  });

  test("a Service becomes no headless one", () => {
    expect(diff("|Service", spec(""), spec("clusterIP: None"))).toEqual(['spec.clusterIP undefined -> "None"']);
  });
});

describe("only under a condition", () => {
  test.each<[what: string, kind: string, old: string, now: string, ...found: string[]]>([
    ["both have it", "|PersistentVolume", spec(""), spec("nodeAffinity: a")],
    ["both have it", "|PersistentVolume", spec("nodeAffinity: a"), spec("")],
    ["both have it", "|Service", spec("ipFamilies: [IPv4]"), spec("")],
    [
      "both have it",
      "|Service",
      spec("ipFamilies: [IPv4]"),
      spec("ipFamilies: [IPv6]"),
      'spec.ipFamilies.0 "IPv4" -> "IPv6"',
    ],
    ["the first family", "|Service", spec("ipFamilies: [IPv4]"), spec("ipFamilies: [IPv4, IPv6]")],
    ["a type that has no address", "|Service", spec("type: ExternalName, clusterIP: a"), spec("clusterIP: b")],
    [
      "a type that has no address",
      "|Service",
      spec("type: ExternalName, ipFamilies: [IPv4]"),
      spec("ipFamilies: [IPv6]"),
    ],
    [
      "balancers stay",
      "|Service",
      spec("type: LoadBalancer, loadBalancerClass: a"),
      spec("type: LoadBalancer, loadBalancerClass: b"),
      'spec.loadBalancerClass "a" -> "b"',
    ],
    [
      "balancers stay",
      "|Service",
      spec("type: LoadBalancer"),
      spec("type: LoadBalancer, loadBalancerClass: b"),
      'spec.loadBalancerClass undefined -> "b"',
    ],
    ["balancers go", "|Service", spec("type: LoadBalancer, loadBalancerClass: a"), spec("type: ClusterIP")],
    ["balancers come", "|Service", spec("type: ClusterIP"), spec("type: LoadBalancer, loadBalancerClass: a")],
    [
      "local traffic",
      "|Service",
      spec("externalTrafficPolicy: Local, healthCheckNodePort: 1"),
      spec("externalTrafficPolicy: Local, healthCheckNodePort: 2"),
      "spec.healthCheckNodePort 1 -> 2",
    ],
    [
      "local traffic",
      "|Service",
      spec("externalTrafficPolicy: Local"),
      spec("externalTrafficPolicy: Local, healthCheckNodePort: 2"),
    ],
    ["other traffic", "|Service", spec("healthCheckNodePort: 1"), spec("healthCheckNodePort: 2")],
    [
      "a Secret that is fixed",
      "|Secret",
      "{immutable: true, data: {a: b}, stringData: {c: d}}",
      "{}",
      'data {"a":"b"} -> undefined',
      'stringData {"c":"d"} -> undefined',
      "immutable true -> undefined",
    ],
    ["a Secret that is not", "|Secret", "{data: {a: b}, stringData: {c: d}}", "{immutable: true}"],
    [
      "a ConfigMap that is fixed",
      "|ConfigMap",
      "{immutable: true, data: {a: b}, binaryData: {c: d}}",
      "{}",
      'data {"a":"b"} -> undefined',
      'binaryData {"c":"d"} -> undefined',
      "immutable true -> undefined",
    ],
    ["a ConfigMap that is not", "|ConfigMap", "{immutable: false, data: {a: b}}", "{immutable: true, data: {a: c}}"],
    ["images of a Pod", "|Pod", spec("containers: [{name: a, image: a}]"), spec("containers: [{name: a, image: b}]")],
    [
      "what else it has",
      "|Pod",
      spec("containers: [{name: a, image: a}], initContainers: [{name: a}]"),
      spec("containers: [{name: b, image: b}], initContainers: [{name: b}]"),
      'spec.containers [{"name":"a","image":"a"}] -> [{"name":"b","image":"b"}]',
      'spec.initContainers [{"name":"a"}] -> [{"name":"b"}]',
    ],
    [
      "what a template says of itself",
      "apps|StatefulSet",
      spec("volumeClaimTemplates: [{apiVersion: v1, kind: A, status: {}, metadata: {name: a}}]"),
      spec("volumeClaimTemplates: [{metadata: {name: a}}]"),
    ],
    [
      "a Job that goes by itself",
      "batch|Job",
      spec("ttlSecondsAfterFinished: 5, template: a, managedBy: a, completions: 1"),
      spec("template: b, managedBy: b, completions: 2"),
    ],
    [
      "a Job with an index",
      "batch|Job",
      spec("completionMode: Indexed, completions: 1"),
      spec("completionMode: Indexed, completions: 2"),
    ],
    ["an instance names no sync", "fluxcd.controlplane.io|FluxInstance", spec("sync: {name: a}"), spec("sync: {}")],
    [
      "a rollout that Git does not say",
      "apps|Deployment",
      spec("strategy: {type: RollingUpdate}"),
      spec("strategy: {type: Recreate}"),
      'spec.strategy.type "RollingUpdate" -> "Recreate"',
    ],
    [
      "a rollout that Git says",
      "apps|Deployment",
      spec("strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}"),
      spec("strategy: {type: Recreate}"),
    ],
    [
      "a rollout that comes",
      "apps|Deployment",
      spec("strategy: {type: Recreate}"),
      spec("strategy: {type: RollingUpdate}"),
    ],
    [
      "one of a StatefulSet",
      "apps|StatefulSet",
      spec(""),
      spec("updateStrategy: {type: OnDelete}"),
      'spec.updateStrategy.type undefined -> "OnDelete"',
    ],
  ])("%s: %s %s", (_, kind, old, now, ...found) => {
    expect(diff(kind, old, now)).toEqual(found);
  });

  test("the way out is said where there is one", () => {
    const key = "apps|Deployment|a|x";
    const [old, now] = ["RollingUpdate", "Recreate"].map((type) =>
      readFrozen(key, { spec: { strategy: { type } } }, ROWS),
    );
    expect(diffFrozen(key, old, now, ROWS)).toEqual([
      {
        field: "spec.strategy.type",
        from: "RollingUpdate",
        to: "Recreate",
        sure: true,
        why: "The API server has filled in spec.strategy.rollingUpdate, which stays as Git never said it, and takes none beside Recreate.",
        next: "Write spec.strategy.rollingUpdate out first, as the live object has it, and change the type once that is applied. Or set the annotation kustomize.toolkit.fluxcd.io/force: enabled for this change, with which Flux makes the object anew.",
      },
    ]);
    expect(diffFrozen(key, undefined, now, ROWS)).toEqual([]);
    expect(diffFrozen(key, now, undefined, ROWS)).toEqual([]);
  });
});

describe("what may only grow", () => {
  const claim = (size: string) => spec(`resources: {requests: {storage: ${size}}}`);
  const FIELD = "spec.resources.requests.storage";
  test.each<[from: string, to: string, ...found: string[]]>([
    ["1Gi", "2Gi"],
    ["2Gi", "2048Mi"],
    ["2Gi", "1Gi", `${FIELD} "2Gi" -> "1Gi"`],
    ['"${SIZE:-2Gi}"', "1Gi", `${FIELD} "\${SIZE:-2Gi}" -> "1Gi"?`],
    ['"${SIZE}"', "1Gi", `${FIELD} "\${SIZE}" -> "1Gi"?`],
    ['"${SIZE}"', '"${SIZE}"'],
    ["1Gi", "null", `${FIELD} "1Gi" -> null?`],
  ])("a claim of %s becomes one of %s", (from, to, ...found) => {
    expect(diff("|PersistentVolumeClaim", claim(from), claim(to))).toEqual(found);
  });

  test("where both say it", () => {
    expect(diff("|PersistentVolumeClaim", claim("1Gi"), spec(""))).toEqual([]);
    expect(diff("|PersistentVolumeClaim", spec(""), claim("1Gi"))).toEqual([]);
  });

  test.each(["storage", "walStorage"])("of a database: %s", (field) => {
    const cluster = (size: string) => spec(`${field}: {size: ${size}}`);
    expect(diff("postgresql.cnpg.io|Cluster", cluster("2Gi"), cluster("1Gi"))).toEqual([
      `spec.${field}.size "2Gi" -> "1Gi"`,
    ]);
    expect(diff("postgresql.cnpg.io|Cluster", cluster("1Gi"), cluster("2Gi"))).toEqual([]);
  });
});

describe("a database cluster of CloudNativePG", () => {
  const CLUSTER = "postgresql.cnpg.io|Cluster";
  const image = (name: string) => spec(`imageName: ${name}`);

  test.each([
    ["cnpg/postgresql:17.6", "cnpg/postgresql:16.10"],
    ["cnpg/postgresql:17-standard-trixie", "cnpg/postgresql:16.4-bookworm@sha256:00"],
    ["registry:5000/postgresql:10.2", "registry:5000/postgresql:9.6"],
  ])("goes back from %s to %s", (from, to) => {
    expect(diff(CLUSTER, image(from), image(to))).toEqual([`spec.imageName "${from}" -> "${to}"`]);
    expect(diff(CLUSTER, image(to), image(from))).toEqual([]);
  });

  test.each([
    ["cnpg/postgresql:17.6", "cnpg/postgresql:17.2"],
    ["cnpg/postgresql:17.6", '"cnpg/postgresql:${TAG}"'],
    ["registry:5000/postgresql", "registry:443/postgresql"],
    ["cnpg/postgresql:17.6", "cnpg/postgresql:latest"],
  ])("changes from %s to %s", (from, to) => expect(diff(CLUSTER, image(from), image(to))).toEqual([]));

  test("the major version of a catalog", () => {
    const catalog = (major: number) => spec(`imageCatalogRef: {major: ${major}}`);
    expect(diff(CLUSTER, catalog(17), catalog(16))).toEqual(["spec.imageCatalogRef.major 17 -> 16"]);
    expect(diff(CLUSTER, catalog(17), catalog(18))).toEqual([]);
  });

  test.each([
    ["switchover", "17.6", "b: 1", 1],
    ["switchover", "17.6", "b: 2", 0],
    ["switchover", "17.5", "b: 1", 0],
    ["restart", "17.6", "b: 1", 0],
    ["switchover", "${TAG}", "b: 1", 0],
  ])("with %s takes image %s and parameters {%s}", (method, tag, parameters, count) => {
    const cluster = (version: string, own: string) =>
      spec(`primaryUpdateMethod: ${method}, imageName: "p:${version}", postgresql: {parameters: {${own}}}`);
    expect(diff(CLUSTER, cluster("17.5", "b: 2"), cluster(tag, parameters))).toHaveLength(count);
  });

  test.each([
    ["a default of the operator that is written out", "{b: 1}", '{b: 1, max_worker_processes: "32"}', []],
    ["a default of the operator that goes", '{b: 1, wal_level: "logical"}', "{b: 1}", []],
    [
      "a value that nothing said",
      "{b: 1}",
      '{b: 1, max_worker_processes: "64"}',
      ["max_worker_processes undefined -> 64?"],
    ],
    ["a path that the operator says", "{b: 1, log_directory: /x}", "{b: 1}", ["log_directory /x -> undefined?"]],
    ["a parameter without a default", "{b: 1}", '{b: 1, work_mem: "64MB"}', ["image"]],
    ["a default of the operator beside another one", "{b: 1}", "{b: 2, max_worker_processes: '64'}", ["image"]],
    ["a default that was said otherwise", '{wal_level: "replica"}', '{wal_level: "logical"}', ["image"]],
  ])("with a new image takes %s", (_, from, to, expected) => {
    const cluster = (version: string, own: string) =>
      spec(`primaryUpdateMethod: switchover, imageName: "p:${version}", postgresql: {parameters: ${own}}`);
    const said = diff(CLUSTER, cluster("17.5", from), cluster("17.6", to)).map((one) =>
      one.startsWith("spec.imageName") ? "image" : one.replace("spec.postgresql.parameters.", "").replaceAll('"', ""),
    );
    expect(said).toEqual(expected);
  });

  test("loses a volume", () => {
    const [wal, spaces] = ["spec: {walStorage: {size: 1Gi}}", "spec: {tablespaces: [{name: a}, {name: b}]}"];
    expect(diff(CLUSTER, wal, "spec: {instances: 1}")).toHaveLength(1);
    expect(diff(CLUSTER, spaces, "spec: {tablespaces: [{name: b}]}")).toHaveLength(1);
    expect(diff(CLUSTER, spaces, "spec: {tablespaces: [{name: c}, {name: b}, {name: a}]}")).toEqual([]);
    expect(diff(CLUSTER, "spec: {instances: 1}", wal)).toEqual([]);
  });
});

describe("the same in other words", () => {
  test.each<[kind: string, old: string, now: string]>([
    [
      "apps|StatefulSet",
      spec("volumeClaimTemplates: [{spec: {resources: {requests: {storage: 1Gi}}}}]"),
      spec("volumeClaimTemplates: [{spec: {volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}}}]"),
    ],
    ["|PersistentVolume", spec("nfs: {server: a, readOnly: false}"), spec("nfs: {server: a}")],
    [
      "resource.k8s.io|ResourceClaim",
      spec("devices: {requests: [{name: a, allocationMode: ExactCount, count: 1}]}"),
      spec("devices: {requests: [{name: a}]}"),
    ],
  ])("%s %s", (kind, old, now) => {
    expect(diff(kind, old, now)).toEqual([]);
  });

  test("the fixed fields as text, without what may grow", () => {
    const key = "|PersistentVolumeClaim|a|x";
    const print = (text: string) => printFrozen(key, readFrozen(key, parse(text), ROWS), ROWS);
    expect(print(spec("volumeName: a, accessModes: [b], resources: {requests: {storage: 1Gi}}"))).toBe(
      '[["spec.volumeName","a"],["spec.accessModes",["b"]]]',
    );
    expect(print(spec("volumeName: a, resources: {requests: {storage: 2Gi}}"))).toBe(print(spec("volumeName: a")));
  });

  test("kinds that a user names are looked at beside those that are known", () => {
    const rows = makeImmutableRows([
      { kind: "example.org|Thing", fields: ["spec.a"], source: "own" },
      { kind: "|Service", fields: ["spec.selector"], source: "own" },
    ]);
    expect(diff("example.org|Thing", spec("a: b"), spec("a: c"), rows)).toEqual(['spec.a "b" -> "c"']);
    expect(diff("|Service", spec("selector: b, clusterIP: a"), spec("selector: c, clusterIP: b"), rows)).toEqual([
      'spec.clusterIP "a" -> "b"',
      'spec.selector "b" -> "c"',
    ]);
  });
});
