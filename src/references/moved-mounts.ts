import { groupKindHere } from "../admission/key.ts";
import { isOpenText } from "../admission/open-text.ts";
import { listContainers, podOf } from "../admission/pods.ts";
import type { Given } from "../change/given.ts";
import type { OwnedObject } from "../change/types.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isAtWork } from "./new-references.ts";
import { type Stop, type Stopped, stopsOf } from "./stopped.ts";

interface Mount {
  /** Which mount of which container it is, to find it again. */
  place: string;
  /** Where the volume is mounted, as far as that is said. */
  target: string;
  /** What holds the data. */
  of: string;
  folder: string;
  path: readonly (string | number)[];
}

/**
 * Mounts that stay where they are in the container, and show another folder of the same claim, node or server: what starts does
 * not find its data, nothing is deleted, and nothing reports an error. Where the old folder is mounted elsewhere nothing is said.
 */
export function findMovedMounts({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    if (held.by?.fixed !== false || held.by.spec.suspend || !was || !isAtWork(held)) return [];
    const now = listMounts(held.object);
    if (now.length === 0) return [];
    const shown = new Set(now.map(print));
    const old = new Map(listMounts(was.object).map((one) => [one.place, one]));
    return now.flatMap((one): Stop | [] => {
      const last = old.get(one.place);
      if (!last || last.of !== one.of || last.folder === one.folder || shown.has(print(last))) return [];
      return {
        path: one.path,
        rule: "claim-unread",
        level: "caution",
        what: `mounts another folder of ${one.of}${one.target} from then on, ${say(one.folder)} instead of ${say(last.folder)}: what lies in the old one stays, and is no longer where it looks for it`,
        why: "Nothing is deleted. What does not find its data may begin anew with an empty folder, and reports no error.",
        next: "Take the folder back, or move what lies in it.",
      };
    });
  });
}

const print = ({ of, folder }: Mount): string => JSON.stringify([of, folder]);
const say = (folder: string): string => (folder === "" ? "its top" : folder);

/** Of the node itself: sockets, devices and settings, which hold nothing that a program has written. */
const SYSTEM = /^\/(?:dev|proc|sys|run|var\/run|etc|lib|lib64|usr|boot)(?:\/|$)/;

function listMounts(object: OwnedObject): Mount[] {
  const all = object.release ? listValues(object) : listPods(object);
  return all.filter(({ of, folder }) => !isOpenText(of) && !isOpenText(folder) && !SYSTEM.test(folder));
}

function listPods({ key, namespace, body }: OwnedObject): Mount[] {
  const pod = podOf(groupKindHere(key), body);
  const volumes = new Map(itemsOf(pod?.data.volumes).map((one) => [one.name, one]));
  return listContainers(pod).flatMap(({ data: container, path }) =>
    itemsOf(container?.volumeMounts).flatMap((mount, index): Mount[] => {
      const volume = volumes.get(mount.name);
      const store = volume && storeOf(volume, namespace);
      if (!store || typeof mount.mountPath !== "string" || mount.subPathExpr !== undefined) return [];
      const place = JSON.stringify([container.name, mount.mountPath]);
      const folder = join(store.folder, mount.subPath);
      return [
        { place, target: ` at ${mount.mountPath}`, of: store.of, folder, path: [...path, "volumeMounts", index] },
      ];
    }),
  );
}

interface Store {
  of: string;
  folder: string;
}

function storeOf({ persistentVolumeClaim, hostPath, nfs }: YamlData, namespace: string): Store | undefined {
  if (typeof persistentVolumeClaim?.claimName === "string")
    return { of: `PersistentVolumeClaim ${namespace}/${persistentVolumeClaim.claimName}`, folder: "" };
  if (typeof hostPath?.path === "string") return { of: NODE, folder: trim(hostPath.path) };
  return typeof nfs?.server === "string" && typeof nfs.path === "string" ? serverOf(nfs) : undefined;
}

const NODE = "its node";
const serverOf = ({ server, path }: YamlData): Store => ({ of: `the server ${server}`, folder: trim(path) });
const trim = (folder: string): string => folder.replace(/(?<=.)\/+$/, "");
const join = (folder: string, sub: unknown): string =>
  typeof sub === "string" && sub !== "" ? trim(folder === "" ? sub : `${folder}/${sub}`) : folder;

/** What charts of app-template are told by `persistence`. */
function listValues({ body, release }: OwnedObject): Mount[] {
  const entries: YamlData = body?.spec?.values?.persistence;
  return Object.entries(isMap(entries) ? entries : {}).flatMap(([name, entry]: [string, YamlData]): Mount[] => {
    if (!isMap(entry) || entry.enabled === false) return [];
    const path = ["spec", "values", "persistence", name];
    const { type, hostPath, server, existingClaim, globalMounts, advancedMounts } = entry as Record<string, YamlData>;
    const whole = { place: name, target: ` (persistence.${name})`, path };
    if (type === "hostPath" && typeof hostPath === "string")
      return [{ ...whole, of: NODE, folder: trim(hostPath), path: [...path, "hostPath"] }];
    if (type === "nfs" && typeof server === "string" && typeof entry.path === "string")
      return [{ ...whole, ...serverOf(entry), path: [...path, "path"] }];
    if (typeof existingClaim !== "string" || !release) return [];
    const of = `PersistentVolumeClaim ${release.target}/${existingClaim}`;
    const lists: [string, YamlData][] = [["", globalMounts]];
    for (const [controller, containers] of Object.entries(isMap(advancedMounts) ? advancedMounts : {}))
      for (const [container, list] of Object.entries(isMap(containers) ? containers : {}))
        lists.push([`${controller} ${container}`, list]);
    return lists.flatMap(([who, list]) =>
      itemsOf(list).map((mount) => {
        const target: string = typeof mount.path === "string" ? mount.path : `/${name}`;
        const place = JSON.stringify([name, who, target]);
        return { place, target: ` at ${target}`, of, folder: join("", mount.subPath), path };
      }),
    );
  });
}
