import { DEFAULT_REGISTRY, readRegistry } from "../cluster/gotk/images.ts";
import { keyOf } from "../cluster/graph.ts";
import type { Cluster, ImageReference, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { isFilled, itemsOf, readableSpec, type YamlData } from "../contract/objects.ts";
import type { PatchMapping } from "../contract/plan.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { renameImage } from "../delivery/kustomize/images.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";

/** What `images` beside the patches of an install say, where that is a registry for all its controllers. */
export interface ImageRegistry {
  registry: string;
  mapping: PatchMapping[];
  findings: DraftFinding[];
}

/**
 * The registry that every one of the running controllers comes from, under its own name, by `images` of the old install.
 * @param listRunning asked only where an image comes from elsewhere: it takes a build of the install
 */
export function readImageRegistry(
  tree: Tree,
  cluster: Cluster,
  install: Install,
  listRunning: () => readonly string[],
): ImageRegistry | undefined {
  const all = readImages(tree, cluster, install);
  if (all.every(({ registry }) => registry === DEFAULT_REGISTRY)) return undefined;
  const running = listRunning();
  const images = all.filter(({ component }) => running.includes(component));
  const registries = new Set(images.map(({ registry }) => registry));
  if (registries.size !== 1 || images.some(({ component, image }) => component !== image)) return undefined;
  const { registry, findings } = readRegistry(images);
  if (!registry) return undefined;
  const to = "spec.distribution.registry";
  return {
    registry: registry.value,
    mapping: [{ from: registry.at, title: "images", to, note: "carried over" }],
    findings,
  };
}

/** The registries that any controller of an install comes from. */
export function listImageRegistries(tree: Tree, cluster: Cluster): string[] {
  const { install } = cluster;
  return install ? readImages(tree, cluster, install).map(({ registry }) => registry) : [];
}

/** Images of the controllers after all `images` around an install of manifests; none where one of these sets more than a name. */
function readImages(tree: Tree, cluster: Cluster, install: Install): ImageReference[] {
  if (install.style !== "oci-manifests" && install.style !== "remote-install") return [];
  let images = install.components.map((component): ImageReference => {
    return { component, registry: DEFAULT_REGISTRY, image: component, at: install.at };
  });
  const own = install.objects.filter(({ kind }) => kind === "Kustomization");
  for (const object of [...own, ...(install.around ?? [])]) {
    const isFlux = isFluxKustomization(object);
    const delivered = cluster.kustomizations.find((item) => keyOf(item.object) === keyOf(object));
    const data: YamlData = isFlux ? (readableSpec(delivered) ?? object.data?.spec) : object.data;
    const at = locateField(tree, object, isFlux ? ["spec", "images"] : ["images"]);
    for (const entry of itemsOf(data?.images).filter(isMap) as YamlData[]) {
      if ([entry.newTag, entry.digest, entry.tagSuffix].some(isFilled)) return [];
      images = images.map((old) => {
        const text = `${old.registry}/${old.image}`;
        const renamed = renameImage(entry, text) ?? text;
        const slash = renamed.lastIndexOf("/");
        if (renamed === text || renamed.includes("${")) return renamed === text ? old : { ...old, image: renamed, at };
        return { ...old, registry: renamed.slice(0, Math.max(slash, 0)), image: renamed.slice(slash + 1), at };
      });
    }
  }
  return images;
}
