import { keyOfObject, printKey } from "../../admission/key.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import type { Given } from "../../change/given.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

/**
 * Claims that come to ask more of a class that lets none grow: the API server refuses that (kubernetes
 * plugin/pkg/admission/storage/persistentvolume/resize). Of a class that is not in Git nothing is known.
 */
export function findFixedClaims({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, ({ object, by }, was) => {
    if (!object.key.startsWith("|PersistentVolumeClaim|") || by?.fixed !== false || by.spec.suspend || !was) return [];
    const [old, now] = [was.object.body?.spec, object.body?.spec];
    const sizes: unknown[] = [old, now].map((spec) => spec?.resources?.requests?.storage);
    const [from, to] = sizes.map(parseQuantity);
    const name: unknown = now?.storageClassName;
    if (from === undefined || to === undefined || to <= from) return [];
    if (typeof name !== "string" || name === "" || name !== old?.storageClassName) return [];
    const key = keyOfObject({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: "", name });
    const [then, later] = [before, after].map((world) => world.find(key)?.object);
    if (!then || !later || [then, later].some(({ body }) => body?.allowVolumeExpansion === true)) return [];
    return {
      path: ["spec", "resources", "requests", "storage"],
      what: `cannot grow from ${String(sizes[0])} to ${String(sizes[1])}: ${printKey(key)} does not say allowVolumeExpansion: true. The API server refuses it, and Flux then applies nothing more of its Kustomization`,
      why: "A claim grows only where its class lets it.",
      next: `Set allowVolumeExpansion: true in ${printKey(key)}, if its driver can do that; or keep the size.`,
    };
  });
}
