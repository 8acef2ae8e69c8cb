import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Given } from "../given.ts";
import { keyOfObject, printKey, splitKey } from "../key.ts";
import { isOpenText } from "../open-text.ts";
import type { ObjectKey, OwnedObject } from "../types.ts";
import type { Stopped } from "./stopped.ts";
import type { World } from "./world.ts";

const GROUP = "gateway.networking.k8s.io";

/** Routes that name a listener (`sectionName`) which their Gateway has no more, or never had: it then leaves them out. */
export function findLostListeners({ before, after }: Given): Stopped[] {
  const gateways = [...after.objects.values()].filter(
    ({ object, by }) => object.key.startsWith(`${GROUP}|Gateway|`) && !by?.fixed,
  );
  const isOther = ({ object }: (typeof gateways)[number]) =>
    String(listenersOf(before, object.key)) !== String(listenersOf(after, object.key));
  after.search(gateways.filter(isOther).map(({ object }) => object.name));
  return [...after.objects.values()].flatMap((held): Stopped[] => {
    const named = listNamed(held.object);
    if (named.length === 0 || held.by?.spec.suspend) return [];
    const was = before.objects.get(held.object.key)?.object;
    const known = new Set((was ? listNamed(was) : []).map(({ id }) => id));
    return named.flatMap(({ id, index, target, section }): Stopped[] => {
      if (!held.by?.fixed) after.has(target);
      const listeners = listenersOf(after, target);
      if (!listeners || listeners.includes(section)) return [];
      if (known.has(id) && !listenersOf(before, target)?.includes(section)) return [];
      return [
        {
          held,
          path: ["spec", "parentRefs", index, "sectionName"],
          rule: "reference-breaks",
          what: `names the listener ${section} of ${printKey(target)}, which has none of that name: nothing that comes in there reaches it`,
          why: `That Gateway has ${listeners.join(", ")}, and nothing is refused.`,
          next: "Write the name of one of its listeners, or give the Gateway that one.",
        },
      ];
    });
  });
}

/** Names of the listeners of a Gateway; undefined where they cannot be known. */
function listenersOf(world: World, key: ObjectKey): string[] | undefined {
  const body: YamlData = world.objects.get(key)?.object.body;
  const names = itemsOf(isMap(body) ? (body as YamlData).spec?.listeners : undefined).map((one) => String(one?.name));
  return names.length > 0 && !names.some(isOpenText) ? names : undefined;
}

function listNamed({ key, namespace, body }: OwnedObject) {
  const { group, kind, remote } = splitKey(key);
  if (group !== GROUP || !kind.endsWith("Route") || remote !== "" || !isMap(body)) return [];
  return itemsOf((body as YamlData).spec?.parentRefs).flatMap((ref, index) => {
    const { name, sectionName: section } = ref ?? {};
    const isPlain = typeof name === "string" && typeof section === "string" && !isOpenText(`${name}${section}`);
    if (!isPlain || (ref.kind ?? "Gateway") !== "Gateway" || isOpenText(ref.namespace)) return [];
    const target = keyOfObject({
      apiVersion: `${GROUP}/v1`,
      kind: "Gateway",
      namespace: ref.namespace ?? namespace,
      name,
    });
    return [{ index, target, section, id: `${target} ${section}` }];
  });
}
