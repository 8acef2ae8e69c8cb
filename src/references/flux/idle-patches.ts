import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { OwnedObject, TreeChange } from "../../change/types.ts";
import { lineOf } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";
import { findLeftDeletions } from "./left-deletions.ts";
import { asPattern, findLeftPatches, listReplacements, maySelect, say, selects } from "./left-patches.ts";
import { type Rule, readPatches, readPatchesIn } from "./patch-rules.ts";

const LOOK_AT_RELEASE = "look in the manifests of the Flux that is installed whether they hold it";

/**
 * Patches and replacements whose `target` the change edits so that nothing matches it any more: kustomize leaves them out without a
 * word. A target that stays as it is may well have lost its object on purpose.
 */
export function findIdlePatches(
  { before, after }: Given,
  { before: old, after: tree, changed }: TreeChange,
  artifactRoot: string,
): Stopped[] {
  const lists = [...changed].filter((file) => isKustomizationFile(file) && old.has(file) && tree.has(file));
  const edited = lists.map((file) => ({ file, pairs: findEdited(rulesIn(old, file), rulesIn(tree, file)) }));
  return after.holders.flatMap((holder): Stopped[] => {
    const held = after.objects.get(holder.key);
    const [was] = before.holdersOf(holder.key);
    const { spec, isLocal } = holder.spec.data;
    if (!held || !was || holder.fixed || !spec) return [];
    const own = findEdited(readPatches(was.spec.data.spec), readPatches(spec));
    // Of other repositories only the objects of a release of Flux are known; of any other one no target selects anything here.
    if (!isLocal && own.length === 0) return [];
    const read = edited.length === 0 || !isLocal ? new Set<string>() : readFiles(tree, spec, artifactRoot);
    // What the operator owns all along it makes itself: a patch of the copy in Git does nothing to it (`reportIdleEdits`).
    const isOwned = ({ key }: OwnedObject) =>
      [before, after].every(({ objects }) => objects.has(key) && objects.get(key)!.by === undefined);
    const objects = {
      was: before.objectsOf(was).filter((one) => !isOwned(one)),
      is: after.objectsOf(holder).filter((one) => !isOwned(one)),
    };
    const sides = { holder, ...objects, old, tree, artifactRoot };
    const left = isLocal ? [...findLeftPatches(sides, after), ...findLeftDeletions(sides)] : [];
    const sites = [
      { file: undefined, pairs: own },
      ...edited.filter(({ file, pairs }) => pairs.length > 0 && read.has(file)),
    ];
    const known = new Set(objects.was.map(({ key }) => key));
    const come = once(() => objects.is.filter(({ key }) => !known.has(key)));
    const isIdle = ({ from, to }: Edited) => {
      if (selects(tree, objects.is, to.target) || objects.is.some((one) => maySelect(one, to.target))) return false;
      if (!from.deletes || !to.deletes) return selects(old, objects.was, from.target);
      // What it deletes is in no build: what it deleted comes, and what it is for now would have been there before.
      return selects(tree, come(), from.target) && !selects(old, objects.was, to.target);
    };
    const isGuessed = objects.is.some(({ guessed }) => guessed);
    const nothing = isGuessed ? "nothing of any Flux that fluxlift knows" : "nothing";
    const idle = sites.flatMap(({ file, pairs }) =>
      pairs.filter(isIdle).map(({ to, from }) => ({
        held,
        path: ["spec", ...(to.at ?? []), "target"],
        ...(file === undefined ? {} : { at: lineOf(file) }),
        rule: "setting-lost" as const,
        what: `applies a ${to.noun} no more: its target becomes ${say(to.target)}, which matches ${nothing}, and kustomize then leaves the ${to.noun} out without a word`,
        why: to.deletes
          ? `With the target ${say(from.target)} it takes out today what is applied from then on.`
          : `With the target ${say(from.target)} it applies today.`,
        ...(isGuessed ? { look: LOOK_AT_RELEASE } : {}),
        next: `Correct the target, or take the ${to.noun} out if nobody wants it any more.`,
      })),
    );
    return [...idle, ...left.map((one) => ({ held, ...one }))];
  });
}

function rulesIn(tree: Tree, file: string): Rule[] {
  const replacements = listReplacements(tree, file).flatMap((one) =>
    itemsOf(one?.targets).map(({ select, ...rest }): Rule => {
      const target = isMap(select) ? asPattern(select) : undefined;
      return { noun: "replacement", says: JSON.stringify([one.source, one.sourceValue, rest]), target };
    }),
  );
  return [...readPatchesIn(tree, file), ...replacements];
}

interface Edited {
  from: Rule;
  to: Rule;
}

/**
 * Those that say the same on both sides and have another target, of several the one whose target nothing has any more; or stand at
 * the same place of a list for the same kind, as where a name is edited in both.
 */
function findEdited(old: readonly Rule[], now: readonly Rule[]): Edited[] {
  const print = ({ noun, says }: Rule) => `${noun} ${says}`;
  const known = groupBy(old, print);
  const left = new Set(now.map(print));
  const whole = (one: Rule) => `${print(one)} ${say(one.target)}`;
  const [had, has] = [new Set(old.map(whole)), new Set(now.map(whole))];
  const inPlace = (one: Rule, index: number) => {
    const was = old.length === now.length ? old[index] : undefined;
    return was && was.noun === one.noun && !left.has(print(was)) && was.target?.kind === one.target?.kind ? [was] : [];
  };
  return now.flatMap((one, index) => {
    if (had.has(whole(one))) return [];
    const same = known.get(print(one))?.filter((was) => !has.has(whole(was))) ?? inPlace(one, index);
    const [first] = same;
    if (same.length !== 1 || !isMap(one.target) || !first || !isMap(first.target)) return [];
    return [{ from: first, to: one }];
  });
}
