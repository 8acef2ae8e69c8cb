import { readFiles } from "../../change/touched.ts";
import type { FluxSpec, OpenPoint } from "../../change/types.ts";
import { readDeliveredKeys } from "../../change/value-keys.ts";
import { isMarkedOff, listUses } from "../../change/variable-uses.ts";
import { listNames, listSome } from "../../contract/list-some.ts";
import { once } from "../../contract/once.ts";
import type { Tree } from "../../files/tree.ts";
import type { DroppedInput, Touched } from "./dropped-sources.ts";
import { isSet, readVariables } from "./variables.ts";

/**
 * Texts such as shell scripts that were left as they are written and are filled in from now on, as their mark goes or their
 * FluxKustomization begins to substitute, with what only a Secret or ConfigMap could set that nobody can see here. What other
 * files use as well is taken for one of its keys.
 */
export function findUnmarked(touched: readonly Touched[], input: DroppedInput): OpenPoint[] {
  const { before: tree, changed } = input.trees;
  const mayUnmark = once(() => [...changed].some((file) => isMarkedOff(tree.read(file))));
  return touched.flatMap(({ key, name, before, after }) => {
    const found = after.map((now, index) => {
      const old = before[Math.min(index, before.length - 1)];
      return findFilled(name, [old, now], { ...input, mayUnmark });
    });
    const use = found.find((each) => each !== undefined);
    if (!use) return [];
    return {
      resource: `Kustomization ${name}`,
      what: `fills in ${use.variables} in ${use.file}, which it left as it is written until now: nothing that can be seen here sets that, and what has no value is emptied`,
      look: `look in the cluster which keys ${use.from} holds`,
      at: input.locate(key),
    };
  });
}

function findFilled(
  name: string,
  [old, now]: readonly [FluxSpec | undefined, FluxSpec],
  { given, trees: { before, after }, artifactRoot, mayUnmark }: DroppedInput & { mayUnmark: () => boolean },
): { file: string; from: string; variables: string } | undefined {
  const { spec, isLocal } = now.data;
  if (!old || !isLocal || !isSet(spec, "postBuild")) return undefined;
  const begins = !isSet(old.data.spec, "postBuild");
  if (!begins && !mayUnmark()) return undefined;
  const namespace = name.slice(0, name.indexOf("/"));
  const { has, open } = readVariables(spec, (id) => readDeliveredKeys(given, "after", after, { namespace, id }));
  // Where all is known, what becomes empty is told for certain.
  if (open.length === 0) return undefined;
  const usesIn = (tree: Tree, { data }: FluxSpec) => {
    const files = readFiles(tree, data.spec, artifactRoot);
    return { files, ...listUses(tree, files) };
  };
  const [was, is] = [usesIn(before, old), usesIn(after, now)];
  const wasLeft = (one: string, file: string) =>
    (was.literal.get(one)?.includes(file) || (begins && was.filled.get(one)?.includes(file))) ?? false;
  const isOpen = (one: string) => !has(one) && (begins || !was.filled.has(one));
  const found = [...is.filled].flatMap(([one, files]) => {
    const file = isOpen(one) ? files.find((each) => wasLeft(one, each)) : undefined;
    if (file === undefined) return [];
    const isShared = after.grep(`\${${one}}`).some((each) => !is.files.has(each));
    return isShared ? [] : [{ file, one: `\${${one}}` }];
  });
  const [first] = found;
  if (!first) return undefined;
  const names = found.filter(({ file }) => file === first.file).map(({ one }) => one);
  return { file: first.file, from: listNames(open), variables: listSome(names, 3) };
}
