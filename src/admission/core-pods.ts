import { itemsOf, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { kubeSchema } from "../release/kube-schemas.ts";
import type { SchemaNode } from "../release/schema-nodes.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkContainer, checkSleeps } from "./core-containers.ts";
import { checkPodSpec } from "./core-pod-spec.ts";
import { isOpenText } from "./open-text.ts";
import { listContainers, podOf } from "./pods.ts";
import type { Refusal } from "./refusal.ts";
import { show } from "./refused-words.ts";

type Path = Refusal["path"];

/** What the API server refuses of the pods of a plain workload, beside their fields. */
export function checkPods(groupKind: string, body: YamlData, isWhole: boolean): Refusal[] {
  const pod = podOf(groupKind, body);
  if (!pod) return [];
  const containers = listContainers(pod);
  const volumes = listVolumes(body, pod.data);
  return [
    ...containers.flatMap(({ data, path }) => checkContainer(data, path, isWhole)),
    ...containers.flatMap(({ data, path }) => checkPortNames(data.ports, [...path, "ports"])),
    ...containers.flatMap(({ data, path }) => checkVariables(data.env, [...path, "env"])),
    ...(isWhole
      ? containers.flatMap(({ data, path }) => checkSleeps(data, path, pod.data.terminationGracePeriodSeconds))
      : []),
    ...checkNames(pod.data, pod.path),
    ...checkPodSpec(groupKind, pod.data, pod.path, isWhole),
    ...checkVolumes(pod.data.volumes, [...pod.path, "volumes"]),
    ...(isWhole && ![...volumes].some(isOpenText)
      ? containers.flatMap(({ data, path }) => checkMounts(data, path, volumes))
      : []),
  ];
}

/** The same name for two ports of a container, or of a Service. */
export function checkPortNames(ports: YamlData, path: Path): Refusal[] {
  const seen = new Set<string>();
  return itemsOf(ports).flatMap((port, index) => {
    const name: unknown = port.name;
    if (typeof name !== "string" || name === "" || isOpenText(name)) return [];
    if (seen.has(name)) return [{ path: [...path, index, "name"], what: `is ${show(name)}, as that of another port` }];
    seen.add(name);
    return [];
  });
}

/** Containers of both lists share their names. */
function checkNames(pod: YamlData, path: Path): Refusal[] {
  const names = new Set<unknown>(itemsOf(pod.containers).map((one) => one.name));
  return itemsOf(pod.initContainers).flatMap((one, index) => {
    const name: unknown = one.name;
    if (typeof name !== "string" || !names.has(name) || isOpenText(name)) return [];
    const what = `is ${show(name)}, as that of another container`;
    return [{ path: [...path, "initContainers", index, "name"], what }];
  });
}

/** A variable is written out, or comes from somewhere. */
function checkVariables(env: YamlData, path: Path): Refusal[] {
  return itemsOf(env).flatMap(({ name, value, valueFrom }, index): Refusal[] => [
    ...(typeof value === "string" && value !== "" && isMap(valueFrom)
      ? [{ path: [...path, index, "valueFrom"], what: "stands beside value" }]
      : []),
    // Before 1.30 fewer characters were taken.
    ...(typeof name === "string" && !isOpenText(name) && !/^[ -<>-~]*$/.test(name)
      ? [{ path: [...path, index, "name"], what: `is ${show(name)}, which is no name of a variable` }]
      : []),
  ]);
}

const kindsOfVolumes = once(() => {
  const { a } = shapeOf(fieldOf(fieldOf(kubeSchema("v1", "Pod"), "spec"), "volumes"));
  return new Set(Object.keys(shapeOf(a).p ?? {}));
});
const shapeOf = (node: SchemaNode | undefined) => (typeof node === "object" ? node : {});
const fieldOf = (node: SchemaNode | undefined, name: string) => shapeOf(node).p?.[name];

/** A volume is of one kind; what is no field there is left out before. */
function checkVolumes(volumes: YamlData, path: Path): Refusal[] {
  return itemsOf(volumes).flatMap((volume, index) => {
    const [first, second] = Object.keys(volume).filter((key) => kindsOfVolumes().has(key) && isMap(volume[key]));
    return second === undefined ? [] : [{ path: [...path, index, second], what: `stands beside ${first}` }];
  });
}

/** A text that may become a list, or an item of one, stays itself. */
const listOf = (value: YamlData): YamlData[] => (isOpenText(value) ? [value] : itemsOf(value));

function listVolumes({ spec }: YamlData, pod: YamlData): ReadonlySet<unknown> {
  const claims = listOf(spec?.volumeClaimTemplates).map((one) => one.metadata?.name ?? one);
  return new Set([...listOf(pod.volumes).map((one) => one.name ?? one), ...claims]);
}

function checkMounts(container: YamlData, path: Path, volumes: ReadonlySet<unknown>): Refusal[] {
  return itemsOf(container.volumeMounts).flatMap((mount, index) => {
    const name: unknown = mount.name;
    if (typeof name !== "string" || isOpenText(name) || volumes.has(name)) return [];
    return [{ path: [...path, "volumeMounts", index, "name"], what: `is ${show(name)}, and no volume is` }];
  });
}
