import { describe, expect, test } from "vitest";
import { kustomization, object, release } from "../home-tree.ts";
import { HELM, LIST, thingTree, without } from "./thing-tree.ts";
import { inShort } from "./tree.ts";

const storage = object("StorageClass", "fast", "storage.k8s.io/v1", ["provisioner: x"]);
const ingress = object("IngressClass", "fast", "networking.k8s.io/v1", ["spec: {controller: x/y}"]);
const gateway = object("Gateway", "fast", "gateway.networking.k8s.io/v1", [
  "spec: {gatewayClassName: x, listeners: []}",
]);
const snapshots = object("VolumeSnapshotClass", "fast", "snapshot.storage.k8s.io/v1", ["driver: x"]);
const none = object("ConfigMap", "one");

const tree = (thing: string, values: string, user = none) => thingTree(thing, values, user);
const broken = "unsafe | reference-breaks HelmRelease media/player";

describe("a class or a Gateway goes while the values of a chart go on naming it", () => {
  test.each<[string, string, string]>([
    ["storageClass", storage, "{db: {storageClass: fast}}"],
    ["storageClassName, at two places", storage, "{a: {storageClassName: fast}, b: {storageClassName: fast}}"],
    ["storageClass beside what is off", storage, "{a: {enabled: false}, db: {enabled: true, storageClass: fast}}"],
    ["className of an ingress", ingress, "{ingress: {main: {className: fast}}}"],
    ["ingressClassName", ingress, "{ingressClassName: fast}"],
    ["gatewayClassName", object("GatewayClass", "fast", "gateway.networking.k8s.io/v1"), "{gatewayClassName: fast}"],
    [
      "priorityClassName",
      object("PriorityClass", "fast", "scheduling.k8s.io/v1", ["value: 1"]),
      "{priorityClassName: fast}",
    ],
    [
      "runtimeClassName",
      object("RuntimeClass", "fast", "node.k8s.io/v1", ["handler: x"]),
      "{pod: {runtimeClassName: fast}}",
    ],
    ["storageClass.name of a claim", storage, "{persistence: {storageClass: {name: fast}}}"],
    ["volumeSnapshotClassName", snapshots, "{volumeSnapshotClassName: fast}"],
    ["parentRefs", gateway, "{route: {main: {parentRefs: [{name: fast}]}}}"],
  ])("%s", (_, thing, values) => {
    expect(inShort(tree(thing, values), without)).toBe(broken);
  });

  test.each<[string, string, string]>([
    ["another class", storage, "{db: {storageClass: slow}}"],
    ["a class of another kind", storage, "{ingress: {className: fast}}"],
    ["what a chart may make under that name", storage, "{storageClass: {name: fast}, db: {storageClass: fast}}"],
    ["what a chart makes by a key", storage, "{storageClasses: {fast: {reclaim: Retain}}, db: {storageClass: fast}}"],
    ["what is switched off", storage, "{db: {persistence: {enabled: false, storageClass: fast}}}"],
    ["a route that is switched off", gateway, "{route: {main: {enabled: false, parentRefs: [{name: fast}]}}}"],
    ["another Gateway", gateway, "{route: {main: {parentRefs: [{name: fast, namespace: games}]}}}"],
  ])("says nothing of %s", (_, thing, values) => {
    expect(inShort(tree(thing, values), without)).toBe("deletes");
  });
});

describe("a class goes that an object names", () => {
  const claim = object("PersistentVolumeClaim", "books", "v1", [
    "spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
  ]);
  const backup = object("ReplicationSource", "books", "volsync.backube/v1alpha1", [
    "spec: {sourcePVC: a, restic: {repository: b, cacheStorageClassName: fast, volumeSnapshotClassName: fast}}",
  ]);
  const snapshot = object("VolumeSnapshot", "books", "snapshot.storage.k8s.io/v1", [
    "spec: {volumeSnapshotClassName: fast, source: {persistentVolumeClaimName: a}}",
  ]);

  test.each<[string, string, string]>([
    ["VolumeSnapshot", snapshots, snapshot],
    ["ReplicationSource", snapshots, backup],
    ["ReplicationSource", storage, backup],
  ])("a %s", (kind, thing, user) => {
    expect(inShort(tree(thing, "{}", user), without)).toBe(`unsafe | reference-breaks ${kind} media/books`);
  });

  test("and is made by a chart from then on", () => {
    const made = { ...without, [HELM]: release("player", ["values: {storageClass: {create: true, name: fast}}"]) };
    expect(inShort(tree(storage, "{}", claim), made)).not.toContain("reference-breaks");
    const other = { ...without, [HELM]: release("player", ["values: {fullnameOverride: fast}"]) };
    expect(inShort(tree(storage, "{}", claim), other)).toContain("reference-breaks PersistentVolumeClaim");
  });
});

