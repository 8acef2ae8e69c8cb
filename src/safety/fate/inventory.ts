import { keyOfObject, type ObjectKey, ownerName } from "../../admission/key.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { FluxHistory } from "../../change/variants.ts";

/** What live FluxKustomizations hold, by `namespace/name`; ids as `status.inventory.entries` has them. */
export type Inventories = Readonly<Record<string, readonly string[]>>;

/**
 * The object of an inventory id, `namespace_name_group_kind` (flux-facts 2.4 item 1); undefined for anything else. A
 * colon in the name of a role is written `__`. Nothing is known of it but that it is there.
 */
export function readInventoryId(id: string, remote = ""): OwnedObject | undefined {
  const found = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (!found) return undefined;
  const [namespace, name, group, kind] = found.slice(1) as [string, string, string, string];
  const identity = { kind, namespace, name: name.replaceAll("__", ":") };
  return { ...identity, key: keyOfObject({ ...identity, apiVersion: `${group}/v1` }, remote), spared: false };
}

/** What a FluxKustomization holds in the cluster today; undefined when nobody measured it. */
export function readInventory(
  inventories: Inventories | undefined,
  { key, configs }: FluxHistory,
): ReadonlyMap<ObjectKey, OwnedObject> | undefined {
  const ids = inventories?.[ownerName(key)];
  if (ids === undefined) return undefined;
  const remote = configs[0]?.spec.remote;
  const objects = ids.flatMap((id) => readInventoryId(id, remote) ?? []);
  return new Map(objects.map((object) => [object.key, object]));
}
