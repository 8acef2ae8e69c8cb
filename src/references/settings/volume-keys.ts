import { listContainers, podOf } from "../../admission/pods.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

/** That something takes one key of a ConfigMap or Secret, as it is written. */
export interface KeyUse {
  kind: "ConfigMap" | "Secret";
  name: unknown;
  key: unknown;
  optional?: unknown;
  path: readonly (string | number)[];
  /** Only that it goes is sure to be a mistake. */
  assumed?: true;
  /** It is mounted as a file by its name. */
  mounted?: true;
  /** It is read as text. */
  asText?: true;
}

/** Keys that volumes of a plain workload list, and those that are mounted by their name (`subPath`). */
export function listVolumeKeys(groupKind: string, body: YamlData): KeyUse[] {
  const pod = podOf(groupKind, body);
  if (!pod) return [];
  const mounts = listContainers(pod).flatMap(({ data, path }) =>
    itemsOf(data?.volumeMounts).map((mount, index) => ({
      ...{ volume: mount.name, subPath: mount.subPath },
      path: [...path, "volumeMounts", index, "subPath"],
    })),
  );
  const byVolume = groupBy(mounts, ({ volume }) => volume);
  return itemsOf(pod.data.volumes).flatMap((volume, at) => {
    const path = [...pod.path, "volumes", at];
    const own = readVolume(volume, path);
    const sources = itemsOf(volume.projected?.sources).flatMap((one, index) =>
      readVolume(one, [...path, "projected", "sources", index]),
    );
    const listed = [...own, ...sources].flatMap(({ items, path: to, ...rest }) =>
      items.map((item, index) => ({ ...rest, key: item.key, path: [...to, "items", index, "key"] })),
    );
    const whole = own.filter(({ items }) => items.length === 0);
    const byName = whole.flatMap(({ kind, name, optional }) =>
      (byVolume.get(volume.name) ?? [])
        .filter(({ subPath }) => isFile(subPath))
        .map(({ subPath, path: to }) => ({ kind, name, optional, key: subPath, path: to, mounted: true as const })),
    );
    return [...listed, ...byName];
  });
}

/** Every key of them is a file at the top. */
const isFile = (subPath: unknown): boolean => typeof subPath === "string" && subPath !== "" && !subPath.includes("/");

function readVolume(volume: YamlData, path: KeyUse["path"]) {
  return (["configMap", "secret"] as const).flatMap((field) => {
    const data: YamlData = volume?.[field];
    if (!isMap(data)) return [];
    const { name, secretName, items, optional } = data;
    const kind = field === "secret" ? ("Secret" as const) : ("ConfigMap" as const);
    return [{ kind, name: name ?? secretName, optional, items: itemsOf(items), path: [...path, field] }];
  });
}

const TYPES: Readonly<Record<string, KeyUse["kind"]>> = { configMap: "ConfigMap", secret: "Secret" };

/** The same in values of a chart that mounts what is there: `{type: configMap, name: player, globalMounts: [{subPath: a.yaml}]}`. */
export function listChartMounts(values: YamlData): KeyUse[] {
  const all: unknown = values?.persistence;
  return Object.entries(isMap(all) ? all : {}).flatMap(([id, data]) => {
    const { type, name, optional, globalMounts, advancedMounts }: YamlData = isMap(data) ? data : {};
    const kind = typeof type === "string" && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
    if (kind === undefined) return [];
    const path = ["spec", "values", "persistence", id];
    const global = itemsOf(globalMounts).map((mount, at) => ({
      mount,
      path: [...path, "globalMounts", at, "subPath"],
    }));
    const advanced = Object.entries(isMap(advancedMounts) ? advancedMounts : {}).flatMap(([of, containers]) =>
      Object.entries(isMap(containers) ? containers : {}).flatMap(([container, mounts]) =>
        itemsOf(mounts).map((mount, at) => ({
          mount,
          path: [...path, "advancedMounts", of, container, at, "subPath"],
        })),
      ),
    );
    return [...global, ...advanced]
      .filter(({ mount }) => isFile(mount.subPath))
      .map(({ mount, path: to }) => ({
        ...{ kind, name, optional, key: mount.subPath, path: to },
        ...{ assumed: true as const, mounted: true as const },
      }));
  });
}
