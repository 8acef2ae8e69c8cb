import type { Comparison } from "../../change/comparison.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { FluxSpec, OpenPoint, TreeChange } from "../../change/types.ts";
import { listValueSources } from "../../change/value-keys.ts";
import type { Loc } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { likeMore, listNames, listSome } from "../../contract/list-some.ts";
import { findUses, isSet, listOpened, makeKeysOfSides, readVariables } from "./variables.ts";

export interface DroppedInput {
  given: Given;
  trees: TreeChange;
  artifactRoot: string;
  locate: (key: Touched["key"]) => Loc;
}

export type Touched = Comparison["touched"][number];

/**
 * Variables that only a Secret or ConfigMap can have set which a FluxKustomization takes from no more, where nobody can see what it
 * holds: a controller makes it, or somebody made it by hand. Another one that cannot be seen may take its place. And those of one
 * whose keys were known and that a controller makes from now on, which may give them or not.
 */
export function findDroppedSources(touched: readonly Touched[], input: DroppedInput): OpenPoint[] {
  const found = touched.flatMap((one) => {
    const lost = one.after.map((now, index) =>
      findOpenUse(one.name, [one.before[Math.min(index, one.before.length - 1)], now], input),
    );
    const use = lost.find((each) => each !== undefined);
    return use ? [{ ...one, ...use }] : [];
  });
  return [...groupBy(found, ({ from, variables }) => `${from} ${variables}`).values()].map((group) => {
    const [{ key, name, file, from, variables, isOpened }] = group as [(typeof found)[number]];
    const what = isOpened
      ? `substitutes from ${from}, of which nobody can see the keys from then on${likeMore(group.length - 1)}, and nothing else that can be seen here sets ${variables}, which ${file} uses`
      : `takes no value from ${from} any more${likeMore(group.length - 1)}, and nothing else that can be seen here sets ${variables}, which ${file} uses; whether that did is not known`;
    return {
      resource: `Kustomization ${name}`,
      what,
      look: `look in the cluster which keys ${from} holds`,
      at: input.locate(key),
    };
  });
}

function findOpenUse(
  name: string,
  [old, now]: readonly [FluxSpec | undefined, FluxSpec],
  { given, trees, artifactRoot }: DroppedInput,
): { file: string; from: string; variables: string; isOpened: boolean } | undefined {
  const { spec, isLocal } = now.data;
  const [named, names] = [listValueSources(old?.data.spec), listValueSources(spec)];
  const left = named.filter((id) => !names.includes(id));
  // What is left without any value is told as the loss of them all.
  if (!old || !isLocal || !isSet(spec, "postBuild")) return undefined;
  const namespace = name.slice(0, name.indexOf("/"));
  const keysOf = makeKeysOfSides(given, trees, namespace);
  const [was, is] = [readVariables(old.data.spec, keysOf.before), readVariables(spec, keysOf.after)];
  const find = (from: readonly string[], isMeant: (variable: string) => boolean, isOpened: boolean) => {
    if (from.length === 0) return undefined;
    const isOpen = (variable: string) => !is.has(variable) && isMeant(variable);
    const found = findUses(trees.after, readFiles(trees.after, spec, artifactRoot), isOpen);
    const written = found?.names.map((one) => `\${${one}}`) ?? [];
    return found && { file: found.file, from: listNames(from), variables: listSome(written, 3), isOpened };
  };
  const opened = listOpened(was, is, keysOf);
  const holds = (variable: string) => was.has(variable) && opened.some(({ keys }) => keys.has(variable));
  const dropped = is.open.some((id) => !named.includes(id)) ? [] : was.open.filter((id) => left.includes(id));
  return (
    find(
      opened.map(({ id }) => id),
      holds,
      true,
    ) ?? find(dropped, (variable) => !was.has(variable), false)
  );
}
