import { readOverlayPatches } from "../../../src/cluster/gotk/overlays.ts";
import { buildsUnseen, isForBase } from "../../../src/cluster/remote-patches.ts";
import { itemsOf } from "../../../src/contract/objects.ts";
import {
  isKustomizationFile,
  type KustomizationFile,
  kustomizationOf,
  loadKustomization,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { SimObject } from "../../../src/release/types.ts";
import { findStaleEntries, STALE_FIELDS } from "./stale-entries.ts";
import { type Build, FORMS, isOpen, objectsLost, splitBuilt } from "./stale-patches.ts";

/** An entry of `components` whose patches select nothing in this kustomization once the install is gone. */
export interface StaleComponent {
  kustomization: string;
  entry: string;
  component: KustomizationFile;
}

/** A component that says more than what only the install needs, and the builds that it is a part of. */
export interface MixedComponent {
  path: string;
  builds: Build[];
}

const HEAD = ["apiVersion", "kind", "metadata"];

/**
 * Components of a kustomization that do nothing but patch what goes. One that stays would fail the build where a patch of it
 * has no target ("no matches for Id"), and be dead text where it has one.
 * @param build its own: what goes from it, and remote bases
 */
export function findStaleComponents(tree: Tree, path: string, build: Build): StaleComponent[] {
  const named = componentsOf(tree, path);
  if (named.length === 0) return [];
  const { going, staying } = splitBuilt(tree, [build]);
  const lost = objectsLost([build]);
  const isUnseen = buildsUnseen(tree, build.dir);
  return named.flatMap(({ entry, component }): StaleComponent[] => {
    const { data } = component;
    if (Object.keys(data).some((field) => ![...HEAD, ...FORMS, ...STALE_FIELDS].includes(field))) return [];
    const entries = STALE_FIELDS.flatMap((field) => itemsOf(data[field]));
    const stale = findStaleEntries(tree, component.path, [build]);
    const patches = readOverlayPatches(tree, component, going, staying);
    const isForInstall =
      stale.length > 0 || patches.some(({ patch, touches }) => touches.has("install") || isForBase(patch, lost));
    const isStale =
      isForInstall && patches.every(({ patch, touches }) => !touches.has("other") && !(isUnseen && isOpen(patch)));
    // Images of what left before this phase are of nothing any more.
    const isIdle = stale.length === entries.length || !hasWorkloads(staying);
    return isStale && isIdle ? [{ kustomization: path, entry, component }] : [];
  });
}

/** Whether there is anything that has images or replicas. */
function hasWorkloads(objects: readonly { object: SimObject }[]): boolean {
  return objects.some(
    ({ object: { data } }) => JSON.stringify(data ?? {}).includes('"image":') || data?.spec?.replicas,
  );
}

function componentsOf(tree: Tree, path: string): { entry: string; component: KustomizationFile }[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return [];
  const { dir, data } = loaded.file;
  return itemsOf(data.components).flatMap((entry) => {
    const component = typeof entry === "string" ? kustomizationOf(tree, join(dir, entry)) : undefined;
    return component?.kind === "Component" ? [{ entry, component }] : [];
  });
}

/**
 * Components that stay, with all builds that they are a part of: what they say of nothing but the install goes from them.
 * None of which a build is not known as a whole.
 * @param users kustomizations that lose something, @param stale components that these stop naming
 * @param goneIn what goes from the build of a kustomization; undefined where it is not known who builds it
 * @param basesLost the remote bases that it loses
 */
export function findMixedComponents(
  tree: Tree,
  users: readonly string[],
  stale: readonly StaleComponent[],
  goneIn: (path: string) => ReadonlySet<string> | undefined,
  basesLost: (path: string) => readonly string[],
): MixedComponent[] {
  const going = new Set(stale.map(({ component }) => component.path));
  const named = users.flatMap((path) => componentsOf(tree, path)).map(({ component }) => component);
  const unique = new Map(named.filter(({ path }) => !going.has(path)).map((component) => [component.path, component]));
  return [...unique.values()].flatMap(({ path, dir }): MixedComponent[] => {
    const builds = usersOf(tree, dir).map((user) => {
      const gone = goneIn(user);
      const bases = basesLost(user);
      const { remotes, missing, broken } = reach(tree, dirname(user));
      const isWhole = remotes.length === bases.length && missing.length + broken.length === 0;
      const isBuild = kustomizationOf(tree, dirname(user))?.kind === "Kustomization";
      return gone && isWhole && isBuild ? { dir: dirname(user), gone, bases } : undefined;
    });
    return builds.every((build) => build !== undefined) ? [{ path, builds }] : [];
  });
}

/** Those of the components that nothing else names. */
export function unusedComponents(tree: Tree, stale: readonly StaleComponent[]): KustomizationFile[] {
  const unique = new Map(stale.map(({ component }) => [component.path, component]));
  return [...unique.values()].filter(({ dir }) => {
    return usersOf(tree, dir).every((user) =>
      stale.some(({ kustomization, component }) => kustomization === user && component.dir === dir),
    );
  });
}

/** Kustomization files that name a folder. */
function usersOf(tree: Tree, dir: string): string[] {
  return tree.grep(basename(dir)).filter((path) => isKustomizationFile(path) && names(tree, path, dir));
}

function names(tree: Tree, path: string, dir: string): boolean {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return true;
  const listed = ["components", "resources", "bases"].flatMap((field) => itemsOf(loaded.file.data[field]));
  return listed.some((entry) => typeof entry === "string" && join(dirname(path), entry) === dir);
}
