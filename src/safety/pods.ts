import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";

const TEMPLATE = ["spec", "template", "spec"] as const;

/** Where the spec of the pods stands, by `group|Kind` of the plain workloads. */
export const POD_SPECS: Readonly<Record<string, readonly string[]>> = {
  "|Pod": ["spec"],
  "apps|Deployment": TEMPLATE,
  "apps|StatefulSet": TEMPLATE,
  "apps|DaemonSet": TEMPLATE,
  "batch|Job": TEMPLATE,
  "batch|CronJob": ["spec", "jobTemplate", ...TEMPLATE],
};

/** Fields of a pod that list containers. */
export const CONTAINER_LISTS = ["containers", "initContainers"] as const;

/** Fields of a container by which kubelet asks whether it lives. */
export const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

/** One variable of a container, with its place in the object. */
export interface EnvVariable {
  path: readonly (string | number)[];
  data: YamlData;
}

/** The spec of the pods of a workload, with its place; undefined for other kinds. */
export function podOf(groupKind: string, body: YamlData): { data: YamlData; path: readonly string[] } | undefined {
  const path = POD_SPECS[groupKind] ?? [];
  const data = path.reduce((at: YamlData, step) => (isMap(at) ? at[step] : undefined), body);
  return path.length > 0 && isMap(data) ? { data, path } : undefined;
}

/** The `env` of all containers of a workload; none for other kinds. */
export function listEnv(groupKind: string, body: YamlData): EnvVariable[] {
  const pod = podOf(groupKind, body);
  if (!pod) return [];
  return CONTAINER_LISTS.flatMap((list) =>
    itemsOf(pod.data[list]).flatMap((container, index) =>
      itemsOf(container?.env).map((data, at) => ({ path: [...pod.path, list, index, "env", at], data })),
    ),
  );
}
