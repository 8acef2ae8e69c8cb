import { keyOfOwner, printKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import type { Outcome, TreeChange } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isKustomizationFile, loadKustomization, patchObject } from "../../delivery/kustomize/index.ts";
import { dirname } from "../../delivery/paths.ts";
import { foldersOf } from "../../files/disk-tree.ts";
import type { Tree } from "../../files/tree.ts";

type Lay = (body: YamlData) => YamlData;

/** What is laid over an object by a file or a FluxKustomization that the change edits: as it was, and as it is. */
interface Layer {
  name: string;
  before: Lay;
  after: Lay;
}

/**
 * Annotations and patches that kustomizations above a document, and the FluxKustomization that delivers it, lay over it.
 * Errs towards too many: a kustomization that lies above the document need not list it.
 */
export function makeLayers(
  respecced: Comparison["respecced"],
  { before, after, changed }: TreeChange,
): (outcome: Outcome) => Layer[] {
  const inFolder = new Map<string, Layer>();
  for (const path of changed) {
    if (!isKustomizationFile(path) || !before.has(path) || !after.has(path)) continue;
    inFolder.set(dirname(path), { name: path, before: layOf(before, path), after: layOf(after, path) });
  }
  const ofOwner = new Map(
    respecced.map(({ key, before: old, after: now }): [string, Layer] => {
      const [was, is] = [old, now].map((specs) => layPatches(specs.flatMap(({ data }) => itemsOf(data.spec.patches))));
      return [key, { name: printKey(key), before: was!, after: is! }];
    }),
  );
  return ({ at, before: owners }) => [
    ...owners.flatMap((owner) => ofOwner.get(keyOfOwner(owner)) ?? []),
    ...(at ? [...foldersOf(at.file), ""].flatMap((folder) => inFolder.get(folder) ?? []) : []),
  ];
}

function layOf(tree: Tree, path: string): Lay {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return (body) => body;
  const { commonAnnotations, patches } = loaded.file.data as YamlData;
  const patch = layPatches(patches);
  return (body) => {
    const { metadata, ...rest } = patch(body) ?? {};
    return { ...rest, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...commonAnnotations } } };
  };
}

/** Patches as the text beside them; one in a file of its own, or that does not apply, leaves the object as it is. */
function layPatches(patches: YamlData): Lay {
  const written = Array.isArray(patches) ? patches.filter((one) => typeof one?.patch === "string") : [];
  return (body) => {
    const done = patchObject(body, written);
    return done.ok ? done.object : body;
  };
}
