import { imageTags } from "../cluster/gotk/facts.ts";
import { checkDigests, DEFAULT_REGISTRY, readRegistry } from "../cluster/gotk/images.ts";
import { checkTags } from "../cluster/gotk/version.ts";
import { keyOf } from "../cluster/graph.ts";
import type { Cluster, ImageReference, Install } from "../cluster/types.ts";
import type { Loc } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { isFilled, itemsOf, readableSpec, type YamlData } from "../contract/objects.ts";
import type { PatchMapping } from "../contract/plan.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { renameImage, splitImage } from "../delivery/kustomize/images.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import type { Versions } from "./types.ts";

/** What `images` beside the patches of an install say of its controllers. */
export interface ImageRegistry {
  /** Where it is one for all of them, and not the usual one. */
  registry?: string;
  mapping: PatchMapping[];
  findings: DraftFinding[];
}

/**
 * Where the controllers that run come from by `images` of the old install, and in which tags; undefined where one cannot be
 * read, or says a tag while those of the release are not known, and where it is not known what runs.
 * @param listRunning asked only where an image is another one: it takes a build of the install
 */
export function readImageRegistry(
  tree: Tree,
  cluster: Cluster,
  { install, version, written }: Pick<Versions, "install" | "version" | "written">,
  listRunning: () => readonly string[],
): ImageRegistry | undefined {
  const all = readImages(tree, cluster, install, imageTags(written) ?? new Map());
  if (!all?.some(({ isNamed }) => isNamed)) return all && { mapping: [], findings: [] };
  const running = new Set(listRunning());
  if (running.size === 0) return undefined;
  const images = all.filter(({ component }) => running.has(component));
  const { registry, findings: ofNames } = readRegistry(images);
  const findings = [...ofNames, ...checkTags(written, version, images, install), ...checkDigests(images)];
  if (!registry) return { mapping: [], findings };
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
  const images = install && readImages(tree, cluster, install);
  return images?.map(({ registry }) => registry) ?? [];
}

interface NamedImage extends ImageReference {
  /** Whether an entry of `images` is for it. */
  isNamed?: true;
}

/** Kustomizations and FluxKustomizations around an install, its own first, each with what it says in the cluster. */
export function listAround(cluster: Cluster, install: Install) {
  const own = install.objects.filter(({ kind }) => kind === "Kustomization");
  return [...own, ...(install.around ?? [])].map((object) => {
    const isFlux = isFluxKustomization(object);
    const delivered = cluster.kustomizations.find((item) => keyOf(item.object) === keyOf(object));
    const data: YamlData = isFlux ? (readableSpec(delivered) ?? object.data.spec) : object.data;
    return { object, isOwn: own.includes(object), isFlux, data };
  });
}

/** Images of the controllers after all `images` around an install of manifests, with tags where those of the release are given. */
function readImages(
  tree: Tree,
  cluster: Cluster,
  install: Install,
  tags?: ReadonlyMap<string, string>,
): NamedImage[] | undefined {
  if (install.style !== "oci-manifests" && install.style !== "remote-install") return undefined;
  let images = install.components.map((component): NamedImage => {
    const tag = tags?.get(component);
    return { component, registry: DEFAULT_REGISTRY, image: component, ...given({ tag }), at: install.at };
  });
  for (const { object, isOwn, isFlux, data } of listAround(cluster, install)) {
    const field = isFlux ? ["spec", "images"] : ["images"];
    const isOfFlux = isFlux && install.style === "remote-install" && isOwn;
    for (const [index, written] of itemsOf(data?.images).entries()) {
      if (!isMap(written)) return undefined;
      const entry = isOfFlux ? inFolderOfFlux(written) : written;
      const at = () => locateField(tree, object, [...field, index]);
      const hasTag = [entry.newTag, entry.digest, entry.tagSuffix].some(isFilled);
      const isRead = (image: NamedImage | undefined): image is NamedImage =>
        image !== undefined && !(tags && hasTag && image.isNamed && !tags.has(image.component));
      const changed = images.map((old) => rename(entry, old, at));
      if (!changed.every(isRead)) return undefined;
      images = changed;
    }
  }
  return images;
}

/**
 * An entry of a FluxKustomization that builds `manifests/install` of flux2 itself: there the controllers are called
 * `fluxcd/source-controller`, and entries of that folder give them their registry. One of the same name takes its place
 * (kustomize-controller merges `spec.images` into that list).
 */
function inFolderOfFlux(entry: YamlData): YamlData {
  const name = typeof entry.name === "string" ? entry.name : "";
  return name.startsWith("fluxcd/")
    ? { newName: name, ...entry, name: name.replace("fluxcd", DEFAULT_REGISTRY) }
    : entry;
}

/** Undefined where the new name is not known here. */
function rename(entry: YamlData, old: NamedImage, at: () => Loc): NamedImage | undefined {
  const text = `${old.registry}/${old.image}${old.tag ? `:${old.tag}` : ""}${old.digest ? `@${old.digest}` : ""}`;
  const renamed = renameImage(entry, text);
  if (renamed === undefined || renamed === text) return old;
  if (renamed.includes("${")) return undefined;
  const { name, tag, digest } = splitImage(renamed);
  const slash = Math.max(name.lastIndexOf("/"), 0);
  const [registry, image] = [name.slice(0, slash), name.slice(slash).replace("/", "")];
  const rest = given({ tag: tag || undefined, digest: digest || undefined });
  return { component: old.component, registry, image, ...rest, at: at(), isNamed: true };
}
