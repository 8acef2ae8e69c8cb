import { readChartUse } from "../cluster/chart-release.ts";
import { objectAt, objectsIn } from "../cluster/objects.ts";
import type { KubeObject } from "../contract/objects.ts";
import { describe, groupOf } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { ClusterChange } from "./change.ts";
import { keyOfObject, printKey } from "./key.ts";
import type { Settings } from "./settings.ts";
import type { Harm, OpenPoint, Outcome } from "./types.ts";

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
  "opensearch-operator": ["opensearch.opster.io"],
  "redis-operator": ["redis.redis.opstreelabs.in", "databases.spotahome.com"],
  "dragonfly-operator": ["dragonflydb.io"],
  "community-operator": ["mongodbcommunity.mongodb.com"],
  "minio-operator": ["minio.min.io"],
  volsync: ["volsync.backube"],
  velero: ["velero.io"],
  "cert-manager": ["cert-manager.io"],
  "external-secrets": ["external-secrets.io"],
  "kube-prometheus-stack": ["monitoring.coreos.com"],
  "grafana-operator": ["grafana.integreatly.org"],
  kyverno: ["kyverno.io"],
  keda: ["keda.sh"],
};

/**
 * Operators whose release goes while objects of their kinds stay in the tree. Where the CRDs are templates of the chart Helm
 * deletes them with all their objects; where not, nobody looks after them any more. For data that is a harm.
 */
export function findOperatorsGone(
  outcomes: readonly Outcome[],
  { before, after, isDelivered, objects }: Pick<ClusterChange, "before" | "after" | "isDelivered" | "objects">,
  { dataOf }: Settings,
): { harms: Harm[]; open: OpenPoint[] } {
  const harms: Harm[] = [];
  const open: OpenPoint[] = [];
  for (const { key, kind, fate, at, doc, namespace } of outcomes) {
    if (kind !== "HelmRelease" || fate !== "deleted" || !at) continue;
    const release = objectAt(before, at.file, doc);
    const chart = release && readChartUse(release, objects.before)?.chart;
    const left = chart === undefined ? undefined : findLeft(chart, { after, isDelivered }, dataOf);
    if (!left) continue;
    const { first, what } = left;
    const name = printKey(key);
    const place = locateField(after, first);
    if (left.holdsData) {
      harms.push({
        ...{ resource: describe(first), at: place },
        what: `${name} goes, the operator of ${what}, which stay in the tree.`,
        why: "Where its chart brings the CRDs as templates, Helm deletes them, and every object with its data; where not, nobody looks after the data any more.",
        next: `Keep ${name} until nothing needs it; look with helm get manifest whether it holds the CRDs.`,
      });
    } else {
      open.push({
        resource: name,
        what: `goes, the operator of ${what}, which stay in the tree: whether Helm deletes their CRDs with it cannot be seen here`,
        look: `look with helm get manifest in namespace ${namespace} whether it holds the CRDs`,
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
  isOne: boolean;
}

/** Objects of the kinds that a known chart brings, in the files that the cluster reads; undefined where there are none. */
export function findLeft(
  chart: string,
  { after, isDelivered }: Pick<ClusterChange, "after" | "isDelivered">,
  dataOf: Settings["dataOf"],
): Left | undefined {
  const groups = Object.hasOwn(CHARTS, chart) ? CHARTS[chart]! : [];
  const all = groups.flatMap((group) => listOf(group, after, isDelivered));
  const holder = all.find((one) => dataOf(keyOfObject(one)) !== undefined);
  const first = holder ?? all[0];
  if (!first) return undefined;
  const isOne = all.length === 1;
  const what = `${describe(first)}${isOne ? "" : ` and ${all.length - 1} more`}`;
  return { first, holdsData: holder !== undefined, what, isOne };
}

function listOf(group: string, tree: ClusterChange["after"], isDelivered: (file: string) => boolean): KubeObject[] {
  const all = objectsIn(tree, tree.grep(`${group}/`).filter(isDelivered));
  return all.filter((one) => groupOf(one.apiVersion) === group);
}