describe("values have a chart make a class no more", () => {
  const page = object("Ingress", "page", "networking.k8s.io/v1", [
    "spec: {ingressClassName: fast, rules: [{host: a.b}]}",
  ]);
  const ask = (was: string, is: string, user = page, edits = {}) =>
    inShort(tree(none, was, user), { [HELM]: release("player", [`values: ${is}`]), ...edits });
  const made = "{ingressClassResource: {name: fast}}";

  test.each<[string, string, string, string]>([
    ["another name", made, "{ingressClassResource: {name: slow}}", "Ingress media/page"],
    ["switched off", made, "{ingressClassResource: {enabled: false, name: fast}}", "Ingress media/page"],
    [
      "made no more",
      "{ingressClass: {create: true, name: fast}}",
      "{ingressClass: {create: false, name: fast}}",
      "Ingress media/page",
    ],
    ["taken out", "{ingressClass: {name: fast}}", "{}", "Ingress media/page"],
    [
      "of a kind that is not said",
      "{a: {fastClass: {name: fast}}}",
      "{a: {fastClass: {name: slow}}}",
      "Ingress media/page",
    ],
    [
      "a chart that uses it",
      "{storageClasses: [{name: fast}], db: {storageClass: fast}}",
      "{storageClasses: [], db: {storageClass: fast}}",
      "HelmRelease media/player",
    ],
  ])("%s", (_, was, is, user) => {
    expect(ask(was, is)).toBe(`unproven | safety-unknown ${user}`);
  });

  test("as its release goes", () => {
    const without = { [HELM]: undefined, [LIST]: kustomization(["thing.yaml", "user.yaml"]) };
    expect(ask(made, "{}", page, without)).toBe("unproven | safety-unknown Ingress media/page");
  });

  test("or goes that has its name", () => {
    const named = (name: string, more = "") =>
      release(name, more === "" ? [] : [more]).replace("chart: app", "chart: ingress-fast");
    const gone = { [HELM]: undefined, [LIST]: kustomization(["thing.yaml", "user.yaml"]) };
    const files = { ...tree(none, "{}", page), [HELM]: named("player") };
    expect(inShort(files, gone)).toBe("unproven | safety-unknown Ingress media/page");
    expect(inShort(files, { [HELM]: named("player", "values: {a: b}") })).toBe("safe");
    const moved = { ...gone, "kubernetes/apps/media/player/app/thing.yaml": named("other") };
    expect(inShort(files, moved)).not.toContain("Ingress");
  });

  test("and so say values of a ConfigMap", () => {
    const values = (text: string) => object("ConfigMap", "one", "v1", [`data: {values.yaml: "${text}"}`]);
    const from = "valuesFrom: [{kind: ConfigMap, name: one}]";
    const moved = { [HELM]: release("player", [from]) };
    expect(inShort(tree(values(made), made, page), moved)).not.toContain("unknown");
    expect(inShort(tree(values("{}"), made, page), moved)).toContain("unproven | safety-unknown Ingress media/page");
    expect(inShort(tree(none, made, page), { [HELM]: release("player", [from.replace("one", "two")]) })).not.toContain(
      "Ingress",
    );
  });

  test.each<[string, string, string, string?]>([
    ["it keeps its name", made, "{replicas: 2, ingressClassResource: {name: fast}}"],
    ["the chart was not to make it", "{ingressClass: {create: false, name: fast}}", "{}"],
    ["it is told in another way", made, "{ingressClasses: {fast: {default: true}}}"],
    ["nothing names it", "{ingressClassResource: {name: old}}", "{}"],
    ["it is one of another kind", "{storageClass: {name: fast}}", "{}"],
    [
      "values only had a claim use it",
      "{persistence: {storageClass: {name: fast}}}",
      "{}",
      object("PersistentVolumeClaim", "page", "v1", [
        "spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
      ]),
    ],
    [
      "it comes with Kubernetes",
      "{priorityClass: {name: system-node-critical}}",
      "{}",
      object("Pod", "page", "v1", [
        "spec: {priorityClassName: system-node-critical, containers: [{name: a, image: b}]}",
      ]),
    ],
  ])("says nothing where %s", (_, was, is, user) => {
    expect(ask(was, is, user)).toBe("safe");
  });

  test("says nothing where a document brings it", () => {
    const brings = { "kubernetes/apps/media/player/app/thing.yaml": ingress };
    expect(ask(made, "{}", page, brings)).not.toContain("Ingress media/page");
  });
});
