import type { Unknown } from "../../contract/answer.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { type Accumulated, newAccumulated } from "./accumulated.ts";
import { Build } from "./build.ts";
import { BuildError } from "./build-error.ts";
import type { Data } from "./data.ts";
import { findKustomization, type KustomizationFile, loadKustomization } from "./file.ts";
import { finish, forget } from "./finish.ts";
import type { Item } from "./item.ts";
import { scanFolder } from "./scan.ts";
import type { DeliveredObject, Delivery } from "./types.ts";

/**
 * Identities of what `kustomize build` (5.5, no load restrictions, no Helm, no network) yields for a folder, or, without
 * a kustomization, kustomize-controller (flux-facts 2.8). Cached per tree; do not change the result.
 */
export function deliver(tree: Tree, dir: string): Delivery {
  return remember(tree, "folder", dir, () =>
    evaluate(tree, dir, (build, acc) => {
      const root = openRoot(tree, dir, false);
      build.accumulate(root, acc, [dir]);
      return { items: finish(acc, root).map(forget) };
    }),
  );
}

/** Runs a build and turns its outcome, or the error kustomize would stop with, into a delivery. */
export function evaluate(
  tree: Tree,
  dir: string,
  run: (build: Build, acc: Accumulated) => { items: Item[]; uncertain?: ReadonlySet<Item> },
  options: ConstructorParameters<typeof Build>[1] = {},
): Delivery {
  const acc = newAccumulated();
  try {
    const { items, uncertain } = run(new Build(tree, options), acc);
    const objects = items.map((item) => toObject(item, uncertain?.has(item) ?? false));
    return { ok: true, objects, unknowns: dropRepeats(acc.unknowns) };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const at = error.at.file === "" ? { ...error.at, file: dir } : error.at;
    const { message: reason, missing } = error;
    return { ok: false, at, reason, ...(missing ? { missing } : {}), unknowns: dropRepeats(acc.unknowns) };
  }
}

/** The kustomization a build starts from; for a folder without one, what kustomize-controller writes there. */
export function openRoot(tree: Tree, dir: string, lenient: boolean): KustomizationFile {
  const found = findKustomization(tree, dir);
  if (found?.error !== undefined) throw new BuildError({ file: found.paths[0]!, line: 1, col: 1 }, found.error);
  if (found !== undefined) {
    const loaded = loadKustomization(tree, found.path, lenient);
    if (!loaded.ok) throw new BuildError(loaded.at, loaded.reason);
    return loaded.file;
  }
  if (!tree.isDir(dir))
    throw new BuildError({ file: dir, line: 1, col: 1 }, `kustomization path not found: ${dir || "."}`);
  const strip = dir === "" ? 0 : dir.length + 1;
  const data: Data = { resources: scanFolder(tree, dir).order.map((path) => path.slice(strip)) };
  return { path: dir, dir, kind: "Kustomization", data };
}

function toObject(item: Item, substituted: boolean): DeliveredObject {
  const { apiVersion, kind, namespace, name, file, doc, body, hidden } = item;
  const uncertain = substituted || item.hiddenContent !== undefined;
  return {
    ...{ apiVersion, kind, namespace, name, file, doc, body },
    ...(uncertain ? { uncertain: true as const } : {}),
    ...(hidden ? { hidden } : {}),
  };
}

function dropRepeats(unknowns: readonly Unknown[]): Unknown[] {
  const seen = new Map(unknowns.map((one) => [`${one.at.file}:${one.at.line}:${one.what}`, one]));
  return [...seen.values()];
}
