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

/** A tree, the roots that are seen in it, and what each of them holds as long as nothing changes. */
export interface Side {
  sight: Sight;
  roots: Root[];
  lives: Map<Root, { reader: Reader; cluster: Cluster }>;
}

export async function openSide(bench: Bench, sight: Sight, url: string): Promise<Side> {
  return { sight, roots: await readRoots(bench, sight, url), lives: new Map() };
}

async function livesOf(
  bench: Bench,
  { sight, lives }: Side,
  root: Root,
): Promise<{ reader: Reader; cluster: Cluster }> {
  const known = lives.get(root);
  if (known) return known;
  const reader = new Reader(bench, sight, root);
  const made = { reader, cluster: await liveBefore(reader, root) };
  lives.set(root, made);
  return made;
}

/** Builds both trees of a pair from the roots down and says what Flux takes away. */
export async function judgePair(bench: Bench, folders: Folders, pair: string, url: string): Promise<Truth> {
  const before = openSnapshot(folders.open("before", `${pair}-base`));
  const after = openSnapshot(folders.open("after", `${pair}-head`));
  const known = unreadable(before);
  const copies = [join(bench.scratch, "buildable-before"), join(bench.scratch, "buildable-after")] as const;
  const was = await openSide(bench, openSight(before, known, copies[0]), url);
  const is = await openSide(bench, openSight(after, known, copies[1]), url);
  const truth = await judgeSides(bench, was, is);
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  return truth;
}

/** @param look is shown what each cluster holds before and after */
export async function judgeSides(
  bench: Bench,
  before: Side,
  after: Side,
  look: (before: Cluster, after: Cluster, root: Root) => void = () => {},
): Promise<Truth> {
  const { roots } = before;
  const next = after.roots;
  const truth: Truth = { clusters: [], notes: [] };
  if (roots.length === 0) truth.notes.push(next.length > 0 ? "a root comes with this change" : "no root is seen");
  for (const root of roots) {
    const name = rootName(root);
    const { reader, cluster: lives } = await livesOf(bench, before, root);
    const steady = followRoot(root, next);
    if (!steady) {
      truth.notes.push(`${name}: the FluxInstance behind it is gone or moved, what follows is not judged`);
      continue;
    }
    const nextReader = new Reader(bench, after.sight, steady);
    const now = await liveAfter(nextReader, steady, lives);
    if (!root.instance) dropRoot(root, lives, now);
    const between = await betweenLosses(reader, nextReader, lives, now);
    truth.clusters.push(judgeCluster(root, name, lives, now, between));
    look(lives, now, root);
  }
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
