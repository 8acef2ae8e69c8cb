import type { ClusterChange, Side } from "../../change/change.ts";
import { countDeclared } from "../../change/value-keys.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, sortKeys, type YamlData } from "../../contract/objects.ts";

/** ConfigMaps, `Kind/name`, that are the same in both trees but for their name, with the name of before. */
export type RenamedValues = Record<Side, ReadonlyMap<string, string>>;

type Edited = Pick<ClusterChange, "removed" | "added" | "before" | "after" | "isDelivered">;

const answers = new WeakMap<Edited, RenamedValues>();

/**
 * ConfigMaps that a change gives another name and nothing else: what substitutes from one before and from the other after gets
 * the same values. Neither name stands for another one, as in another namespace.
 */
export function findRenamedValues(change: Edited): RenamedValues {
  return getOrMake(answers, change, () => {
    const own = (objects: readonly KubeObject[]) => objects.filter(({ file }) => change.isDelivered(file));
    const [removed, added] = [own(change.removed), own(change.added)];
    const [old, now] = [listLeft(removed, added), listLeft(added, removed)];
    const stands = ([was, is]: readonly [string, string]) =>
      [change.before, change.after]
        .map((tree) => [was, is].map((id) => countDeclared(tree, id, change.isDelivered)))
        .join();
    const pairs = [...old].flatMap(([text, [was, ...others]]) => {
      const [is, ...more] = now.get(text) ?? [];
      const pair = was && is && others.length + more.length === 0 && ([idOf(was), idOf(is)] as const);
      return pair && stands(pair) === "1,0,0,1" ? [pair] : [];
    });
    return {
      // The new spec over the old files waits for the new one.
      before: new Map(pairs.flatMap(([was, is]) => [[was, was] as const, [is, was] as const])),
      after: new Map(pairs.map(([was, is]) => [is, was])),
    };
  });
}

const idOf = ({ kind, name }: KubeObject): string => `${kind}/${name}`;

/** ConfigMaps of one tree whose name no other document of the change has, by what they say. */
function listLeft(objects: readonly KubeObject[], others: readonly KubeObject[]): Map<string, KubeObject[]> {
  const known = new Set(others.map(idOf));
  const maps = objects.filter((one) => one.kind === "ConfigMap" && !known.has(idOf(one)));
  const printed = maps.flatMap((one) => {
    const { data, binaryData } = bodyOf(one);
    const text = JSON.stringify([one.namespace, sortKeys(data), binaryData ?? null]);
    return data && !text.includes("${") ? [{ one, text }] : [];
  });
  const groups = groupBy(printed, ({ text }) => text);
  return new Map([...groups].map(([text, all]) => [text, all.map(({ one }) => one)]));
}

/**
 * A spec that names what it substitutes from as before the change. `optional` decides whether it builds at all, and not what.
 */
export function nameAsBefore(spec: YamlData, renamed: ReadonlyMap<string, string> = new Map()): YamlData {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  if (from.length === 0) return spec;
  const substituteFrom = from.map((ref) => {
    const { optional: _, ...rest } = ref ?? {};
    const was = renamed.get(`${ref?.kind}/${ref?.name}`);
    return was === undefined ? rest : { ...rest, name: was.slice(was.indexOf("/") + 1) };
  });
  return { ...spec, postBuild: { ...spec.postBuild, substituteFrom } };
}
