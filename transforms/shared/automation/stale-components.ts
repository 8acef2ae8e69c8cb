import { readOverlayPatches } from "../../../src/cluster/gotk/overlays.ts";
import { itemsOf } from "../../../src/contract/objects.ts";
import {
  isKustomizationFile,
  type KustomizationFile,
  kustomizationOf,
  loadKustomization,
} from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { FORMS, splitBuilt } from "./stale-patches.ts";

/** An entry of `components` whose patches select nothing in this kustomization once the install is gone. */
export interface StaleComponent {
  kustomization: string;
  entry: string;
  component: KustomizationFile;
}

const HEAD = ["apiVersion", "kind", "metadata"];

/**
 * Components of a kustomization that do nothing but patch what goes. One that stays would fail the build where a patch of it
 * has no target ("no matches for Id"), and be dead text where it has one.
 * @param gone keys (`file#doc`) of the documents that go
 */
export function findStaleComponents(tree: Tree, path: string, gone: ReadonlySet<string>): StaleComponent[] {
  const loaded = loadKustomization(tree, path, true);
  if (!loaded.ok) return [];
  const { dir, data } = loaded.file;
  const entries = itemsOf(data.components).filter((entry) => typeof entry === "string");
  if (entries.length === 0) return [];
  const { going, staying } = splitBuilt(tree, dir, gone);
  return entries.flatMap((entry): StaleComponent[] => {
    const component = kustomizationOf(tree, join(dir, entry));
    if (component?.kind !== "Component") return [];
    if (Object.keys(component.data).some((field) => ![...HEAD, ...FORMS].includes(field))) return [];
    const patches = readOverlayPatches(tree, component, going, staying);
    const isStale =
      patches.some(({ touches }) => touches.has("install")) && patches.every(({ touches }) => !touches.has("other"));
    return isStale ? [{ kustomization: path, entry, component }] : [];
  });
}

/** Those of the components that nothing else names. */
export function unusedComponents(tree: Tree, stale: readonly StaleComponent[]): KustomizationFile[] {
  const unique = new Map(stale.map(({ component }) => [component.path, component]));
  return [...unique.values()].filter(({ dir }) => {
    const users = tree.grep(basename(dir)).filter((path) => isKustomizationFile(path) && names(tree, path, dir));
    return users.every((user) =>
      stale.some(({ kustomization, component }) => kustomization === user && component.dir === dir),
    );
  });
}

function names(tree: Tree, path: string, dir: string): boolean {
  const loaded = loadKustomization(tree, path, true);
  if (!loaded.ok) return true;
  const listed = ["components", "resources", "bases"].flatMap((field) => itemsOf(loaded.file.data[field]));
  return listed.some((entry) => typeof entry === "string" && join(dirname(path), entry) === dir);
}
