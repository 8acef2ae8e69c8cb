import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import { remoteOf } from "../../change/kube-config.ts";
import { chartOf, nameRelease } from "../../change/read-object.ts";
import type { Settings } from "../../change/settings.ts";
import type { Harm, OpenPoint, Outcome, OwnedObject } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { readChartUse } from "../../cluster/chart-release.ts";
import { objectAt, objectsIn } from "../../cluster/objects.ts";
import { getOrMake, groupBy, indexBy } from "../../contract/group-by.ts";
import { andMore, withOthers } from "../../contract/list-some.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { describe, groupOf } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { manifestCommand } from "../values/helm-words.ts";

/** API groups that a chart brings the CRDs and the controller of; from the charts of the projects themselves. */
const CHARTS: Readonly<Record<string, readonly string[]>> = {
  "cloudnative-pg": ["postgresql.cnpg.io"],
  "rook-ceph": ["ceph.rook.io", "objectbucket.io"],
  longhorn: ["longhorn.io"],
  "mariadb-operator": ["k8s.mariadb.com"],
  "postgres-operator": ["acid.zalan.do"],
  pgo: ["postgres-operator.crunchydata.com"],
  "strimzi-kafka-operator": ["kafka.strimzi.io"],
  "rabbitmq-cluster-operator": ["rabbitmq.com"],
  "eck-operator": ["elasticsearch.k8s.elastic.co", "kibana.k8s.elastic.co"],
  "opensearch-operator": ["opensearch.opster.io", "opensearch.org"],
  "redis-operator": ["redis.redis.opstreelabs.in", "databases.spotahome.com"],
  "dragonfly-operator": ["dragonflydb.io"],
  "community-operator": ["mongodbcommunity.mongodb.com"],
  "mongodb-kubernetes": ["mongodbcommunity.mongodb.com", "mongodb.com"],
  "stackgres-operator": ["stackgres.io"],
  "mysql-operator": ["mysql.oracle.com"],
  moco: ["moco.cybozu.com"],
  "pg-operator": ["pgv2.percona.com"],
  "pxc-operator": ["pxc.percona.com"],
  "psmdb-operator": ["psmdb.percona.com"],
  "altinity-clickhouse-operator": ["clickhouse.altinity.com"],
  "scylla-operator": ["scylla.scylladb.com"],
  "cass-operator": ["cassandra.datastax.com"],
  "k8ssandra-operator": ["k8ssandra.io", "cassandra.datastax.com"],
  "tidb-operator": ["pingcap.com"],
  nack: ["jetstream.nats.io"],
  topolvm: ["topolvm.io"],
  "zfs-localpv": ["zfs.openebs.io"],
  "lvm-localpv": ["local.openebs.io"],
  openebs: ["zfs.openebs.io", "local.openebs.io", "openebs.io"],
  piraeus: ["piraeus.io"],
  "snapshot-controller": ["snapshot.storage.k8s.io"],
  "minio-operator": ["minio.min.io"],
  volsync: ["volsync.backube"],
  velero: ["velero.io"],
  "cert-manager": ["cert-manager.io"],
  "trust-manager": ["trust.cert-manager.io", "trust-manager.io"],
  "sealed-secrets": ["bitnami.com"],
  metallb: ["metallb.io"],
  "gateway-crds-helm": ["gateway.networking.k8s.io", "gateway.envoyproxy.io"],
  "external-secrets": ["external-secrets.io"],
  "kube-prometheus-stack": ["monitoring.coreos.com"],
  "prometheus-operator-crds": ["monitoring.coreos.com"],
  "victoria-metrics-operator": ["operator.victoriametrics.com"],
  "victoria-metrics-k8s-stack": ["operator.victoriametrics.com"],
  "grafana-operator": ["grafana.integreatly.org"],
  kyverno: ["kyverno.io"],
  gatekeeper: ["templates.gatekeeper.sh", "constraints.gatekeeper.sh"],
  keda: ["keda.sh"],
  "tofu-controller": ["infra.contrib.fluxcd.io"],
  "tf-controller": ["infra.contrib.fluxcd.io"],
};

/** Charts that make data of such a group, which only they say; from the charts of the same projects. */
const MADE_BY: Readonly<Record<string, string>> = {
  cluster: "postgresql.cnpg.io",
  "rook-ceph-cluster": "ceph.rook.io",
  "mariadb-cluster": "k8s.mariadb.com",
  "eck-elasticsearch": "elasticsearch.k8s.elastic.co",
  "eck-stack": "elasticsearch.k8s.elastic.co",
  "opensearch-cluster": "opensearch.opster.io",
  "mysql-innodbcluster": "mysql.oracle.com",
  "pg-db": "pgv2.percona.com",
  "pxc-db": "pxc.percona.com",
  "psmdb-db": "psmdb.percona.com",
  "tidb-cluster": "pingcap.com",
};

/**
 * Operators whose release goes while objects of their kinds stay in the tree. Where the CRDs are templates of the chart Helm
 * deletes them with all their objects; where not, nobody looks after them any more. For data that is a harm.
 */
