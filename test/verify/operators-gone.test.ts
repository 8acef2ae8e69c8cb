import { describe, expect, test } from "vitest";
import { DEFAULTS } from "../../src/change/settings.ts";
import type { Outcome } from "../../src/change/types.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { findOperatorsGone } from "../../src/safety/operator/operators-gone.ts";
import { memoryTree } from "../support/memory.ts";
import { said } from "./classes/instance-said.ts";
import { homeTree, kustomization, object, release } from "./home-tree.ts";
import type { Files } from "./judge.ts";

type Applied = Parameters<typeof findOperatorsGone>[2];

const FILE = "release.yaml";
const gone: Outcome = {
  ...{ key: "helm.toolkit.fluxcd.io|HelmRelease|db|op", kind: "HelmRelease", namespace: "db", name: "op" },
  ...{ fate: "deleted", before: [], after: [], reason: "", chain: [], causes: [], leads: [], danger: 5 },
  ...{ at: { file: FILE, line: 2, col: 1 }, doc: 0 },
};
const chart = (name: string) => release("op").replace("chart: app", `chart: ${name}`);

/** Nothing that is left is seen to be applied. */
const NOTHING: Applied = { all: [], search: () => {}, objects: new Map() };

/** What is said when the release goes and other files stay. */
function ask(
  files: Files,
  more: Partial<Outcome> = {},
  isDelivered: (file: string) => boolean = () => true,
  applied = NOTHING,
) {
  const { [FILE]: _gone, ...left } = files;
  const [before, after] = [memoryTree(files), memoryTree(left)];
  const objects = { before: Object.keys(files).flatMap((file) => readObjects(before, file).objects), after: [] };
  return findOperatorsGone([{ ...gone, ...more }], { before, after, isDelivered, objects }, applied, DEFAULTS);
}

const databases = (...names: string[]): Files =>
  Object.fromEntries(
    names.map((name) => [`${name}.yaml`, object("Cluster", name, "postgresql.cnpg.io/v1", ["  namespace: db"])]),
  );
const OPERATOR = { [FILE]: chart("cloudnative-pg") };

test("a database whose operator goes is a harm that names both", () => {
  expect(ask({ ...OPERATOR, ...databases("a") })).toEqual({
    harms: [
      {
        resource: "Cluster db/a",
        at: { file: "a.yaml", line: 2, col: 1 },
        what: "HelmRelease db/op goes, the operator of Cluster db/a, which stay in the tree.",
        why: "Where its chart brings the CRDs as templates, Helm deletes them, and every object with its data; where not, nobody looks after the data any more.",
        next: "Keep HelmRelease db/op until nothing needs it; look with helm get manifest op -n db whether it holds the CRDs.",
      },
    ],
    open: [],
  });
  const [several] = ask({ ...OPERATOR, ...databases("a", "b", "c") }).harms;
  expect(several!.what).toContain("of Cluster db/a and 2 more, which");
  expect(several!.others).toEqual(["Cluster db/b", "Cluster db/c"]);
});

test("what holds no data is a question, and data beside it is not hidden by it", () => {
  const issuer = { "a.yaml": object("Issuer", "a", "cert-manager.io/v1") };
  expect(ask({ [FILE]: chart("cert-manager"), ...issuer })).toEqual({
    harms: [],
    open: [
      {
        resource: "HelmRelease db/op",
        what: "goes, the operator of Issuer a, which stay in the tree: whether Helm deletes their CRDs with it cannot be seen here",
        look: "look with helm get manifest op -n db whether it holds the CRDs",
        at: { file: "a.yaml", line: 2, col: 1 },
      },
    ],
  });
  const pooler = { "a.yaml": object("Pooler", "a", "postgresql.cnpg.io/v1") };
  expect(ask({ ...OPERATOR, ...pooler, ...databases("b") }).harms[0]!.what).toContain("of Cluster db/b and 1 more");
});

test.each([
  ["is kept", { fate: "kept" }],
  ["is another kind", { kind: "Kustomization" }],
  ["lies in no file", { at: undefined }],
  ["is another document", { doc: 1 }],
] as const)("nothing is said of a release that %s", (_title, more) => {
  expect(ask({ ...OPERATOR, ...databases("a") }, more)).toEqual({ harms: [], open: [] });
});

test("nothing is said without objects of it that the cluster applies", () => {
  const none = { harms: [], open: [] };
  expect(ask(OPERATOR)).toEqual(none);
  expect(ask({ ...OPERATOR, ...databases("a") }, {}, () => false)).toEqual(none);
  expect(ask({ ...OPERATOR, "note.md": databases("a")["a.yaml"]! })).toEqual(none);
  // Another group that ends alike, and one that only mentions it.
  expect(ask({ ...OPERATOR, "a.yaml": object("Cluster", "a", "my.postgresql.cnpg.io/v1") })).toEqual(none);
  expect(ask({ [FILE]: chart("constructor"), ...databases("a") })).toEqual(none);
  expect(ask({ [FILE]: object("HelmRelease", "op", "helm.toolkit.fluxcd.io/v2"), ...databases("a") })).toEqual(none);
});

