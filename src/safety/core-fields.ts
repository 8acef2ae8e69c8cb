import type { YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { findNear } from "./references/near.ts";
import type { Refusal } from "./types.ts";

const TOP = ["apiVersion", "kind", "metadata"];
const words = (text: string): readonly string[] => text.split(" ");

/** Fields beside metadata, by `group|Kind` (Kubernetes API 1.33). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "|ConfigMap": words("data binaryData immutable"),
  "|Secret": words("data stringData type immutable"),
  "|ServiceAccount": words("secrets imagePullSecrets automountServiceAccountToken"),
  "rbac.authorization.k8s.io|Role": words("rules"),
  "rbac.authorization.k8s.io|ClusterRole": words("rules aggregationRule"),
  "rbac.authorization.k8s.io|RoleBinding": words("subjects roleRef"),
  "rbac.authorization.k8s.io|ClusterRoleBinding": words("subjects roleRef"),
  "storage.k8s.io|StorageClass": words(
    "provisioner parameters reclaimPolicy mountOptions allowVolumeExpansion volumeBindingMode allowedTopologies",
  ),
  ...Object.fromEntries(
    [
      ..."|Namespace |PersistentVolumeClaim |PersistentVolume |Service |Pod apps|Deployment apps|StatefulSet apps|DaemonSet".split(
        " ",
      ),
      ..."batch|Job batch|CronJob networking.k8s.io|Ingress networking.k8s.io|NetworkPolicy".split(" "),
    ].map((key) => [key, words("spec status")]),
  ),
};

const WORKLOAD = "selector template replicas minReadySeconds revisionHistoryLimit";

/** Fields of `spec`. */
const SPEC: Readonly<Record<string, readonly string[]>> = {
  "|PersistentVolumeClaim": words(
    "accessModes selector resources volumeName storageClassName volumeMode dataSource dataSourceRef volumeAttributesClassName",
  ),
  "|Service": words(
    "ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution",
  ),
  "apps|Deployment": words(`${WORKLOAD} strategy paused progressDeadlineSeconds`),
  "apps|StatefulSet": words(
    `${WORKLOAD} serviceName volumeClaimTemplates podManagementPolicy updateStrategy persistentVolumeClaimRetentionPolicy ordinals`,
  ),
  "apps|DaemonSet": words(`${WORKLOAD} updateStrategy`),
  "batch|CronJob": words(
    "schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate successfulJobsHistoryLimit failedJobsHistoryLimit",
  ),
};

/**
 * Slips in the fields of everyday kinds of Kubernetes. Only what is close to a field, or belongs one level further down, is one:
 * Kubernetes gets new fields with every release.
 */
export function findCoreSlips(body: YamlData): Refusal[] {
  const { apiVersion, kind, spec } = body;
  const key = `${groupOf(String(apiVersion ?? ""))}|${kind}`;
  const known = FIELDS[key];
  if (!known) return [];
  const inner = SPEC[key] ?? [];
  return [
    ...slipsOf(body, [...TOP, ...known], inner, []),
    ...(isMap(spec) && inner.length > 0 ? slipsOf(spec, inner, [], ["spec"]) : []),
  ];
}

function slipsOf(
  map: YamlData,
  known: readonly string[],
  deeper: readonly string[],
  path: readonly string[],
): Refusal[] {
  return Object.keys(map).flatMap((name) => {
    if (known.includes(name)) return [];
    const near = findNear(name, known, { short: 3, digits: true });
    if (near === undefined && !deeper.includes(name) && !TOP.includes(name)) return [];
    const what = near === undefined ? "is no field there" : `is no field there, but ${near} is`;
    return [{ path: [...path, name], what, near }];
  });
}
