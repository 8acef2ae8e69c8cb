import { type DeliveredObject, deliverFlux } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import type { KubeObject, YamlData } from "./types.ts";

const known = new WeakMap<Tree, Map<string, readonly DeliveredObject[]>>();

/**
 * An object exactly as a FluxKustomization applies it, after every kustomization, component, transformer and patch on
 * the way; undefined when the folder cannot be built or the build leaves the object out. Cached per tree.
 * @param spec effective spec of the FluxKustomization; its substitution is applied where it has `postBuild`.
 * @param dir the folder of the repository that it builds.
 */
export function buildObject(
  tree: Tree,
  spec: YamlData,
  dir: string,
  { file, doc, kind }: Pick<KubeObject, "file" | "doc" | "kind">,
): DeliveredObject | undefined {
  const objects = buildAll(tree, { ...spec, path: `./${dir}` });
  return objects.find((object) => object.file === file && object.doc === doc && object.kind === kind);
}

function buildAll(tree: Tree, spec: YamlData): readonly DeliveredObject[] {
  let builds = known.get(tree);
  if (!builds) {
    builds = new Map();
    known.set(tree, builds);
  }
  const key = JSON.stringify(spec);
  let objects = builds.get(key);
  if (!objects) {
    const delivery = deliverFlux(tree, spec);
    objects = delivery.ok ? delivery.objects : [];
    builds.set(key, objects);
  }
  return objects;
}
