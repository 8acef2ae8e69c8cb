import { join } from "node:path";
import { PROJECT_ROOT } from "../../support/project.ts";
import { compareRecord } from "../../support/record.ts";
import { homeTree, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const FOLDER = join(PROJECT_ROOT, "test/verify/said");

/** A tree and what a change makes of it, by what the case shows. */
export type Cases = Readonly<Record<string, readonly [tree: Files, edits: Edits]>>;

/** An object before and after the change, each as lines below its name; undefined where it is not there. */
export type Row = readonly [
  /** `name` in the namespace of Flux, or `namespace/name`. */
  name: string,
  kind: string,
  was: readonly string[] | undefined,
  is: readonly string[] | undefined,
];

const VERSIONS: Readonly<Record<string, string>> = {
  GitRepository: "source.toolkit.fluxcd.io/v1",
  OCIRepository: "source.toolkit.fluxcd.io/v1",
  HelmRepository: "source.toolkit.fluxcd.io/v1",
  HelmChart: "source.toolkit.fluxcd.io/v1",
  ArtifactGenerator: "source.extensions.fluxcd.io/v1beta1",
  Bucket: "source.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  HorizontalPodAutoscaler: "autoscaling/v2",
  ScaledObject: "keda.sh/v1alpha1",
  ClusterPolicy: "kyverno.io/v1",
  Provider: "notification.toolkit.fluxcd.io/v1beta3",
  Gateway: "gateway.networking.k8s.io/v1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
  GRPCRoute: "gateway.networking.k8s.io/v1",
  TLSRoute: "gateway.networking.k8s.io/v1alpha3",
  TCPRoute: "gateway.networking.k8s.io/v1alpha2",
  UDPRoute: "gateway.networking.k8s.io/v1alpha2",
  Ingress: "networking.k8s.io/v1",
  IngressRoute: "traefik.io/v1alpha1",
  IngressRouteTCP: "traefik.io/v1alpha1",
  IngressRouteUDP: "traefik.io/v1alpha1",
  TraefikService: "traefik.io/v1alpha1",
  Cluster: "postgresql.cnpg.io/v1",
  Broker: "broker.example/v1",
  ServiceMonitor: "monitoring.coreos.com/v1",
  ReferenceGrant: "gateway.networking.k8s.io/v1beta1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
  ClusterRole: "rbac.authorization.k8s.io/v1",
  PriorityClass: "scheduling.k8s.io/v1",
  ExternalSecret: "external-secrets.io/v1",
  CephCluster: "ceph.rook.io/v1",
  MariaDB: "k8s.mariadb.com/v1alpha1",
  Elasticsearch: "elasticsearch.k8s.elastic.co/v1",
  OpenSearchCluster: "opensearch.opster.io/v1",
  Dragonfly: "dragonflydb.io/v1alpha1",
  MongoDBCommunity: "mongodbcommunity.mongodb.com/v1",
  ReplicationSource: "volsync.backube/v1alpha1",
  OnePasswordItem: "onepassword.com/v1",
  FluxInstance: "fluxcd.controlplane.io/v1",
  SealedSecret: "bitnami.com/v1alpha1",
  Certificate: "cert-manager.io/v1",
  Bundle: "trust.cert-manager.io/v1alpha1",
  IPAddressPool: "metallb.io/v1beta1",
};
const CLUSTER_WIDE = ["Namespace", "ClusterPolicy", "PriorityClass", "ClusterRole", "Bundle"];

const CLUSTER = "kubernetes/flux/config/cluster.yaml";

/** A tree of which nobody sees the values that it substitutes. */
export const UNSEEN: Files = {
  ...homeTree(),
  [CLUSTER]: homeTree()[CLUSTER]!.replace("kind: ConfigMap", "kind: Secret"),
};

/** All rows in one change: each object in a file of its name that the root applies. */
export function rows(all: readonly Row[], base: Files = homeTree()): [Files, Edits] {
  const tree: Files = { ...base };
  const edits: Edits = {};
  for (const [id, kind, was, is] of all) {
    const path = `kubernetes/flux/rows/${id}${id.includes("/") ? `-${kind.toLowerCase()}` : ""}.yaml`;
    if (path in edits) throw new Error(`two rows are called ${id}`);
    const [name, namespace = "flux-system"] = id.split("/").reverse();
    const place = CLUSTER_WIDE.includes(kind) ? [] : [`  namespace: ${namespace}`];
    const say = (lines: readonly string[]) => object(kind, name!, VERSIONS[kind] ?? "v1", [...place, ...lines]);
    if (was) tree[path] = say(was);
    edits[path] = is && say(is);
  }
  return [tree, edits];
}

/** The verdict, and in full what is said above a note, or what goes as well. */
function sayAll(tree: Files, edits: Edits, goes: boolean): string {
  const { safety, findings } = judge(tree, edits);
  const said = findings
    .filter(({ level, rule }) => level !== "info" || (goes && rule === "will-be-deleted"))
    .map(({ level, rule, resource, at, what, why, next }) => {
      const place = `${at?.file}:${at?.line}:${at?.col}`;
      return [`${level} ${rule} ${resource ?? ""} ${place}`, what, why, next].join("\n  ");
    });
  return [safety.verdict, ...said.sort(), ""].join("\n");
}

/** Compares what is said of cases with the record of that name, word for word. @param goes also of what goes on purpose and holds nothing */
export function compareSaid(name: string, cases: Cases, goes = false): void {
  const said = Object.entries(cases).map(([title, one]) => [title, () => sayAll(...one, goes)]);
  compareRecord(name, join(FOLDER, `${name}.txt`), Object.fromEntries(said));
}
