import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
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

/** A part of an object, with its place in it. */
export interface Part {
  path: readonly (string | number)[];
  data: YamlData;
}

/** The spec of the pods of a workload; undefined for other kinds. */
export function podOf(groupKind: string, body: YamlData): { data: YamlData; path: readonly string[] } | undefined {
  const path = ofOwn(POD_SPECS, groupKind) ?? [];
  const data = valueAt(body, path);
  return path.length > 0 && isMap(data) ? { data, path } : undefined;
}

/** Containers of both lists. */
export function listContainers(pod: Part | undefined): Part[] {
  return CONTAINER_LISTS.flatMap((list) =>
    itemsOf(pod?.data[list]).map((data, index) => ({ data, path: [...pod!.path, list, index] })),
  );
}

/** The `env` of all containers of a workload; none for other kinds. */
export function listEnv(groupKind: string, body: YamlData): Part[] {
  return listContainers(podOf(groupKind, body)).flatMap(({ data: container, path }) =>
    itemsOf(container?.env).map((data, at) => ({ path: [...path, "env", at], data })),
  );
}
