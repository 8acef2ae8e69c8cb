import { keyOfObject, printKey } from "../../admission/key.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import type { Given } from "../../change/given.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

/**
 * Claims that come to ask more of a class that lets none grow: the API server refuses that (kubernetes
 * plugin/pkg/admission/storage/persistentvolume/resize), or of none at all, as a claim for a volume made by hand does. Of a class
 * that is not in Git nothing is known, and a claim that is made only once is asked for no more.
 */
export function findFixedClaims({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, ({ object, by }, was) => {
    if (!object.key.startsWith("|PersistentVolumeClaim|") || by?.fixed !== false || by.spec.suspend || !was) return [];
    const [old, now] = [was.object.body?.spec, object.body?.spec];
    const sizes: unknown[] = [old, now].map((spec) => spec?.resources?.requests?.storage);
    const [from, to] = sizes.map(parseQuantity);
    const name: unknown = now?.storageClassName;
    if (from === undefined || to === undefined || to <= from) return [];
    if (typeof name !== "string" || name !== old?.storageClassName || object.frozen === undefined) return [];
    const path = ["spec", "resources", "requests", "storage"];
    const grows = `cannot grow from ${String(sizes[0])} to ${String(sizes[1])}`;
    const refused = "The API server refuses it, and Flux then applies nothing more of its Kustomization";
    const why = "A claim grows only where its class lets it.";
    if (name === "") {
      const next = "Keep the size: a volume that was made by hand is as large as it is, whatever the claim asks for.";
      return { path, what: `${grows}: it has no class, as its storageClassName is empty. ${refused}`, why, next };
    }
    const key = keyOfObject({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: "", name });
    const [then, later] = [before, after].map((world) => world.find(key)?.object);
    if (!then || !later || [then, later].some(({ body }) => body?.allowVolumeExpansion === true)) return [];
    return {
      path,
      what: `${grows}: ${printKey(key)} does not say allowVolumeExpansion: true. ${refused}`,
      why,
      next: `Set allowVolumeExpansion: true in ${printKey(key)}, if its driver can do that; or keep the size.`,
    };
  });
}