export function findOperatorsGone(
  outcomes: readonly Outcome[],
  change: Pick<ClusterChange, "before" | "after" | "isDelivered" | "objects">,
  world: StillApplied,
  { dataOf }: Settings,
): { harms: Harm[]; open: OpenPoint[] } {
  const { before, after, objects } = change;
  const findLeft = makeFindLeft(change, world, dataOf);
  const harms: Harm[] = [];
  const open: OpenPoint[] = [];
  for (const { key, kind, fate, at, doc, name: own, namespace } of outcomes) {
    if (kind !== "HelmRelease" || fate !== "deleted" || !at) continue;
    const release = objectAt(before, at.file, doc);
    const chart = release && readChartUse(release, objects.before)?.chart;
    if (chart === undefined) continue;
    const left = findLeft(chart, clusterOf(key, release?.data.spec));
    if (!left) continue;
    const { first, what } = left;
    const name = printKey(key);
    const command = manifestCommand({ name: own, namespace, release: nameRelease(release?.data.spec, own, namespace) });
    const place = locateField(after, first);
    if (left.holdsData) {
      harms.push({
        ...{ resource: describe(first), ...withOthers(left.others), at: place },
        what: `${name} goes, the operator of ${what}, which stay in the tree.`,
        why: "Where its chart brings the CRDs as templates, Helm deletes them, and every object with its data; where not, nobody looks after the data any more.",
        next: `Keep ${name} until nothing needs it; look with ${command} whether it holds the CRDs.`,
      });
    } else {
      open.push({
        resource: name,
        what: `goes, the operator of ${what}, which stay in the tree: whether Helm deletes their CRDs with it cannot be seen here`,
        look: `look with ${command} whether it holds the CRDs`,
        at: place,
      });
    }
  }
  return { harms, open };
}

/** What stays where the operator of its kinds goes. */
interface Left {
  /** One that holds data, where some do. */
  first: KubeObject;
  holdsData: boolean;
  /** `Cluster media/db and 2 more`. */
  what: string;
  /** Those that are only counted. */
  others: readonly string[];
}

/** What is applied in the end. */
type StillApplied = Pick<World, "all" | "search" | "objects">;

/** The cluster that a release installs into, as keys say it: `''` for the one Flux runs in. */
export function clusterOf(release: ObjectKey, spec: YamlData): string {
  const { namespace, remote } = splitKey(release);
  return remoteOf(spec, namespace) || remote;
}

/**
 * Finds objects of the kinds that a known chart brings, of the cluster that it is installed into; undefined where there are
 * none. What is not seen to be applied, such as in a folder that does not build, is taken for this cluster's own.
 */
export function makeFindLeft(
  { after, isDelivered }: Pick<ClusterChange, "after" | "isDelivered">,
  world: StillApplied,
  dataOf: Settings["dataOf"],
): (chart: string, cluster: string, some?: readonly string[]) => Left | undefined {
  const byGroups = new Map<string, Map<string, Left | undefined>>();
  return (chart, cluster, some) => {
    const groups = some ?? ofOwn(CHARTS, chart);
    if (groups === undefined) return undefined;
    const byCluster = getOrMake(byGroups, groups.join(), () => {
      world.search([...groups, ...Object.keys(MADE_BY).filter((name) => groups.includes(MADE_BY[name]!))]);
      const makers = world.all.flatMap(({ object }): KubeObject[] => {
        const made =
          groups.includes(groupMadeBy(object, world)) && object.at && objectAt(after, object.at.file, object.doc);
        return made ? [made] : [];
      });
      const all = [...groups.flatMap((group) => listOf(group, after)), ...makers];
      const applied = groupBy(world.all, ({ object: { at, doc = 0 } }) => `${doc} ${at?.file}`);
      const clustersOf = ({ file, doc }: KubeObject): string[] => {
        const owned = applied.get(`${doc} ${file}`)?.map(({ object: { key, body } }) => clusterOf(key, body?.spec));
        return owned ?? (isDelivered(file) ? [""] : []);
      };
      const holdsData = (one: KubeObject) => makers.includes(one) || dataOf(keyOfObject(one)) !== undefined;
      return new Map([...indexBy(all, clustersOf)].map(([place, some]) => [place, sayLeft(some, holdsData)]));
    });
    return byCluster.get(cluster);
  };
}

/** The group of the data that the chart of a release makes. */
function groupMadeBy({ release }: OwnedObject, { objects }: StillApplied): string {
  if (!release) return "";
  const { chart = release.chartRef && chartOf(objects.get(release.chartRef)?.object.body) } = release;
  return (chart !== undefined && ofOwn(MADE_BY, chart)) || "";
}

function sayLeft(all: readonly KubeObject[], holdsData: (one: KubeObject) => boolean): Left | undefined {
  const holder = all.find(holdsData);
  const first = holder ?? all[0];
  if (!first) return undefined;
  const others = all.filter((one) => one !== first).map(describe);
  const what = `${describe(first)}${andMore(others.length)}`;
  return { first, holdsData: holder !== undefined, what, others };
}

function listOf(group: string, tree: Tree): KubeObject[] {
  return objectsIn(tree, tree.grep(`${group}/`)).filter((one) => groupOf(one.apiVersion) === group);
}
