import { isYamlPath, objectAt } from "../../cluster/objects.ts";
import { lineOf } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import { isKustomizationFile, kustomizationOf, selectedBy, startPatching } from "../../delivery/kustomize/index.ts";
import { dirname } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Given } from "../given.ts";
import { printKey } from "../key.ts";
import { readFiles } from "../touched.ts";
import type { OwnedObject, TreeChange } from "../types.ts";
import type { Stop, Stopped } from "./stopped.ts";
import type { Holder, World } from "./world.ts";

type Targeted = { target: YamlData; index: number };

/**
 * Patches whose `target` the change edits so that nothing matches it any more: kustomize leaves such a patch out without a
 * word. A target that stays as it is may well have lost its object on purpose.
 */
export function findIdlePatches(
  { before, after }: Given,
  { before: old, after: tree, changed }: TreeChange,
  artifactRoot: string,
): Stopped[] {
  const lists = [...changed].filter((file) => isKustomizationFile(file) && old.has(file) && tree.has(file));
  const edited = lists.map((file) => ({ file, pairs: findEdited(patchesIn(old, file), patchesIn(tree, file)) }));
  return after.holders.flatMap((holder): Stopped[] => {
    const held = after.objects.get(holder.key);
    const [was] = before.holdersOf(holder.key);
    const spec = holder.spec.data.isLocal ? holder.spec.data.spec : undefined;
    if (!held || !was || holder.fixed || !spec) return [];
    const own = findEdited(itemsOf(was.spec.data.spec.patches), itemsOf(spec.patches));
    const read = edited.length === 0 ? new Set<string>() : readFiles(tree, spec, artifactRoot);
    const renamed = listRenamed(before.objectsOf(was), after.objectsOf(holder));
    const left = renamed.length === 0 ? [] : findLeft(renamed, { holder, old, tree, artifactRoot }, after);
    const sites = [
      { file: undefined, pairs: own },
      ...edited.filter(({ file, pairs }) => pairs.length > 0 && read.has(file)),
    ];
    const idle = sites.flatMap(({ file, pairs }) =>
      pairs
        .filter(({ from, to }) => {
          return selects(old, before.objectsOf(was), from.target) && !selects(tree, after.objectsOf(holder), to.target);
        })
        .map(({ to, from }) => ({
          held,
          path: ["spec", "patches", to.index, "target"],
          ...(file === undefined ? {} : { at: lineOf(file) }),
          rule: "setting-lost" as const,
          what: `applies a patch no more: its target becomes ${say(to.target)}, which matches nothing, and kustomize then leaves the patch out without a word`,
          why: `With the target ${say(from.target)} it applies today.`,
          next: NEXT,
        })),
    );
    return [...idle, ...left.map((one) => ({ held, ...one }))];
  });
}

const NEXT = "Correct the target, or take the patch out if nobody wants it any more.";

interface Renamed {
  from: OwnedObject;
  to: OwnedObject;
}

/** Objects whose document stays at its place and makes another one of the same kind. */
function listRenamed(old: Iterable<OwnedObject>, now: Iterable<OwnedObject>): Renamed[] {
  const after = [...now];
  const kept = new Set(after.map(({ key }) => key));
  const gone = [...old].filter(({ key, at }) => at && !kept.has(key));
  const placeOf = ({ kind, at, doc }: OwnedObject) => `${kind} ${at?.file} ${doc}`;
  const byPlace = groupBy(gone.length === 0 ? [] : after, placeOf);
  return gone.flatMap((from) => {
    const [to, ...others] = byPlace.get(placeOf(from)) ?? [];
    return to && others.length === 0 ? [{ from, to }] : [];
  });
}

/** Patches that stay as they are and whose only objects are renamed. */
function findLeft(
  renamed: readonly Renamed[],
  { holder, old, tree, artifactRoot }: { holder: Holder; old: Tree; tree: Tree; artifactRoot: string },
  after: World,
): Stop[] {
  const { spec } = holder.spec.data;
  const lists = [...readFiles(tree, spec, artifactRoot)].filter((file) => isKustomizationFile(file) && old.has(file));
  const sites = [
    { file: undefined, patches: itemsOf(spec.patches) },
    ...lists.map((file) => ({ file, patches: patchesIn(tree, file) })),
  ];
  return sites.flatMap(({ file, patches }) =>
    patches.flatMap((one, index): Stop | [] => {
      if (!isMap(one?.target)) return [];
      const target: YamlData = one.target;
      const lost = renamed.find(({ from }) => selects(old, [from], target));
      if (!lost || selects(tree, after.objectsOf(holder), target)) return [];
      return {
        path: ["spec", "patches", index, "target"],
        ...(file === undefined ? {} : { at: lineOf(file) }),
        rule: "setting-lost",
        what: `applies a patch no more: it is for ${printKey(lost.from.key)}, which becomes ${printKey(lost.to.key)}, and kustomize then leaves the patch out without a word`,
        why: `Its target ${say(target)} matches nothing any more.`,
        next: NEXT,
      };
    }),
  );
}

function patchesIn(tree: Tree, file: string): YamlData[] {
  return itemsOf(kustomizationOf(tree, dirname(file))?.data.patches);
}

/**
 * Patches that say the same on both sides and have another target; or stand at the same place of a list for the same kind, as
 * where a name is edited in both.
 */
function findEdited(old: readonly YamlData[], now: readonly YamlData[]): { from: Targeted; to: Targeted }[] {
  const print = (one: YamlData) => JSON.stringify([one?.patch, one?.path]);
  const known = groupBy(old, print);
  const left = new Set(now.map(print));
  const inPlace = (one: YamlData, index: number) => {
    const was = old.length === now.length ? old[index] : undefined;
    return was && !left.has(print(was)) && was.target?.kind === one?.target?.kind ? [was] : [];
  };
  return now.flatMap((one, index) => {
    const same = known.get(print(one)) ?? inPlace(one, index);
    const [first] = same;
    if (same.length !== 1 || !isMap(one?.target) || !isMap(first?.target) || say(one.target) === say(first.target))
      return [];
    return [{ from: { target: first.target, index: old.indexOf(first) }, to: { target: one.target, index } }];
  });
}

/** Whether a target selects any object, by the name that it has now or in its document; errs towards yes. */
function selects(tree: Tree, objects: Iterable<OwnedObject>, target: YamlData): boolean {
  const items = [...objects].flatMap((one) => {
    if (!isMap(one.body) || !one.at) return [];
    const written = isYamlPath(one.at.file) ? objectAt(tree, one.at.file, one.doc) : undefined;
    return [startPatching(one.body, written ? [written.name] : [])];
  });
  const found = selectedBy(items, target);
  return found === undefined || found.length > 0;
}

function say(target: YamlData): string {
  return JSON.stringify(sortKeys(target));
}
