import { groupKindHere, type ObjectKey, splitKey } from "../admission/key.ts";
import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";

/** Fields by which an object of another operator tells whether its data outlives it. */
interface Keeping {
  of: readonly string[];
  field: string;
  isKept: (value: YamlData) => boolean;
}

const KEEPING: readonly Keeping[] = [
  // Strimzi, `PersistentClaimStorage`: without the field claims are kept.
  { of: ["kafka.strimzi.io|Kafka"], field: "spec.kafka.storage", isKept: keepsClaims },
  { of: ["kafka.strimzi.io|KafkaNodePool"], field: "spec.storage", isKept: keepsClaims },
  // CloudNativePG, `DatabaseReclaimPolicy`: retain by default.
  {
    of: ["postgresql.cnpg.io|Database"],
    field: "spec.databaseReclaimPolicy",
    isKept: (value) => value !== "delete",
  },
  // mariadb-operator, `CleanupPolicy`: Delete by default.
  { of: ["k8s.mariadb.com|Database"], field: "spec.cleanupPolicy", isKept: (value) => value === "Skip" },
  { of: ["ceph.rook.io|CephFilesystem"], field: "spec.preserveFilesystemOnDelete", isKept: isOn },
  { of: ["ceph.rook.io|CephObjectStore"], field: "spec.preservePoolsOnDelete", isKept: isOn },
  // ECK, `VolumeClaimDeletePolicy`: claims go with the cluster by default.
  {
    of: ["elasticsearch.k8s.elastic.co|Elasticsearch"],
    field: "spec.volumeClaimDeletePolicy",
    isKept: (value) => value === "DeleteOnScaledownOnly",
  },
];

/** Crossplane, managed resources of any kind: Delete by default. */
const MANAGED: Keeping = { of: [], field: "spec.deletionPolicy", isKept: (value) => value === "Orphan" };
const PROVIDERS = /(?:^|\.)(?:upbound|crossplane)\.io$/;

function keepsClaims(storage: YamlData): boolean {
  return ![storage, ...itemsOf(storage?.volumes)].some((one) => one?.deleteClaim === true);
}

function isOn(value: YamlData): boolean {
  return value === true;
}

/** The field by which an object of another operator leaves its data where it is. */
export function keptBy(groupKind: string, body: YamlData): string | undefined {
  const row = KEEPING.find(({ of }) => of.includes(groupKind));
  return row?.isKept(valueAt(body, row.field.split("."))) ? row.field : undefined;
}

/** The field by which an object of another operator comes to take its data along. */
export function findNoLongerKept(key: ObjectKey, was: YamlData, now: YamlData): string[] | undefined {
  const kind = groupKindHere(key);
  const isManaged = kind !== "" && PROVIDERS.test(splitKey(key).group);
  const row = isManaged ? MANAGED : KEEPING.find(({ of }) => of.includes(kind));
  const path = row?.field.split(".");
  if (!row || !path) return undefined;
  return row.isKept(valueAt(was, path)) && !row.isKept(valueAt(now, path)) ? path : undefined;
}
