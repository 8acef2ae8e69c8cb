import type { YamlData } from "../contract/objects.ts";
import type { Given } from "./compare.ts";
import { keyOfObject, splitKey } from "./key.ts";
import type { Held } from "./references/world.ts";
import { listValueSources, valuesOf } from "./value-keys.ts";

/** Keys by `Kind/name` of a ConfigMap or Secret; `undefined` for all of them. */
export type ValueKeys = ReadonlyMap<string, ReadonlySet<string> | undefined>;

const VARIABLE = /\$\{#?([A-Za-z_]\w*)/g;

/**
 * Values that FluxKustomizations substitute from and that change though no document of theirs is edited: a patch or a
 * replacement sets them, another file of the same name is listed, or they hold variables that change in turn.
 * @param known what is altered by edits
 * @returns `known` with those added; the same map where there are none
 */
export function findAlteredValues({ before, after }: Given, known: ValueKeys): ValueKeys {
  const sources = new Map<string, { id: string; old: Held; now: Held }>();
  for (const { key, spec } of [...before.holders, ...after.holders]) {
    for (const id of listValueSources(spec.data.spec)) {
      const [kind = "", name = ""] = id.split("/");
      const held = keyOfObject({ apiVersion: "v1", kind, namespace: splitKey(key).namespace, name });
      const [old, now] = [before.objects.get(held), after.objects.get(held)];
      if (old && now) sources.set(held, { id, old, now });
    }
  }
  let all = known;
  for (let size = -1; size !== countKeys(all); ) {
    size = countKeys(all);
    for (const { id, old, now } of sources.values()) {
      if (all.has(id) && all.get(id) === undefined) continue;
      const keys = diff(old, now, all);
      const told = all.get(id);
      if (keys.every((key) => told?.has(key))) continue;
      all = new Map([...all, [id, new Set([...(told ?? []), ...keys])]]);
    }
  }
  return all;
}

function diff(old: Held, now: Held, all: ValueKeys): string[] {
  const [was, is] = [valuesOf(old.object.body), valuesOf(now.object.body)];
  const isAltered = (value: unknown) => [old, now].some(({ by }) => hangsOn(value, by?.spec.data.spec, all));
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]) || isAltered(is[key]),
  );
}

/** Whether a value holds a variable of what is altered. */
function hangsOn(value: unknown, spec: YamlData, all: ValueKeys): boolean {
  if (typeof value !== "string" || !value.includes("${")) return false;
  const names = [...value.matchAll(VARIABLE)].map(([, name]) => name!);
  return listValueSources(spec).some((id) => {
    const keys = all.get(id);
    return all.has(id) && (keys === undefined || names.some((name) => keys.has(name)));
  });
}

function countKeys(all: ValueKeys): number {
  return [...all.values()].reduce((sum, keys) => sum + 1 + (keys?.size ?? 0), 0);
}
