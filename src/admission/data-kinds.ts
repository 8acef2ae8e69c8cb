import { groupKindOf, type ObjectKey } from "./key.ts";

/** A kind whose objects hold data that nothing in Git can bring back. */
export interface DataKind {
  /** `group|Kind`; the core group is empty. */
  kind: string;
  /** What goes with an object, as a report says it. */
  takes: string;
  /** Where it is documented that deleting the object deletes what it holds. */
  source: string;
}

const all = (takes: string, source: string, group: string, kinds: string): DataKind[] =>
  kinds.split(" ").map((kind) => ({ kind: `${group}|${kind}`, takes, source }));

const DISK = "the data on it";
const BASE = "the data in it";

/** Errs towards data: an operator that keeps its volumes is named here as well where a setting of the object decides. */
export const DATA_KINDS: readonly DataKind[] = [
  ...all(DISK, "Kubernetes: Persistent Volumes, Reclaiming", "", "PersistentVolumeClaim PersistentVolume"),
  ...all(DISK, "Kubernetes CSI: snapshot deletionPolicy", "snapshot.storage.k8s.io", "VolumeSnapshot"),
  ...all(DISK, "Kubernetes CSI: snapshot deletionPolicy", "snapshot.storage.k8s.io", "VolumeSnapshotContent"),
  ...all(DISK, "Kubernetes CSI: group snapshots", "groupsnapshot.storage.k8s.io", "VolumeGroupSnapshot"),
  ...all(DISK, "Longhorn: deleting volumes", "longhorn.io", "Volume BackupVolume BackingImage"),
  ...all(DISK, "TopoLVM: LogicalVolume", "topolvm.io", "LogicalVolume"),
  ...all(DISK, "OpenEBS ZFS: ZFSVolume", "zfs.openebs.io", "ZFSVolume"),
  ...all(DISK, "OpenEBS LVM: LVMVolume", "local.openebs.io", "LVMVolume"),
  ...all(DISK, "KubeVirt CDI: DataVolume garbage collection", "cdi.kubevirt.io", "DataVolume"),
  ...all(DISK, "KubeVirt: dataVolumeTemplates are owned by the machine", "kubevirt.io", "VirtualMachine"),
  ...all(BASE, "Rook: cleaning up a cluster", "ceph.rook.io", "CephCluster CephBlockPool CephFilesystem"),
  ...all(BASE, "Rook: cleaning up a cluster", "ceph.rook.io", "CephObjectStore CephFilesystemSubVolumeGroup"),
  ...all(BASE, "Rook: rados namespaces", "ceph.rook.io", "CephBlockPoolRadosNamespace CephObjectStoreUser"),
  ...all(BASE, "lib-bucket-provisioner: reclaimPolicy Delete", "objectbucket.io", "ObjectBucketClaim ObjectBucket"),
  ...all(BASE, "COSI: deletionPolicy of the bucket class", "objectstorage.k8s.io", "BucketClaim Bucket"),
  ...all(BASE, "CloudNativePG: the claims are owned by the cluster", "postgresql.cnpg.io", "Cluster Database"),
  ...all(BASE, "Zalando postgres-operator: delete a cluster", "acid.zalan.do", "postgresql"),
  ...all(BASE, "Crunchy PGO: delete a cluster", "postgres-operator.crunchydata.com", "PostgresCluster"),
  ...all(BASE, "StackGres: SGCluster", "stackgres.io", "SGCluster"),
  ...all(BASE, "mariadb-operator: cleanupPolicy", "k8s.mariadb.com", "MariaDB Database MaxScale"),
  ...all(BASE, "mariadb-operator before 0.0.24", "mariadb.mmontes.io", "MariaDB Database"),
  ...all(BASE, "MySQL operator: InnoDBCluster", "mysql.oracle.com", "InnoDBCluster"),
  ...all(BASE, "Moco: MySQLCluster", "moco.cybozu.com", "MySQLCluster"),
  ...all(BASE, "Percona: finalizers of a cluster", "pxc.percona.com", "PerconaXtraDBCluster"),
  ...all(BASE, "Percona: finalizers of a cluster", "psmdb.percona.com", "PerconaServerMongoDB"),
  ...all(BASE, "Percona: finalizers of a cluster", "pgv2.percona.com", "PerconaPGCluster"),
  ...all(BASE, "MongoDB community operator", "mongodbcommunity.mongodb.com", "MongoDBCommunity"),
  ...all(BASE, "Strimzi: deleteClaim of a storage, and topics", "kafka.strimzi.io", "Kafka KafkaNodePool KafkaTopic"),
  ...all(BASE, "RabbitMQ cluster operator and topology operator", "rabbitmq.com", "RabbitmqCluster Queue Vhost"),
  ...all(BASE, "NACK: deleting a stream", "jetstream.nats.io", "Stream KeyValue ObjectStore"),
  ...all(BASE, "ECK: volumeClaimDeletePolicy", "elasticsearch.k8s.elastic.co", "Elasticsearch"),
  ...all(BASE, "OpenSearch operator", "opensearch.opster.io", "OpenSearchCluster"),
  ...all(BASE, "OpenSearch operator", "opensearch.org", "OpenSearchCluster"),
  ...all(BASE, "Redis operator: keepAfterDelete", "redis.redis.opstreelabs.in", "Redis RedisCluster RedisReplication"),
  ...all(BASE, "Redis operator: keepAfterDeletion", "databases.spotahome.com", "RedisFailover"),
  ...all(BASE, "Dragonfly operator", "dragonflydb.io", "Dragonfly"),
  ...all(BASE, "MinIO operator: Tenant", "minio.min.io", "Tenant"),
  ...all(BASE, "Altinity: ClickHouseInstallation", "clickhouse.altinity.com", "ClickHouseInstallation"),
  ...all(BASE, "Scylla operator", "scylla.scylladb.com", "ScyllaCluster"),
  ...all(BASE, "cass-operator and K8ssandra", "cassandra.datastax.com", "CassandraDatacenter"),
  ...all(BASE, "K8ssandra", "k8ssandra.io", "K8ssandraCluster"),
  ...all(BASE, "CockroachDB operator", "crdb.cockroachlabs.com", "CrdbCluster"),
  ...all(BASE, "TiDB operator", "pingcap.com", "TidbCluster"),
  ...all(BASE, "etcd operators", "etcd.database.coreos.com", "EtcdCluster"),
  ...all(BASE, "etcd operators", "etcd.aenix.io", "EtcdCluster"),
  ...all(BASE, "etcd operators", "operator.etcd.io", "EtcdCluster"),
  ...all(BASE, "etcd-druid", "druid.gardener.cloud", "Etcd"),
  ...all("what it restored", "VolSync: cleaning up a destination", "volsync.backube", "ReplicationDestination"),
  ...all("the way to its backups", "Velero: object storage sync", "velero.io", "BackupStorageLocation"),
  ...all("the bucket", "Crossplane: deletionPolicy", "s3.aws.crossplane.io", "Bucket"),
  ...all("the bucket", "Crossplane: deletionPolicy", "s3.aws.upbound.io", "Bucket"),
  ...all("the bucket", "Crossplane: deletionPolicy", "storage.gcp.upbound.io", "Bucket"),
  ...all(BASE, "Crossplane: deletionPolicy", "rds.aws.upbound.io", "Instance Cluster"),
  ...all("the whole cluster and all that is on it", "Cluster API: deleting a cluster", "cluster.x-k8s.io", "Cluster"),
];

/** What goes with an object that holds data; undefined for any other. */
export type DataOf = (key: ObjectKey) => string | undefined;

/** @param more kinds that a user names beside those that are known */
export function makeDataOf(more: readonly DataKind[] = []): DataOf {
  const known = new Map([...DATA_KINDS, ...more].map(({ kind, takes }) => [kind, takes]));
  return (key) => known.get(groupKindOf(key));
}
