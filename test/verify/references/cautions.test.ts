import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { judge } from "../judge.ts";
import { inShort, PLAYER, PLAYER_APP } from "./tree.ts";

const h = homeTree();
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const marked = (mark: string) =>
  h[HELM]!.replace("  name: player\n", `  name: player\n  annotations: {kustomize.toolkit.fluxcd.io/${mark}}\n`);
const VALUES = "values: {host: a}";

describe("what may be meant, and is said", () => {
  const cautions = (before: string, after: string) =>
    judge({ ...h, [HELM]: before }, { [HELM]: after }).findings.filter(({ level }) => level === "caution");

  test.each([
    ["left-alone", h[HELM]!, marked("ssa: IfNotPresent")],
    ["left-alone", h[HELM]!, marked("reconcile: disabled")],
    [
      "failure-uninstalls",
      release("player", [VALUES]),
      release("player", [VALUES, "upgrade: {remediation: {strategy: uninstall, retries: 3}}"]),
    ],
    ["values-emptied", release("player", [VALUES]), release("player", ["values:"])],
    ["values-emptied", release("player", [VALUES]), release("player", ["values: {}"])],
    ["values-emptied", release("player", [VALUES]), release("player")],
  ])("%s", (rule, before, after) => {
    expect(cautions(before, after).map((one) => one.rule)).toEqual([rule]);
    expect(judge({ ...h, [HELM]: before }, { [HELM]: after }).safety.verdict).toBe("safe");
    expect(cautions(after, after.replace("1h", "2h"))).toEqual([]);
  });

  test("an edit beside such a mark is said to get nowhere", () => {
    const what = (after: string) => cautions(h[HELM]!, after)[0]?.what;
    expect(what(marked("ssa: Ignore"))).not.toContain("never gets there");
    expect(what(marked("ssa: Ignore").replace("1h", "2h"))).toContain("never gets there");
  });

  test.each([
    [
      "without retries nothing is uninstalled",
      release("player", [VALUES, "upgrade: {remediation: {strategy: uninstall}}"]),
    ],
    [
      "the values come from elsewhere",
      release("player", ["valuesFrom: [{kind: ConfigMap, name: cluster, optional: true}]"]),
    ],
    ["it is suspended", release("player", ["suspend: true"])],
    ["one value is left", release("player", ["values: {port: 1}"])],
  ])("nothing where %s", (_, after) => {
    expect(cautions(release("player", [VALUES]), after).map(({ rule }) => rule)).toEqual([]);
  });
});

test("what the operator makes nothing more for, and a volume that no longer keeps its data", () => {
  const FILE = `${PLAYER_APP}/more.yaml`;
  const cautions = (before: string, after: string) => {
    const tree = { ...h, [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["more.yaml"]), [FILE]: before };
    return judge(tree, { [FILE]: after }).findings.flatMap(({ rule, level }) =>
      rule === "safety-unknown" ? [] : [`${level} ${rule}`],
    );
  };
  const set = (more: string[]) =>
    object("ResourceSet", "set", "fluxcd.controlplane.io/v1", [...more, "spec: {resources: []}"]);
  const off = set(["  annotations: {fluxcd.controlplane.io/reconcile: disabled}"]);
  expect(cautions(set([]), off)).toEqual(["caution left-alone"]);
  expect(cautions(off, set([]))).toEqual([]);
  const volume = (policy: string) =>
    object("PersistentVolume", "disk", "v1", [
      `spec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce], ${policy}nfs: {server: a, path: /b}}`,
    ]);
  const deletes = volume("persistentVolumeReclaimPolicy: Delete, ");
  expect(cautions(volume(""), deletes)).toEqual(["caution reclaim-deletes"]);
  expect(cautions(deletes, volume("persistentVolumeReclaimPolicy: Retain, "))).toEqual([]);
  const snapshots = (policy: string) =>
    object("VolumeSnapshotClass", "disk", "snapshot.storage.k8s.io/v1", [`driver: a\ndeletionPolicy: ${policy}`]);
  expect(cautions(snapshots("Retain"), snapshots("Delete"))).toEqual(["caution reclaim-deletes"]);
  expect(cautions(snapshots("Delete"), snapshots("Retain"))).toEqual([]);
  const made = (policy: string) =>
    object("VolumeSnapshotContent", "disk", "snapshot.storage.k8s.io/v1", [
      `spec: {driver: a, deletionPolicy: ${policy}}`,
    ]);
  expect(cautions(made("Retain"), made("Delete"))).toEqual(["caution reclaim-deletes"]);
  expect(cautions(made("Delete"), made("Retain"))).toEqual([]);
});

