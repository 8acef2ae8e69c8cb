import { readable } from "../contract/answer.ts";
import { groupBy } from "../contract/group-by.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { findDelivered } from "../delivery/flux-build.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { type DeliveredObject, fluxPath } from "../delivery/kustomize/index.ts";
import { join, LONGEST_PATH } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import { foldersHolding, foldersOf } from "../files/disk-tree.ts";
import type { Tree } from "../files/tree.ts";
import { readsFile, repositoryPath } from "./graph.ts";
import { indexReleaseSources, readReleaseSource, sourceRefOf } from "./sources.ts";
import type { InstanceDescription } from "./types.ts";

/**
 * The namespace that a FluxInstance gets on its way, where its manifest names none: what it generates is named after it.
 * Nothing where those that deliver it say different ones.
 */
export function namespaceOnTheWay(tree: Tree, sites: readonly Site[], object: KubeObject): string | undefined {
  const names = sites.map((site) => buildAt(tree, site, object)?.namespace);
  const [name] = names;
  return name && names.every((one) => one === name) ? name : undefined;
}

/** A FluxKustomization, and the folder that it builds. */
interface Site {
  by: KubeObject;
  dir: string;
}

/** Finds the FluxKustomizations that deliver an object: those above its file, or those that list it from elsewhere. */
export function makeDeliverers(tree: Tree, objects: readonly KubeObject[]): (object: KubeObject) => readonly Site[] {
  const builds = once(() => {
    const find = indexReleaseSources(objects);
    return objects.filter(isFluxKustomization).flatMap((by): Site[] => {
      const dir = repositoryPath(by.data.spec, "");
      const ref = sourceRefOf(by.data.spec, by.namespace);
      const source = ref && find(ref, by.file);
      // A release of Flux is read at its top, as `./`: each cluster's would be looked for in the whole repository.
      const isRelease = source && readReleaseSource(source, by.data.spec?.path) !== undefined;
      return dir === undefined || isRelease ? [] : [{ by, dir }];
    });
  });
  const byDir = once(() => groupBy([...builds().entries()], ([, { dir }]) => dir));
  return ({ file }) => {
    const isIn = ({ by }: Site) => readsFile(tree, by.data.spec, "", file);
    const near = ["", file, ...foldersOf(file)].flatMap((dir) => byDir().get(dir) ?? []);
    const above = near.sort(([a], [b]) => a - b).flatMap(([, site]) => (isIn(site) ? [site] : []));
    // The folder may be a base that others list.
    return above.length > 0 ? above : builds().filter(isIn);
  };
}

function buildAt(tree: Tree, { by, dir }: Site, object: KubeObject): DeliveredObject | undefined {
  return readable(findDelivered(tree, { object: by, spec: by.data.spec }, dir, object));
}

/** Whether a FluxKustomization has patches of its own. */
export function isPatched({ data }: KubeObject): boolean {
  return itemsOf(data.spec?.patches).length > 0;
}

/**
 * A shared instance that the FluxKustomization of each cluster completes by a patch with the folder of that cluster: one
 * description each. An instance that nothing patches so is left as it is.
 * @param specOf reads what a document says of the FluxInstance
 */
export function patchPath(
  tree: Tree,
  sites: readonly Site[],
  instance: InstanceDescription,
  specOf: (spec: FluxObjectSpec | undefined) => YamlData,
): InstanceDescription[] {
  const own = instance.spec.sync?.path;
  const byPath = new Map<unknown, YamlData>();
  for (const site of sites) {
    const found = isPatched(site.by) ? buildAt(tree, site, instance.object) : undefined;
    const spec = found && specOf((found.body as YamlData).spec);
    const path = spec?.sync?.path;
    if (typeof path === "string" && path !== own) byPath.set(path, spec);
    else byPath.set(own, instance.spec);
  }
  if ([...byPath.keys()].every((path) => path === own)) return [instance];
  if (byPath.size === 1) return [...byPath.values()].map((spec) => ({ ...instance, spec }));
  return [...byPath].map(([path, spec]) => {
    const folder = typeof path === "string" ? fluxPath(path) : "";
    return { ...instance, spec, filled: { values: [folder], folder } };
  });
}

const VARIABLE = /\$\{[^{}]*\}/;

/** Folders of clusters that one manifest may be shared by; each is looked at by itself. */
const MOST = 1000;

/**
 * An instance whose `sync.path` holds variables, such as `clusters/${CLUSTER}/flux`, is that of every cluster whose folder
 * fits: one description each. Whether such a folder is a cluster is told by what it delivers, the instance among it.
 * @param topOf tells the folder of the repository that is the root of the source's artifact
 */
export function fillPath(
  tree: Tree,
  objects: readonly KubeObject[],
  instance: InstanceDescription,
  topOf: () => string,
): InstanceDescription[] {
  const { sync } = instance.spec;
  if (typeof sync?.path !== "string" || !VARIABLE.test(sync.path)) return [instance];
  const holding = foldersHolding(objects.map(({ file }) => file));
  const filled = foldersLike(tree, fluxPath(sync.path), topOf()).filter(({ dir }) => holding.has(dir));
  if (filled.length === 0 || filled.length > MOST) return [instance];
  return filled.map(({ path, values, folder }) => ({
    ...instance,
    spec: { ...instance.spec, sync: { ...sync, path: `./${path}` } },
    filled: { values, folder },
  }));
}

interface Folder {
  /** In the artifact, and in the repository. */
  path: string;
  dir: string;
  /** What stands for each variable, and where the last of them ends. */
  values: string[];
  folder: string;
}

/** Folders that fit a path with variables, each of which stands for a part of one name. */
function foldersLike(tree: Tree, written: string, top: string): Folder[] {
  let found: Folder[] = [{ path: "", dir: top, values: [], folder: top }];
  for (const segment of written.split("/")) {
    found = found.flatMap(({ path, dir, values, folder }) =>
      namesLike(tree, segment, dir).map((match) => ({
        path: join(path, match.name),
        dir: join(dir, match.name),
        values: [...values, ...match.values],
        folder: match.values.length > 0 ? join(dir, match.name) : folder,
      })),
    );
  }
  return found;
}

function namesLike(tree: Tree, segment: string, dir: string): { name: string; values: string[] }[] {
  const isFolder = (name: string) => tree.isDir(join(dir, name));
  if (!VARIABLE.test(segment)) return isFolder(segment) ? [{ name: segment, values: [] }] : [];
  const texts = segment.split(VARIABLE);
  // More of them in one name could stand for anything, and take long to tell.
  if (texts.length > 3 || segment.length > LONGEST_PATH) return [];
  const pattern = new RegExp(`^${texts.map(escapeRegExp).join("(.+)")}$`);
  return tree.entries(dir).flatMap((name) => {
    const match = pattern.exec(name);
    return match && isFolder(name) ? [{ name, values: match.slice(1) }] : [];
  });
}
