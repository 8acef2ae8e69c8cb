import { getOrMake, groupBy } from "../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, sortKeys, type YamlData } from "../contract/objects.ts";
import type { ClusterChange, Side } from "./change.ts";

/** ConfigMaps, `Kind/name`, that are the same in both trees but for their name, with the name of before. */
export type RenamedValues = Record<Side, ReadonlyMap<string, string>>;

type Edited = Pick<ClusterChange, "removed" | "added">;

const answers = new WeakMap<Edited, RenamedValues>();

/** ConfigMaps that a change gives another name and nothing else: what substitutes from one before and from the other after gets the same values. */
export function findRenamedValues(change: Edited): RenamedValues {
  return getOrMake(answers, change, () => {
    const [old, now] = [listLeft(change.removed, change.added), listLeft(change.added, change.removed)];
    const pairs = [...old].flatMap(([text, [was, ...others]]) => {
      const [is, ...more] = now.get(text) ?? [];
      return was && is && others.length + more.length === 0 ? [[idOf(was), idOf(is)] as const] : [];
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

/** A spec that names what it substitutes from as before the change. */
export function nameAsBefore(spec: YamlData, renamed: ReadonlyMap<string, string> = new Map()): YamlData {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  if (!from.some((ref) => renamed.has(`${ref?.kind}/${ref?.name}`))) return spec;
  const substituteFrom = from.map((ref) => {
    const was = renamed.get(`${ref?.kind}/${ref?.name}`);
    return was === undefined ? ref : { ...ref, name: was.slice(was.indexOf("/") + 1) };
  });
  return { ...spec, postBuild: { ...spec.postBuild, substituteFrom } };
}
