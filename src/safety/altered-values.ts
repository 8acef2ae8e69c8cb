import type { YamlData } from "../contract/objects.ts";
import { isAltered, listVariables } from "./build-unknowns.ts";
import type { Side } from "./change.ts";
import type { Given } from "./given.ts";
import { keyOfObject, splitKey } from "./key.ts";
import type { Held } from "./references/world.ts";
import { differingKeys, listValueSources, valuesOf } from "./value-keys.ts";

/** What a change alters in ConfigMaps and Secrets that FluxKustomizations substitute from, by `Kind/name`. */
export interface AlteredValues {
  /** Their keys that differ; `undefined` for all of them. */
  keys: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** What they hold, where documents do not say it, as far as it is known. */
  data: Record<Side, ReadonlyMap<string, YamlData>>;
}

type Keys = AlteredValues["keys"];

interface Source {
  id: string;
  old: Held;
  now: Held;
}

/** Where values hang on others over more steps than this, all that hold a variable are taken as altered. */
const MOST_PASSES = 20;

/**
 * Values that change though no document of theirs is edited: a patch or a replacement sets them, another file of the same
 * name is listed, or they hold variables that change in turn.
 * @param known keys that edits alter
 * @returns those and the others; undefined where there are no others
 */
export function findAlteredValues(given: Given, known: Keys): AlteredValues | undefined {
  const sources = listSources(given);
  const keys = new Map(known);
  let isSettled = false;
  for (let pass = 0; !isSettled; pass++) {
    isSettled = true;
    if (pass > MOST_PASSES) for (const { id, now } of sources) if (isOpen(now)) keys.set(id, undefined);
    for (const source of sources) {
      const told = keys.get(source.id);
      if (keys.has(source.id) && told === undefined) continue;
      const found = diff(source, keys);
      if (found.every((key) => told?.has(key))) continue;
      isSettled = false;
      keys.set(source.id, new Set([...(told ?? []), ...found]));
    }
  }
  const altered = sources.filter(({ id }) => keys.get(id) !== known.get(id) || keys.has(id) !== known.has(id));
  if (altered.length === 0) return undefined;
  const dataOf = (pick: (source: Source) => Held) =>
    new Map(altered.map((source) => [source.id, settled(valuesOf(pick(source).object.body))]));
  return { keys, data: { before: dataOf(({ old }) => old), after: dataOf(({ now }) => now) } };
}

/** What is substituted from and delivered on both sides. */
function listSources({ before, after }: Given): Source[] {
  const sources = new Map<string, Source>();
  for (const { key, spec } of [...before.holders, ...after.holders]) {
    for (const id of listValueSources(spec.data.spec)) {
      const [kind = "", name = ""] = id.split("/");
      const held = keyOfObject({ apiVersion: "v1", kind, namespace: splitKey(key).namespace, name });
      const [old, now] = [before.objects.get(held), after.objects.get(held)];
      if (old && now) sources.set(held, { id, old, now });
    }
  }
  return [...sources.values()];
}

function diff({ old, now }: Source, keys: Keys): string[] {
  const [was, is] = [valuesOf(old.object.body), valuesOf(now.object.body)];
  const isOther = (value: unknown) => [old, now].some(({ by }) => hangsOn(value, by?.spec.data.spec, keys));
  return [...differingKeys(was, is), ...Object.keys(is).filter((key) => isOther(is[key]))];
}

/** Whether a value holds a variable of what is altered. */
function hangsOn(value: unknown, spec: YamlData, keys: Keys): boolean {
  if (typeof value !== "string" || !value.includes("${")) return false;
  return isAltered(listVariables(value), listValueSources(spec), keys);
}

/** Whether a value of it may hang on others. */
function isOpen({ object }: Held): boolean {
  return Object.values(valuesOf(object.body)).some((value) => String(value).includes("${"));
}

/** Without what hangs on a variable that is not known. */
function settled(values: Record<string, unknown>): YamlData {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !String(value).includes("${")));
}