test.each<[apiVersion: string, kind: string, keeps: string, not: string]>([
  [
    "kafka.strimzi.io/v1beta2",
    "Kafka",
    "kafka: {storage: {type: persistent-claim}}",
    "kafka: {storage: {deleteClaim: true}}",
  ],
  [
    "kafka.strimzi.io/v1beta2",
    "KafkaNodePool",
    "storage: {volumes: [{id: 0}]}",
    "storage: {volumes: [{deleteClaim: true}]}",
  ],
  ["postgresql.cnpg.io/v1", "Database", "name: a", "databaseReclaimPolicy: delete"],
  ["k8s.mariadb.com/v1alpha1", "Database", "cleanupPolicy: Skip", "name: a"],
  ["ceph.rook.io/v1", "CephFilesystem", "preserveFilesystemOnDelete: true", "preserveFilesystemOnDelete: false"],
  ["ceph.rook.io/v1", "CephObjectStore", "preservePoolsOnDelete: true", "gateway: {port: 80}"],
  ["elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "volumeClaimDeletePolicy: DeleteOnScaledownOnly", "version: a"],
  ["s3.aws.upbound.io/v1beta1", "Bucket", "deletionPolicy: Orphan", "deletionPolicy: Delete"],
])("what comes to take its data along: %s %s", (apiVersion, kind, keeps, not) => {
  const FILE = `${PLAYER_APP}/more.yaml`;
  const one = (spec: string) => object(kind, "disk", apiVersion, [`spec: {${spec}}`]);
  const cautions = (before: string, after: string) => {
    const tree = { ...h, [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["more.yaml"]), [FILE]: before };
    return judge(tree, { [FILE]: after }).findings.flatMap(({ rule }) => (rule === "safety-unknown" ? [] : [rule]));
  };
  expect(cautions(one(keeps), one(not))).toEqual(["reclaim-deletes"]);
  expect(cautions(one(not), one(keeps))).toEqual([]);
  expect(cautions(one(keeps), one(`${keeps}, more: 1`))).toEqual([]);
});

describe("the Secret of a Certificate", () => {
  const [CERTIFICATE, USER] = [`${PLAYER_APP}/certificate.yaml`, `${PLAYER_APP}/user.yaml`];
  const certificate = (secret: string) =>
    object("Certificate", "web", "cert-manager.io/v1", [
      `spec: {secretName: ${secret}, dnsNames: [a.example], issuerRef: {kind: ClusterIssuer, name: any}}`,
    ]);
  const ingress = (more: string[] = []) =>
    object("Ingress", "web", "networking.k8s.io/v1", [
      ...more,
      "spec: {tls: [{secretName: player-tls}], defaultBackend: {service: {name: web, port: {number: 80}}}}",
    ]);
  const tree = (user: string) => ({
    ...h,
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["certificate.yaml", "user.yaml", "helmrelease.yaml"]),
    [CERTIFICATE]: certificate("player-tls"),
    [USER]: user,
  });
  const gateway = object("Gateway", "front", "gateway.networking.k8s.io/v1", [
    "spec: {gatewayClassName: any, listeners: [{name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: player-tls}]}}]}",
  ]);

  test.each([
    ["Ingress media/web", ingress()],
    ["Gateway media/front", gateway],
  ])("gets another name, and %s keeps the old one", (name, user) => {
    expect(inShort(tree(user), { [CERTIFICATE]: certificate("other-tls") })).toBe(`unsafe | reference-breaks ${name}`);
    expect(
      inShort(tree(user), { [CERTIFICATE]: certificate("other-tls"), [USER]: user.replace("player-tls", "other-tls") }),
    ).toBe("safe");
  });

  test("is made for an Ingress that asks for it by an annotation", () => {
    const asking = ingress(["  annotations: {cert-manager.io/cluster-issuer: any}"]);
    expect(inShort(tree(ingress()), { [CERTIFICATE]: certificate("other-tls"), [USER]: asking })).toBe("safe");
  });

  test("is left alone where another Certificate makes it", () => {
    const moved = certificate("player-tls").replace("name: web", "name: all");
    expect(inShort(tree(ingress()), { [CERTIFICATE]: moved })).toBe("deletes");
  });
});

