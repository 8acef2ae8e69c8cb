import { keyOfObject, type ObjectKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { keysOf } from "../../change/made-keys.ts";
import { valuesOf } from "../../change/value-keys.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { likeMore } from "../../contract/list-some.ts";
import { itemsOf, valueAt, type YamlData } from "../../contract/objects.ts";
import { misnamedIn } from "../../delivery/kustomize/index.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

/**
 * ConfigMaps and Secrets, or what makes one, that get a key which is no name of a variable, or that something comes to substitute from while they have
 * one: a single such key fails every build that substitutes from there (flux-facts 2.9).
 * @param unbuilt FluxKustomizations of which that is said already
 */
export function findMisnamedKeys(given: Given, unbuilt: ReadonlySet<ObjectKey>): Stopped[] {
  const { before, after } = given;
  const [was, is] = [listReaders(before), listReaders(after)];
  if (is.size === 0) return [];
  return after.all.flatMap((held): Stopped | [] => {
    const { target, wrong, path } = wrongIn(held) ?? {};
    const readers = target === undefined ? undefined : is.get(target);
    if (!readers || wrong === undefined) return [];
    const old = before.objects.get(held.object.key);
    const past = new Set(old && wrongIn(old)?.target === target ? was.get(target!) : []);
    const isSaid = (reader: ObjectKey) => past.has(reader) || unbuilt.has(reader) || after.fails(reader);
    const [first, ...rest] = readers.filter((reader) => !isSaid(reader));
    if (first === undefined) return [];
    const { namespace, name } = splitKey(first);
    return {
      held,
      path: path ?? [],
      rule: "build-breaks",
      what: `${target === held.object.key ? "has" : "makes a Secret with"} the key ${wrong}, which is no name of a variable, and Kustomization ${namespace}/${name} substitutes from it${likeMore(rest.length)}: Flux builds it no more, whether it uses that key or not`,
      why: "Names of variables hold letters, digits and _ alone, and begin with no digit; one other key fails all.",
      next: "Rename the key, or put it in another object that nothing substitutes from.",
    };
  });
}

/** A key that is no name of a variable, in what an object is, or in the Secret that a controller makes of it. */
function wrongIn({ object }: Held): { target: ObjectKey; wrong: string; path: string[] } | undefined {
  const { key, body, ignored } = object;
  const { group, kind } = splitKey(key);
  if (ignored || !isMap(body)) return undefined;
  const find = (target: ObjectKey, keys: Iterable<string>) => {
    const wrong = misnamedIn(keys);
    return wrong === undefined ? undefined : { target, wrong, path: placeOf(body, wrong) };
  };
  // What a ConfigMap holds in binaryData is not substituted.
  if (group === "" && (kind === "ConfigMap" || kind === "Secret")) return find(key, Object.keys(valuesOf(body)));
  if (kind !== "SealedSecret" && kind !== "ExternalSecret") return undefined;
  const [target, keys] = keysOf(object) ?? [];
  return target === undefined ? undefined : find(target, keys ?? []);
}

const PLACES = [["stringData"], ["data"], ["spec", "encryptedData"], ["spec", "template", "data"]];

function placeOf(body: YamlData, wrong: string): string[] {
  const place = PLACES.find((path) => valueAt(body, [...path, wrong]) !== undefined);
  return place ? [...place, wrong] : ["spec"];
}

/** FluxKustomizations by what they substitute from. */
function listReaders(world: World): Map<ObjectKey, ObjectKey[]> {
  const readers = new Map<ObjectKey, ObjectKey[]>();
  for (const { key, spec } of world.holders) {
    if (spec.own || spec.suspend) continue;
    for (const { kind, name } of itemsOf(spec.data.spec.postBuild?.substituteFrom)) {
      const { namespace } = splitKey(key);
      const target = keyOfObject({ apiVersion: "v1", kind: String(kind), namespace, name: String(name) });
      getOrMake(readers, target, () => []).push(key);
    }
  }
  return readers;
}
