import { keyOfObject, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import {
  differingKeys,
  listPlacedSources,
  listValueSources,
  type PlacedSource,
  valuesOf,
} from "../../change/value-keys.ts";
import type { Held } from "../../change/world.ts";
import type { YamlData } from "../../contract/objects.ts";
import { SOURCE_KEY } from "../sources/applied-sources.ts";
import { isAltered, listVariables } from "../unknown/build-unknowns.ts";
import { readWritten } from "./substitutions.ts";

/** What a change alters in ConfigMaps and Secrets that FluxKustomizations substitute from, by `Kind/name`. */
export interface AlteredValues {
  /** Their keys that differ; `undefined` for all of them. */
  keys: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** What they hold, by `Kind/namespace/name`, where documents do not say it, as far as it is known. */
  data: Record<Side, ReadonlyMap<string, YamlData>>;
}

type Keys = AlteredValues["keys"];

interface Source extends PlacedSource {
  old: Held;
  now: Held;
}

/** Where values hang on others over more steps than this, all that hold a variable are taken as altered. */
const MOST_PASSES = 20;

/**
 * Values that change though no document of theirs is edited: a patch or a replacement sets them, another file of the same
 * name is listed, or they hold variables that change in turn. So it is with an edited document that is patched on its way.
 * @param known keys that edits alter
 * @param isAsked whether something else wants to know what they hold
 * @returns those and the others; undefined where there are no others
 */
export function findAlteredValues(
  given: Given,
  known: Keys,
  change: ClusterChange,
  isAsked: boolean,
): AlteredValues | undefined {
  const isOpen = isAsked || namesHang(given) || addressesHang(given);
  const sources = listSources(given, isOpen);
  const keys = new Map(known);
  let isSettled = false;
  for (let pass = 0; !isSettled; pass++) {
    isSettled = true;
    if (pass > MOST_PASSES) for (const { id, now } of sources) if (holdsVariable(now)) keys.set(id, undefined);
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
  const [was, is] = [readWritten("before", change), readWritten("after", change)];
  const isPatched = ({ old, now, ...source }: Source) => isOther(was(source), old) || isOther(is(source), now);
  const told = sources.filter((one) =>
    isOpen ? isPlain(one) : altered.includes(one) || (isPlain(one) && isPatched(one)),
  );
  if (told.length === 0) return undefined;
  const dataOf = (pick: (source: Source) => Held) =>
    new Map(told.map((one) => [one.place, valuesOf(pick(one).object.body)]));
  return { keys, data: { before: dataOf(({ old }) => old), after: dataOf(({ now }) => now) } };
}

/** Whether the name of something that the change may alter, or whether it is pruned, hangs on a value that is not filled in. */
function namesHang({ before, after }: Given): boolean {
  const isOpen = ({ object, by }: Held) => object.open !== undefined && !by?.fixed;
  const decidesFate = ({ object }: Held) => {
    const { prune, suspend, deletionPolicy } = object.flux?.data.spec ?? {};
    return [prune, suspend, deletionPolicy].some(isOpenText);
  };
  return [before, after].some((world) => world.all.some((held) => isOpen(held) || decidesFate(held)));
}

/** Whether what a source fetches, and that changes, hangs on such a value on one side. */
function addressesHang({ before, after }: Given): boolean {
  return after.all.some(({ object, by }) => {
    if (by?.fixed || !SOURCE_KEY.test(object.key)) return false;
    const [was, is] = [before.objects.get(object.key)?.object, object].map((one) => JSON.stringify(one?.body?.spec));
    return was !== undefined && was !== is && `${was}${is}`.includes("${");
  });
}

/** Whether the cluster is given something else than a document says. */
function isOther(written: YamlData | undefined, { object }: Held): boolean {
  return written !== undefined && differingKeys(written, valuesOf(object.body)).size > 0;
}

/** Whether all that it holds is read as it is written. */
const isPlain = ({ old, now }: Source): boolean => [old, now].every(({ object }) => !object.isPart && !object.ignored);

/**
 * What is substituted from and delivered on both sides.
 * @param reads what was not read either
 */
function listSources({ before, after }: Given, reads: boolean): Source[] {
  const sources = new Map<string, Source>();
  for (const { key, spec } of [...before.holders, ...after.holders]) {
    const { namespace } = splitKey(key);
    for (const source of listPlacedSources(spec.data.spec)) {
      const [kind = "", name = ""] = source.id.split("/");
      const held = keyOfObject({ apiVersion: "v1", kind, namespace, name });
      const [old, now] = [before, after].map((world) => (reads ? world.find(held) : world.objects.get(held)));
      if (old && now) sources.set(held, { ...source, old, now });
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
function holdsVariable({ object }: Held): boolean {
  return Object.values(valuesOf(object.body)).some((value) => String(value).includes("${"));
}
