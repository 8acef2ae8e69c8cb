import type { Comparison } from "../../change/comparison.ts";
import type { Given } from "../../change/given.ts";
import { readFiles } from "../../change/touched.ts";
import type { FluxSpec, OpenPoint, TreeChange } from "../../change/types.ts";
import { listValueSources, readDeliveredKeys } from "../../change/value-keys.ts";
import type { Loc } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { likeMore, listNames, listSome } from "../../contract/list-some.ts";
import { findUses, isSet, readVariables } from "./variables.ts";

export interface DroppedInput {
  given: Given;
  trees: TreeChange;
  artifactRoot: string;
  locate: (key: Touched["key"]) => Loc;
}

export type Touched = Comparison["touched"][number];

/**
 * Variables that only a Secret or ConfigMap can have set which a FluxKustomization takes from no more, where nobody can see what it
 * holds: a controller makes it, or somebody made it by hand. Another one that cannot be seen may take its place.
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
    const [{ key, name, file, from, variables }] = group as [(typeof found)[number]];
    return {
      resource: `Kustomization ${name}`,
      what: `takes no value from ${from} any more${likeMore(group.length - 1)}, and nothing else that can be seen here sets ${variables}, which ${file} uses; whether that did is not known`,
      look: `look in the cluster which keys ${from} holds`,
      at: input.locate(key),
    };
  });
}

function findOpenUse(
  name: string,
  [old, now]: readonly [FluxSpec | undefined, FluxSpec],
  { given, trees, artifactRoot }: DroppedInput,
): { file: string; from: string; variables: string } | undefined {
  const { spec, isLocal } = now.data;
  const [named, names] = [listValueSources(old?.data.spec), listValueSources(spec)];
  const left = named.filter((id) => !names.includes(id));
  // What is left without any value is told as the loss of them all.
  if (!old || !isLocal || left.length === 0 || !isSet(spec, "postBuild")) return undefined;
  const namespace = name.slice(0, name.indexOf("/"));
  const was = readVariables(old.data.spec, (id) => readDeliveredKeys(given, "before", trees.before, { namespace, id }));
  const is = readVariables(spec, (id) => readDeliveredKeys(given, "after", trees.after, { namespace, id }));
  const dropped = was.open.filter((id) => left.includes(id));
  if (dropped.length === 0 || is.open.some((id) => !named.includes(id))) return undefined;
  const isOpen = (variable: string) => !is.has(variable) && !was.has(variable);
  const found = findUses(trees.after, readFiles(trees.after, spec, artifactRoot), isOpen);
  if (!found) return undefined;
  const written = found.names.map((one) => `\${${one}}`);
  return { file: found.file, from: listNames(dropped), variables: listSome(written, 3) };
}