describe("the operator of a group is known by its chart", () => {
  test.each([
    ["cloudnative-pg", "postgresql.cnpg.io"],
    ["rook-ceph", "ceph.rook.io"],
    ["rook-ceph", "objectbucket.io"],
    ["longhorn", "longhorn.io"],
    ["mariadb-operator", "k8s.mariadb.com"],
    ["postgres-operator", "acid.zalan.do"],
    ["pgo", "postgres-operator.crunchydata.com"],
    ["strimzi-kafka-operator", "kafka.strimzi.io"],
    ["rabbitmq-cluster-operator", "rabbitmq.com"],
    ["eck-operator", "elasticsearch.k8s.elastic.co"],
    ["eck-operator", "kibana.k8s.elastic.co"],
    ["opensearch-operator", "opensearch.opster.io"],
    ["opensearch-operator", "opensearch.org"],
    ["mongodb-kubernetes", "mongodb.com"],
    ["stackgres-operator", "stackgres.io"],
    ["mysql-operator", "mysql.oracle.com"],
    ["moco", "moco.cybozu.com"],
    ["pg-operator", "pgv2.percona.com"],
    ["pxc-operator", "pxc.percona.com"],
    ["psmdb-operator", "psmdb.percona.com"],
    ["altinity-clickhouse-operator", "clickhouse.altinity.com"],
    ["scylla-operator", "scylla.scylladb.com"],
    ["cass-operator", "cassandra.datastax.com"],
    ["k8ssandra-operator", "k8ssandra.io"],
    ["tidb-operator", "pingcap.com"],
    ["nack", "jetstream.nats.io"],
    ["topolvm", "topolvm.io"],
    ["zfs-localpv", "zfs.openebs.io"],
    ["lvm-localpv", "local.openebs.io"],
    ["openebs", "openebs.io"],
    ["piraeus", "piraeus.io"],
    ["snapshot-controller", "snapshot.storage.k8s.io"],
    ["trust-manager", "trust-manager.io"],
    ["sealed-secrets", "bitnami.com"],
    ["metallb", "metallb.io"],
    ["gateway-crds-helm", "gateway.networking.k8s.io"],
    ["prometheus-operator-crds", "monitoring.coreos.com"],
    ["victoria-metrics-operator", "operator.victoriametrics.com"],
    ["victoria-metrics-k8s-stack", "operator.victoriametrics.com"],
    ["redis-operator", "redis.redis.opstreelabs.in"],
    ["redis-operator", "databases.spotahome.com"],
    ["dragonfly-operator", "dragonflydb.io"],
    ["community-operator", "mongodbcommunity.mongodb.com"],
    ["minio-operator", "minio.min.io"],
    ["volsync", "volsync.backube"],
    ["velero", "velero.io"],
    ["cert-manager", "cert-manager.io"],
    ["external-secrets", "external-secrets.io"],
    ["kube-prometheus-stack", "monitoring.coreos.com"],
    ["grafana-operator", "grafana.integreatly.org"],
    ["kyverno", "kyverno.io"],
    ["keda", "keda.sh"],
    ["gatekeeper", "constraints.gatekeeper.sh"],
    ["tofu-controller", "infra.contrib.fluxcd.io"],
    ["tf-controller", "infra.contrib.fluxcd.io"],
  ])("%s: %s", (name, group) => {
    const { harms, open } = ask({ [FILE]: chart(name), "a.yaml": object("Thing", "a", `${group}/v1`) });
    expect([harms.length, open.map(({ what }) => what.slice(0, 30))]).toEqual([0, ["goes, the operator of Thing a,"]]);
  });
});

describe("a release whose chart makes the data", () => {
  const LIST = "kubernetes/apps/media/player/app/kustomization.yaml";
  const APP = "kubernetes/apps/media/player/app";
  const made = (...spec: string[]) => release("web", spec).replace("chart: app", "chart: cluster");
  const go = (web: string, operator = "cloudnative-pg") =>
    said(
      {
        ...homeTree(),
        [LIST]: kustomization(["operator.yaml", "web.yaml"]),
        [`${APP}/operator.yaml`]: chart(operator),
        [`${APP}/web.yaml`]: web,
      },
      { [LIST]: kustomization(["web.yaml"]), [`${APP}/operator.yaml`]: undefined },
    );

  test("stays while its operator goes", () => {
    const { verdict, texts } = go(made());
    expect(verdict).toBe("unsafe");
    expect(texts).toContain("HelmRelease media/op goes, the operator of HelmRelease web");
    const source = object("OCIRepository", "web", "source.toolkit.fluxcd.io/v1", [
      "spec: {interval: 1h, url: 'oci://x/charts/cluster', ref: {tag: 1.0.0}}",
    ]);
    const byRef = made().replace(/ {2}chart: .*\n/, "  chartRef: {kind: OCIRepository, name: web}\n");
    expect(go(`${byRef}---\n${source}`).texts).toContain("the operator of HelmRelease web");
  });

  test("is that of another operator, or of another cluster", () => {
    expect(go(made(), "rook-ceph").verdict).toBe("deletes");
    expect(go(made("kubeConfig: {secretRef: {name: far}}")).texts).not.toContain("the operator of");
  });
});
