import { keyOfObject, type ObjectKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { valuesOf } from "../../change/value-keys.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { likeMore } from "../../contract/list-some.ts";
import { itemsOf } from "../../contract/objects.ts";
import { misnamedIn } from "../../delivery/kustomize/index.ts";
import type { Stopped } from "../stopped.ts";

/**
 * ConfigMaps and Secrets that get a key which is no name of a variable, or that something comes to substitute from while they have
 * one: a single such key fails every build that substitutes from there (flux-facts 2.9).
 * @param unbuilt FluxKustomizations of which that is said already
 */
export function findMisnamedKeys(given: Given, unbuilt: ReadonlySet<ObjectKey>): Stopped[] {
  const { before, after } = given;
  const [was, is] = [listReaders(before), listReaders(after)];
  if (is.size === 0) return [];
  const suspects = after.all.filter((held) => is.has(held.object.key) && wrongIn(held) !== undefined);
  return suspects.flatMap((held): Stopped | [] => {
    const { key } = held.object;
    const old = before.objects.get(key);
    const past = new Set(old && wrongIn(old) !== undefined ? was.get(key) : []);
    const isSaid = (reader: ObjectKey) => past.has(reader) || unbuilt.has(reader) || after.fails(reader);
    const [first, ...rest] = (is.get(key) ?? []).filter((reader) => !isSaid(reader));
    if (first === undefined) return [];
    const { namespace, name } = splitKey(first);
    const wrong = wrongIn(held)!;
    return {
      held,
      path: [held.object.body?.stringData?.[wrong] === undefined ? "data" : "stringData", wrong],
      rule: "build-breaks",
      what: `has the key ${wrong}, which is no name of a variable, and Kustomization ${namespace}/${name} substitutes from it${likeMore(rest.length)}: Flux builds it no more, whether it uses that key or not`,
      why: "Names of variables hold letters, digits and _ alone, and begin with no digit; one other key fails all.",
      next: "Rename the key, or put it in another object that nothing substitutes from.",
    };
  });
}

function wrongIn({ object: { key, body, ignored } }: Held): string | undefined {
  const { group, kind } = splitKey(key);
  if (group !== "" || (kind !== "ConfigMap" && kind !== "Secret") || ignored) return undefined;
  return misnamedIn(Object.keys(valuesOf(body)));
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
