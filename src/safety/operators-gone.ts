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
    const left = chart === undefined ? [] : listLeft(chart, after, isDelivered);
    const isHeld = (one: KubeObject) => dataOf(keyOfObject(one)) !== undefined;
    const first = left.find(isHeld) ?? left[0];
    if (!first) continue;
    const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
    const name = printKey(key);
    const place = locateField(after, first);
    if (isHeld(first)) {
      harms.push({
        ...{ resource: describe(first), at: place },
        what: `${name} goes, the operator of ${describe(first)}${more}, which stay in the tree.`,
        why: "Where its chart brings the CRDs as templates, Helm deletes them, and every object with its data; where not, nobody looks after the data any more.",
        next: `Keep ${name} until nothing needs it; look with helm get manifest whether it holds the CRDs.`,
      });
    } else {
      open.push({
        resource: name,
        what: `goes, the operator of ${describe(first)}${more}, which stay in the tree: whether Helm deletes their CRDs with it cannot be seen here`,
        look: `look with helm get manifest in namespace ${namespace} whether it holds the CRDs`,
        at: place,
      });
    }
  }
  return { harms, open };
}

export type Left = readonly KubeObject[];

/** Objects of the kinds that a known chart brings, in the files that the cluster reads. */
export function listLeft(chart: string, tree: ClusterChange["after"], isDelivered: (file: string) => boolean): Left {
  const groups = Object.hasOwn(CHARTS, chart) ? CHARTS[chart]! : [];
  return groups.flatMap((group) => listOf(group, tree, isDelivered));
}

function listOf(group: string, tree: ClusterChange["after"], isDelivered: (file: string) => boolean): KubeObject[] {
  const all = objectsIn(tree, tree.grep(`${group}/`).filter(isDelivered));
  return all.filter((one) => groupOf(one.apiVersion) === group);
}
