import { keyOfObject, type ObjectKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { Holder, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf } from "../../contract/objects.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";
import { findUses } from "./variables.ts";

/** Variables that get an empty value where they had another one, and that files use without a default. */
export function findEmptied({ before, after }: Given, tree: Tree, artifactRoot: string): Stopped[] {
  return after.holders.flatMap((holder): Stopped | [] => {
    const held = after.objects.get(holder.key);
    const [was] = before.holdersOf(holder.key);
    if (holder.fixed || !held || !was || holder.spec.suspend || !holder.spec.data.isLocal) return [];
    const [old, now] = [listValues(before, was), listValues(after, holder)];
    const isEmptied = (name: string) => valueIn(now, name) === "" && valueIn(old, name);
    const emptied = new Set(now.flatMap(listEmpty).filter(isEmptied));
    if (emptied.size === 0) return [];
    const files = readFiles(tree, holder.spec.data.spec, artifactRoot);
    const used = findUses(tree, files, (name) => emptied.has(name));
    if (!used) return [];
    const names = used.names.map((name) => `\${${name}}`).join(", ");
    return {
      held,
      path: ["spec", "postBuild"],
      rule: "variable-emptied",
      level: "caution",
      what: `puts nothing in the place of ${names} from now on, which ${used.file} uses: the value is empty, and was not before`,
      why: "Flux takes an empty value for a value, and reports no error.",
      next: "Check that it is meant to be empty.",
    };
  });
}

/** What a FluxKustomization sets, as far as it can be read. Many of them fill in the same thousands of values: nobody joins those. */
function listValues(world: World, { key, spec }: Holder): Record<string, unknown>[] {
  const { namespace } = splitKey(key);
  const { postBuild } = spec.data.spec;
  const sources = itemsOf(postBuild?.substituteFrom).map((one) => {
    if (one.kind !== "ConfigMap") return undefined;
    const id: ObjectKey = keyOfObject({ apiVersion: "v1", kind: "ConfigMap", namespace, name: String(one.name) });
    return world.find(id)?.object.body?.data;
  });
  return [...sources, postBuild?.substitute].filter(isMap);
}

/** The last one of a name counts. */
const valueIn = (maps: readonly Record<string, unknown>[], name: string): unknown =>
  maps.findLast((one) => Object.hasOwn(one, name))?.[name];

const empty = new WeakMap<object, readonly string[]>();

const listEmpty = (values: Record<string, unknown>): readonly string[] =>
  getOrMake(empty, values, () => Object.keys(values).filter((name) => values[name] === ""));
