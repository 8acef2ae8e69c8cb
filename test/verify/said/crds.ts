import { type Cases, type Row, rows } from "./said.ts";

/** The release of an operator, with the values of before and after. */
const operator = (name: string, chart: string, was: string, is: string, more = "", later = chart): Row => {
  const all = (values: string, of: string) => [
    `spec: {interval: 1h, chart: {spec: {chart: ${of}, sourceRef: {kind: HelmRepository, name: charts}}}${more && `, ${more}`}${values && `, values: ${values}`}}`,
  ];
  return [name, "HelmRelease", all(was, chart), all(is, later)];
};
/** An object of a kind that an operator brings. */
const thing = (kind: string, name = "a"): Row => [name, kind, ["spec: {a: b}"], ["spec: {a: b}"]];
const KINDS: readonly Row[] = [
  thing("Cluster", "database"),
  thing("CephCluster", "storage"),
  thing("MariaDB", "mariadb"),
  thing("Elasticsearch", "search"),
  thing("OpenSearchCluster", "open-search"),
  thing("Dragonfly", "cache"),
  thing("MongoDBCommunity", "mongo"),
  thing("ReplicationSource", "backup"),
  thing("Certificate", "certificate"),
  thing("ExternalSecret", "external"),
  thing("Bundle", "trusted"),
  thing("IPAddressPool", "pool"),
  thing("ClusterPolicy", "policy"),
  thing("ScaledObject", "scaled"),
];
const KEDA = "{crds: {install: false}}";
const SECRET = "valuesFrom: [{kind: Secret, name: a}]";

/** What becomes of CRDs that values switch off. */
export const CRDS: Cases = {
  "switched off, and on by default": rows([
    ...KINDS,
    operator("cnpg", "cloudnative-pg", "", "{crds: {create: false}}"),
    operator("rook", "rook-ceph", "", "{crds: {enabled: false}}"),
    operator("mariadb-operator", "mariadb-operator", "", "{crds: {enabled: false}}"),
    operator("eck", "eck-operator", "", "{installCRDs: false}"),
    operator("opensearch", "opensearch-operator", "", "{installCRDs: false}"),
    operator("dragonfly", "dragonfly-operator", "", "{crds: {install: false}}"),
    operator("mongodb", "community-operator", "", "{community-operator-crds: {enabled: false}}"),
    operator("volsync", "volsync", "", "{manageCRDs: false}"),
    operator("cert-manager", "cert-manager", "", "{crds: {enabled: false}, installCRDs: false}"),
    operator("external-secrets", "external-secrets", "", "{installCRDs: false}"),
    operator("trust-manager-kept", "trust-manager", "", "{crds: {enabled: false}}"),
    operator("metallb", "metallb", "", "{crds: {enabled: false}}"),
    operator("kyverno", "kyverno", "", "{crds: {install: false}}"),
    operator("keda", "keda", "", KEDA),
    operator("keda-beside-a-secret", "keda", "", KEDA, SECRET),
    operator("keda-by-a-variable", "keda", "{crds: {install: '${A}'}}", KEDA),
  ]),
  "switched on so far, and off by default": rows([
    ...KINDS,
    operator("cnpg", "cloudnative-pg", "{crds: {create: true}}", ""),
    operator("mariadb-operator", "mariadb-operator", "{crds: {enabled: true}}", ""),
    operator("cert-manager", "cert-manager", "{installCRDs: true}", ""),
    operator(
      "cert-manager-by-both",
      "cert-manager",
      "{installCRDs: true, crds: {enabled: true}}",
      "{installCRDs: true}",
    ),
  ]),
  "marked to be kept, or not": rows([
    ...KINDS,
    operator("dragonfly", "dragonfly-operator", "{crds: {keep: false}}", "{crds: {install: false, keep: true}}"),
    operator("dragonfly-kept", "dragonfly-operator", "{crds: {keep: true}}", "{crds: {install: false, keep: false}}"),
    operator("dragonfly-open", "dragonfly-operator", "{crds: {install: true}}", "{crds: {install: false}}", SECRET),
    operator("cert-manager", "cert-manager", "{crds: {enabled: true, keep: false}}", ""),
    operator("trust-manager", "trust-manager", "{crds: {keep: false}}", "{crds: {enabled: false}}"),
    operator("cert-manager-of-old", "cert-manager", "{installCRDs: true, crds: {keep: true}}", ""),
  ]),
  "and nothing that comes of it": rows([
    thing("ScaledObject", "scaled"),
    operator("keda-suspended", "keda", "", KEDA, "suspend: true"),
    operator("keda-open", "keda", "", "{crds: {install: '${A}'}}"),
    operator("keda-was-off", "keda", KEDA, KEDA, "timeout: 5m"),
    operator("keda-elsewhere", "keda", "", KEDA, "kubeConfig: {secretRef: {name: a}}"),
    operator("keda-by-another-chart", "keda", "", KEDA, "", "kyverno"),
    operator("another-chart", "app", "", KEDA),
    operator("none-of-its-kinds", "volsync", "", "{manageCRDs: false}"),
  ]),
};
