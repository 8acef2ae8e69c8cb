import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import { CONTAINER_LISTS, podOf } from "./pods.ts";
import { isQuantity, parseQuantity } from "./quantity.ts";
import type { Refusal } from "./types.ts";

type Path = Refusal["path"];

/** A list whose items a server-side apply tells apart by some of their fields (`x-kubernetes-list-map-keys`), here with defaults. */
interface KeyedList {
  field: string;
  keys: readonly string[];
  defaults?: Readonly<Record<string, string>>;
}

const TCP = { protocol: "TCP" };
const POD_LISTS: readonly KeyedList[] = [
  ...["containers", "initContainers", "volumes", "imagePullSecrets"].map((field) => ({ field, keys: ["name"] })),
  { field: "hostAliases", keys: ["ip"] },
  { field: "topologySpreadConstraints", keys: ["topologyKey", "whenUnsatisfiable"] },
];
const CONTAINER_FIELDS: readonly KeyedList[] = [
  { field: "env", keys: ["name"] },
  { field: "ports", keys: ["containerPort", "protocol"], defaults: TCP },
  { field: "volumeMounts", keys: ["mountPath"] },
  { field: "volumeDevices", keys: ["devicePath"] },
];
const SERVICE_PORTS: KeyedList = { field: "ports", keys: ["port", "protocol"], defaults: TCP };

/** What the API server refuses of the pods of a plain workload, and of the ports of a Service. */
export function checkPods(groupKind: string, body: YamlData, isWhole: boolean): Refusal[] {
  if (groupKind === "|Service" && isMap(body.spec)) return findTwice(body.spec as YamlData, SERVICE_PORTS, ["spec"]);
  const pod = podOf(groupKind, body);
  if (!pod) return [];
  const containers = CONTAINER_LISTS.flatMap((list) =>
    itemsOf(pod.data[list]).map((data, index) => ({ data, path: [...pod.path, list, index] })),
  );
  const volumes = listVolumes(body, pod.data);
  return [
    ...POD_LISTS.flatMap((list) => findTwice(pod.data, list, pod.path)),
    ...containers.flatMap(({ data, path }) => CONTAINER_FIELDS.flatMap((list) => findTwice(data, list, path))),
    ...containers.flatMap(({ data, path }) => checkResources(data?.resources, [...path, "resources"])),
    ...(isWhole ? containers.flatMap(({ data, path }) => checkMounts(data, path, volumes)) : []),
  ];
}

/** Twice the same key: a server-side apply refuses it, where others only warn (apimachinery, structuredmerge.go, Apply). */
function findTwice(holder: YamlData, { field, keys, defaults = {} }: KeyedList, path: Path): Refusal[] {
  const seen = new Set<string>();
  return itemsOf(holder?.[field]).flatMap((item, index) => {
    if (!isMap(item)) return [];
    const values = keys.map((key) => (item as YamlData)[key] ?? defaults[key]);
    const id = JSON.stringify(values);
    if (values.includes(undefined) || isOpenText(id)) return [];
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const said = keys.map((key, at) => `${key} ${values[at]}`).join(", ");
    return [{ path: [...path, field, index], what: `has ${said}, which another item of the list has` }];
  });
}

function listVolumes({ spec }: YamlData, pod: YamlData): ReadonlySet<unknown> {
  const claims = itemsOf(spec?.volumeClaimTemplates).map((one) => one?.metadata?.name);
  return new Set([...itemsOf(pod.volumes).map((one) => one?.name), ...claims]);
}

function checkMounts(container: YamlData, path: Path, volumes: ReadonlySet<unknown>): Refusal[] {
  if ([...volumes].some((name) => isOpenText(name))) return [];
  return itemsOf(container?.volumeMounts).flatMap((mount, index) => {
    const name: unknown = mount?.name;
    if (typeof name !== "string" || isOpenText(name) || volumes.has(name)) return [];
    return [{ path: [...path, "volumeMounts", index, "name"], what: `is ${JSON.stringify(name)}, and no volume is` }];
  });
}

/** Amounts that are none, and more asked for than may be used. */
function checkResources(resources: YamlData, path: Path): Refusal[] {
  const { requests, limits } = isMap(resources) ? (resources as YamlData) : {};
  const isOpen = (value: unknown) => value === null || isOpenText(value);
  const sides = Object.entries({ requests, limits });
  const odd = sides.flatMap(([side, amounts]) =>
    Object.entries(isMap(amounts) ? amounts : {}).flatMap(([key, value]) => {
      if (isOpen(value) || isQuantity(value)) return [];
      return [{ path: [...path, side, key], what: `is ${JSON.stringify(value)}, which is no amount` }];
    }),
  );
  const over = Object.entries(isMap(requests) && isMap(limits) ? requests : {}).flatMap(([key, value]) => {
    const [asked, most] = [parseQuantity(value), parseQuantity((limits as YamlData)[key])];
    if (asked === undefined || most === undefined || asked <= most) return [];
    return [{ path: [...path, "requests", key], what: `is more than the limit, ${(limits as YamlData)[key]}` }];
  });
  return [...odd, ...over];
}
