import { printKey } from "../../admission/key.ts";
import { readFiles } from "../../change/touched.ts";
import type { OwnedObject } from "../../change/types.ts";
import { isYamlPath, objectAt, objectNamed } from "../../cluster/objects.ts";
import type { YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stop } from "../stopped.ts";
import { readMark, type Sides, say, selects } from "./left-patches.ts";
import { readPatches, readPatchesIn } from "./patch-rules.ts";

/**
 * Objects that come because a patch which takes them out (`$patch: delete`) stays as it is and is for them no more, by the label, the
 * annotation or the name in their own document. Labels that a list above gives are not looked at.
 */
export function findLeftDeletions({ holder, was, is, old, tree, artifactRoot }: Sides): Stop[] {
  const known = new Set(was.map(({ key }) => key));
  const { spec } = holder.spec.data;
  const read = once(() => readFiles(old, spec, artifactRoot));
  const targets = once(() => {
    const lists = [...read()].filter(isKustomizationFile);
    const left = new Set(listDeleting(old, spec, lists).map(say));
    return listDeleting(tree, spec, lists).filter((one) => left.has(say(one)));
  });
  return is.flatMap((to): Stop | [] => {
    const from = known.has(to.key) ? undefined : writtenBefore(old, tree, to);
    if (!from || !read().has(from.at!.file)) return [];
    const target = targets().find((one) => selects(old, [from], one) && !selects(tree, [to], one));
    if (target === undefined) return [];
    const mark = readMark({ from, to }, target);
    const isSlip = mark?.how === "slip";
    const name = printKey(to.key);
    return {
      path: ["spec", "path"],
      at: to.at!,
      rule: "setting-lost",
      ...(isSlip ? {} : { level: "caution" as const }),
      what: `comes to apply ${name}, ${mark?.says ?? "which gets another name"}: a patch takes it out today, and is for it no more`,
      why: `The patch says $patch: delete for the target ${say(target)}.`,
      next: isSlip ? `Correct the ${mark.noun}.` : `Nothing, if ${name} is wanted in that cluster.`,
    };
  });
}

/**
 * Its document as it was in that file, as far as a patch looks at it: that of its name, wherever in the file, or the one that stood at
 * its place and is in the file no more.
 */
function writtenBefore(
  old: Tree,
  tree: Tree,
  { at, doc, key, kind, namespace, body }: OwnedObject,
): OwnedObject | undefined {
  if (!at || !isMap(body) || !isYamlPath(at.file)) return undefined;
  const [now, placed] = [objectAt(tree, at.file, doc), objectAt(old, at.file, doc)];
  const isSame = now && placed?.kind === now.kind && placed.name === now.name;
  const named = now && !isSame ? objectNamed(old, at.file, now) : undefined;
  const was = named ?? (isSame || (placed && !objectNamed(tree, at.file, placed)) ? placed : undefined);
  if (was?.kind !== kind) return undefined;
  return {
    key,
    kind,
    namespace,
    name: was.name,
    at,
    ...(doc === undefined ? {} : { doc }),
    body: was.data,
    spared: false,
  };
}

/** Targets of patches that take out what they select, of a spec and of kustomizations. */
function listDeleting(tree: Tree, spec: YamlData, files: readonly string[]): YamlData[] {
  const all = [...readPatches(spec), ...files.flatMap((file) => readPatchesIn(tree, file))];
  return all.flatMap(({ deletes, target }) => (deletes && isMap(target) ? [target] : []));
}