test("a generated ConfigMap that gets another name breaks what names it, with a hash as well", () => {
  const list = (name: string, options = "") =>
    kustomization(["web.yaml"], [`configMapGenerator: [{name: ${name}, literals: [a=b]${options}}]`]);
  const LIST = `${PLAYER_APP}/kustomization.yaml`;
  const web = object("Deployment", "web", "apps/v1", [
    "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {volumes: [{name: c, configMap: {name: conf}}], containers: [{name: a, image: b}]}}}",
  ]);
  const tree = { ...h, [`${PLAYER_APP}/web.yaml`]: web, [LIST]: list("conf") };
  expect(inShort(tree, { [LIST]: list("config") })).toBe("unsafe | reference-breaks Deployment media/web");
  expect(inShort(tree, { [LIST]: list("conf").replace("a=b", "a=c") })).toBe("safe");
  // A release of that name was there before, and made none.
  const beside = (text: string) => text.replace("resources:\n", "resources:\n  - helmrelease.yaml\n");
  const both = { ...tree, [`${PLAYER_APP}/helmrelease.yaml`]: release("conf"), [LIST]: beside(list("conf")) };
  expect(inShort(both, { [LIST]: beside(list("config")) })).toBe("unsafe | reference-breaks Deployment media/web");
});

test("the path of image automation goes, or is misspelt", () => {
  const FILE = `${PLAYER_APP}/automation.yaml`;
  const automation = (path: string) =>
    object("ImageUpdateAutomation", "all", "image.toolkit.fluxcd.io/v1", [
      `spec: {interval: 5m, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}, git: {commit: {author: {email: a@b.invalid}}}, update: {strategy: Setters, path: ${path}}}`,
    ]);
  const tree = {
    ...h,
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["automation.yaml"]),
    [FILE]: automation("./kubernetes"),
    "images/one.yaml": "{}\n",
  };
  const STOPS = "unsafe | reconcile-stops ImageUpdateAutomation media/all";
  expect(inShort(tree, { [FILE]: automation("./kubernets") })).toBe(STOPS);
  expect(inShort(tree, { [FILE]: automation("./images") })).toBe("safe");
  expect(inShort(tree, { [FILE]: automation("../images") })).toBe("safe");
  expect(inShort(tree, { [FILE]: automation("../kubernets") })).toBe(STOPS);
  const there = { ...tree, [FILE]: automation("./images") };
  expect(inShort(there, { "images/one.yaml": undefined })).toBe(STOPS);
  // What was wrong before is not said of a change that only takes another file away.
  const lost = { ...tree, [FILE]: automation("./nowhere"), "old.yaml": "{}\n" };
  expect(inShort(lost, { "old.yaml": undefined })).toBe("safe");
  expect(inShort({ ...there, "images/one.yaml": "" }, { [PLAYER]: h[PLAYER]!.replace("30m", "20m") })).toBe("safe");
  const other = automation("./nowhere").replace("git: {", "git: {checkout: {ref: {branch: images}}, ");
  expect(inShort(tree, { [FILE]: other })).toBe("safe");
  const onMain = (path: string) => automation(path).replace("git: {", "git: {checkout: {ref: {branch: main}}, ");
  const CLUSTER = "kubernetes/flux/config/cluster.yaml";
  const named = { ...tree, [CLUSTER]: h[CLUSTER]!.replace("{branch: main}", "{name: refs/heads/main}") };
  for (const before of [tree, named]) expect(inShort(before, { [FILE]: onMain("./nowhere") })).toBe(STOPS);
});

test("a version that is edited beside one that counts does nothing", () => {
  const EXTRA = "kubernetes/flux/extra.yaml";
  const source = (kind: string, ref: string) =>
    object(kind, "charts", "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      `spec: {interval: 1h, url: '${kind === "OCIRepository" ? "oci://registry.example.invalid/charts/app" : "https://git.example.invalid/me/other"}', ref: {${ref}}}`,
    ]);
  const said = (kind: string, before: string, after: string) =>
    judge({ ...h, [EXTRA]: source(kind, before) }, { [EXTRA]: source(kind, after) }).findings.flatMap((one) =>
      one.rule === "edit-idle" ? [one.what] : [],
    );
  const digest = `digest: 'sha256:${"a".repeat(64)}'`;
  expect(said("OCIRepository", `tag: 1.0.0, ${digest}`, `tag: 1.1.0, ${digest}`)).toEqual([
    expect.stringContaining("edits at spec.ref.tag of OCIRepository flux-system/charts: Flux goes by spec.ref.digest"),
  ]);
  expect(said("OCIRepository", `tag: 1.0.0, ${digest}`, `tag: 1.1.0, ${digest.replaceAll("a", "b")}`)).toEqual([]);
  expect(said("OCIRepository", `tag: 1.0.0, ${digest}`, digest)).toEqual([]);
  expect(said("OCIRepository", "tag: 1.0.0", "tag: 1.1.0")).toEqual([]);
  expect(said("GitRepository", "branch: main, tag: v1", "branch: next, tag: v1")).toHaveLength(1);
  expect(said("GitRepository", "branch: main, commit: abc", "branch: next, commit: abc")).toEqual([]);
});
