import { keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { isOpenText } from "../admission/open-text.ts";
import { groupBy } from "../contract/group-by.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { isMap } from "../yaml/is-map.ts";
import { withSettledHash } from "./generated-names.ts";
import type { OwnedObject } from "./types.ts";
import type { World } from "./world.ts";

/** Tells the keys of what one tree holds, as far as they are known; without those that hold bytes `asText`. */
export function makeKeysOf(world: World, asText = false): (target: ObjectKey) => ReadonlySet<string> | undefined {
  const made = once(() => {
    const found = new Map<ObjectKey, ReadonlySet<string> | undefined>();
    for (const { object } of world.all) {
      const [key, keys] = keysOf(object, asText) ?? [];
      // Two that make the same thing may each add to it.
      if (key) found.set(key, found.has(key) ? undefined : keys);
    }
    return found;
  });
  return (target) => made().get(target);
}

/** What an object is or makes, and its keys; undefined for those that cannot be known. */
export function keysOf(
  { key, body, isPart }: Pick<OwnedObject, "key" | "body" | "isPart">,
  asText = false,
): [ObjectKey, ReadonlySet<string> | undefined] | undefined {
  const { group, kind, namespace, name, remote } = splitKey(key);
  if (!isMap(body)) return undefined;
  const { spec, data, stringData, binaryData } = body;
  const secret = (own: unknown, one: unknown) =>
    keyOfObject({ apiVersion: "v1", kind: "Secret", namespace: String(own), name: String(one) }, remote);
  const known = (keys: string[]) => (isPart || keys.some(isOpenText) ? undefined : new Set(keys));
  const list = (...maps: YamlData[]) =>
    maps.flatMap((map) => (isMap(map) ? Object.keys(map) : isOpenText(map) ? [map as string] : []));
  const plain = (...maps: YamlData[]) => known(list(...maps));
  if (group === "" && (kind === "ConfigMap" || kind === "Secret"))
    return [withSettledHash(key), plain(data, stringData, asText ? undefined : binaryData)];
  if (group === "bitnami.com" && kind === "SealedSecret") {
    return [secret(namespace, name), plain(spec?.encryptedData, spec?.template?.data)];
  }
  if (group !== "external-secrets.io" || kind !== "ExternalSecret") return undefined;
  const target = secret(namespace, spec?.target?.name ?? name);
  const { template } = spec?.target ?? {};
  const isWhole = ["Owner", "Orphan"].includes(spec?.target?.creationPolicy ?? "Owner");
  // A template that writes all anew says all keys, whatever it is filled from.
  const isReplaced = isMap(template?.data) && Object.keys(template.data).length > 0 && template.mergePolicy !== "Merge";
  const isOpen = (spec?.dataFrom !== undefined && !isReplaced) || template?.templateFrom !== undefined;
  if (!isWhole || isOpen) return [target, undefined];
  const listed = itemsOf(spec?.data).map((one) => String(one.secretKey));
  return [target, isReplaced ? plain(template.data) : known([...listed, ...list(template?.data)])];
}

/**
 * What an ExternalSecret fills each key of its Secret from, in words that differ where the values may; undefined where it does not
 * list its keys.
 */
export function listSeeds(body: YamlData, namespace: string, name: string): Record<string, string> | undefined {
  const key = keyOfObject({ apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", namespace, name });
  const keys = keysOf({ key, body })?.[1];
  const data = groupBy(itemsOf(body?.spec?.data), ({ secretKey }) => String(secretKey));
  const template = body?.spec?.target?.template?.data;
  const seedOf = (one: string): string => {
    const text = isMap(template) ? template[one] : undefined;
    // A template may name any of them.
    const used =
      text === undefined ? [one] : new Set([/\w+/g, /[\w-]+/g].flatMap((word) => String(text).match(word) ?? []));
    return JSON.stringify([text, [...used].map((word) => data.get(word))]);
  };
  return keys && Object.fromEntries([...keys].map((one) => [one, seedOf(one)]));
}
