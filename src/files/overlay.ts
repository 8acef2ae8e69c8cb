import type { AppliedEdit, FileChange } from "../contract/edit.ts";
import { getOrMake } from "../contract/group-by.ts";
import { changeIndex } from "./changed-index.ts";
import { resolveEdits } from "./edits.ts";
import { makeGrep } from "./overlay-grep.ts";
import { splitPath } from "./path-index.ts";
import type { Tree } from "./tree.ts";

interface Layers {
  base: Tree;
  changes: Map<string, FileChange>;
}

/** What overlays were made of, so that an overlay on an overlay stays one level deep. */
const layersOf = new WeakMap<Tree, Layers>();

/**
 * A tree with pending changes on top. Files that no change names come from `base` untouched: `read` returns the same
 * string instance, so a model may tell by identity what it has to read again.
 */
export function overlayTree(base: Tree, changes: readonly FileChange[]): Tree {
  if (changes.length === 0) return base;
  const below = layersOf.get(base);
  const merged = new Map(below?.changes);
  for (const change of changes) merged.set(change.path, change);
  const tree = buildOverlay(below?.base ?? base, merged);
  layersOf.set(tree, { base: below?.base ?? base, changes: merged });
  return tree;
}

/** The tree below an overlay; any other tree is its own. */
export function baseOf(tree: Tree): Tree {
  return layersOf.get(tree)?.base ?? tree;
}

/** What an overlay makes of a file; undefined where that is as in the tree below. */
export function changeOf(tree: Tree, path: string): FileChange | undefined {
  return layersOf.get(tree)?.changes.get(path);
}

/** Paths of which an overlay may say something else than the tree below it: files it changes, and folders that gain or lose some. */
export function touchedBy(tree: Tree): ReadonlySet<string> {
  return getOrMake(touched, tree, () => {
    const paths = new Set<string>();
    const { base, changes } = layersOf.get(tree) ?? { base: tree, changes: [] };
    for (const [path, { after }] of changes) {
      paths.add(path);
      if (base.has(path) === (after !== undefined)) continue;
      for (let [dir] = splitPath(path); !paths.has(dir); [dir] = splitPath(dir)) paths.add(dir);
    }
    return paths;
  });
}

const touched = new WeakMap<Tree, ReadonlySet<string>>();

function buildOverlay(base: Tree, changes: ReadonlyMap<string, FileChange>): Tree {
  const created = [...changes.values()].flatMap(({ path, after }) =>
    after !== undefined && !base.has(path) ? path : [],
  );
  const gone = [...changes.values()].flatMap(({ path, after }) => (after === undefined && base.has(path) ? path : []));
  const index = created.length + gone.length === 0 ? base : changeIndex(base, new Set(gone), created);

  return {
    get paths() {
      return index.paths;
    },
    has: (path) => index.has(path),
    isDir: (path) => index.isDir(path),
    entries: (dir) => index.entries(dir),
    status(path) {
      const change = changes.get(path);
      if (!change) return base.status(path);
      return change.after === undefined ? undefined : "text";
    },
    executable(path) {
      const change = changes.get(path);
      if (!change) return base.executable(path);
      if (change.after === undefined) return false;
      return base.has(path) ? base.executable(path) : ((change.mode ?? 0) & 0o100) !== 0;
    },
    read(path) {
      const change = changes.get(path);
      return change ? change.after : base.read(path);
    },
    grep: makeGrep(base, changes),
  };
}

/**
 * Applies edits in order; the ranges of a `replace` are against the text as the edits before it left it.
 * `changes` holds the final state of each touched file against `base`, sorted by path; a file that ends up with the
 * text it had, or that was created and deleted again, is left out. A deleted executable carries its `mode` too.
 * @throws InternalError for overlapping or out-of-range ranges, creating over an existing path, editing a missing or
 * non-text file, and paths that leave the root.
 */
export function applyEdits(base: Tree, edits: readonly AppliedEdit[]): { tree: Tree; changes: FileChange[] } {
  const changes = resolveEdits(base, edits);
  return { tree: overlayTree(base, changes), changes };
}
