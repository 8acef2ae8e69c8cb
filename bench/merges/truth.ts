import { rmSync } from "node:fs";
import { join } from "node:path";
import { openSnapshot } from "../corpus/gate/snapshot.ts";
import { judgeCluster } from "./gone.ts";
import {
  betweenLosses,
  type Cluster,
  heldOf,
  isPrunable,
  liveAfter,
  liveBefore,
  openSight,
  Reader,
  type Sight,
  unreadable,
} from "./live.ts";
import { type Bench, effectiveRoot, makesItself, type Root, rootName, rootsOf } from "./roots.ts";
import type { Folders } from "./trees.ts";
import type { Truth } from "./types.ts";

/** Builds both trees of a pair from the roots down and says what Flux takes away. */
export async function judgePair(bench: Bench, folders: Folders, pair: string, url: string): Promise<Truth> {
  const before = openSnapshot(folders.open("before", `${pair}-base`));
  const after = openSnapshot(folders.open("after", `${pair}-head`));
  const known = unreadable(before);
  const copies = [join(bench.scratch, "buildable-before"), join(bench.scratch, "buildable-after")] as const;
  const was = openSight(before, known, copies[0]);
  const is = openSight(after, known, copies[1]);
  const [roots, next] = [await readRoots(bench, was, url), await readRoots(bench, is, url)];
  const truth: Truth = { clusters: [], notes: [] };
  if (roots.length === 0) truth.notes.push(next.length > 0 ? "a root comes with this change" : "no root is seen");
  for (const root of roots) {
    const name = rootName(root);
    const reader = new Reader(bench, was, root);
    const lives = await liveBefore(reader, root);
    const steady = followRoot(root, next);
    if (!steady) {
      truth.notes.push(`${name}: the FluxInstance behind it is gone or moved, what follows is not judged`);
      continue;
    }
    const nextReader = new Reader(bench, is, steady);
    const now = await liveAfter(nextReader, steady, lives);
    if (!root.instance) dropRoot(root, lives, now);
    const between = await betweenLosses(reader, nextReader, lives, now);
    truth.clusters.push(judgeCluster(root, name, lives, now, between));
  }
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  return truth;
}

/**
 * Roots of a tree. An instance may get its namespace and values only on its way to the cluster, so it is looked for again
 * among what its own root delivers.
 */
async function readRoots(bench: Bench, sight: Sight, url: string): Promise<Root[]> {
  const out: Root[] = [];
  for (const root of await rootsOf(bench, sight.tree, url)) {
    if (!root.instance) {
      out.push(root);
      continue;
    }
    const lives = await liveBefore(new Reader(bench, sight, root, true), root);
    const objects = [...lives.values()].flatMap(({ held }) => [...held.values()].map(({ data }) => data));
    if (root.shared && !makesItself(bench, root, objects)) continue;
    out.push((await effectiveRoot(bench, root, objects)) ?? root);
  }
  return out;
}

/** The root that reads the new tree: an instance makes it anew, any other keeps its spec until it applies itself. */
function followRoot(root: Root, next: Root[]): Root | undefined {
  if (!root.instance) return root;
  const same = next.filter(({ instance }) => instance?.key === root.instance?.key);
  if (root.shared) return same.find(({ data }) => data.spec?.path === root.data.spec?.path);
  return same.find(({ file }) => file === root.file) ?? (same.length === 1 ? same[0] : undefined);
}

/** A root that used to apply itself and no longer does prunes itself, and with it all that it holds. */
function dropRoot(root: Root, before: Cluster, after: Cluster): void {
  const { id } = heldOf(root.data, "");
  const key = [...before.keys()][0];
  const [was, is] = [before.get(key ?? ""), after.get(key ?? "")];
  const self = was?.held.get(id);
  if (!was || !is || !self || is.held.has(id) || is.data.spec?.prune !== true || !isPrunable(self)) return;
  after.clear();
}
