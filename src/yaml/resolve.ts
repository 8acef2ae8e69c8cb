import { getOrMake } from "../contract/group-by.ts";
import { type OutlineEntry, type OutlineNode, walkOutline } from "./outline.ts";
import type { YamlPath } from "./types.ts";

/** The entry a path part names in a map or a sequence, if it is written there. */
export function findEntry(node: OutlineNode, part: string | number): OutlineEntry | undefined {
  if (node.kind === "seq") return typeof part === "number" ? node.entries[part] : undefined;
  if (node.kind !== "map") return undefined;
  const key = String(part);
  if (node.entries.length <= FEW) return node.entries.find((entry) => entry.key === key);
  return getOrMake(byKey, node, () => indexKeys(node)).get(key);
}

/** A map of more is asked for many of its keys, as where each of them is refused. */
const FEW = 32;
const byKey = new WeakMap<OutlineNode, ReadonlyMap<string, OutlineEntry>>();

/** Of a key that stands there twice the first one. */
function indexKeys({ entries }: OutlineNode): ReadonlyMap<string, OutlineEntry> {
  const found = new Map<string, OutlineEntry>();
  for (const entry of entries) if (entry.key !== undefined && !found.has(entry.key)) found.set(entry.key, entry);
  return found;
}

/**
 * Follows a path as far as it leads without going through an alias or a merge key.
 * @returns `depth`: parts of the path that were found, equal to its length when all were
 */
export function reachOwn(root: OutlineNode, path: YamlPath): { node: OutlineNode; depth: number } {
  let node = root;
  let depth = 0;
  for (const part of path) {
    const entry = findEntry(node, part);
    if (!entry) break;
    node = entry.value;
    depth++;
  }
  return { node, depth };
}

/** Follows a path also through aliases and merge keys, to where the value is really written. */
export function reachThrough(
  root: OutlineNode,
  path: YamlPath,
): { node: OutlineNode; entry?: OutlineEntry } | undefined {
  let node = root;
  let entry: OutlineEntry | undefined;
  for (const part of path) {
    entry = findEffective(root, node, part, new Set());
    if (!entry) return undefined;
    node = entry.value;
  }
  return entry ? { node, entry } : { node };
}

/** The node an alias stands for: the last one before it that carries the anchor. */
export function aliasTarget(root: OutlineNode, alias: OutlineNode): OutlineNode | undefined {
  let target: OutlineNode | undefined;
  walkOutline(root, (node) => {
    if (node.anchor === alias.alias && node.slot <= alias.start) target = node;
  });
  return target;
}

/** Maps that one question may lead through; real files merge two or three. */
const MOST_MERGED = 100;

function findEffective(
  root: OutlineNode,
  from: OutlineNode,
  part: string | number,
  searched: Set<OutlineNode>,
): OutlineEntry | undefined {
  // Maps that merge each other, or one of them many times over, have nothing new the second time.
  if (searched.has(from) || searched.size > MOST_MERGED) return undefined;
  searched.add(from);
  if (from.kind === "alias") {
    const target = aliasTarget(root, from);
    return target && findEffective(root, target, part, searched);
  }
  return findEntry(from, part) ?? findMerged(root, from, part, searched);
}

/** The entry that merge keys would give a map for a key, whether or not the map has its own. */
export function findMerged(
  root: OutlineNode,
  from: OutlineNode,
  part: string | number,
  searched = new Set<OutlineNode>(),
): OutlineEntry | undefined {
  if (from.kind !== "map") return undefined;
  for (const merge of from.entries) {
    if (merge.key !== "<<" || !merge.plainKey) continue;
    const sources = merge.value.kind === "seq" ? merge.value.entries.map((entry) => entry.value) : [merge.value];
    for (const source of sources) {
      const found = findEffective(root, source, part, searched);
      if (found) return found;
    }
  }
  return undefined;
}

/**
 * Name of an anchor inside `node` (or on it, or with `withKey` on its key) that an alias outside `node` refers to.
 * Errs towards "used" where a name is anchored twice.
 */
export function sharedAnchorIn(root: OutlineNode, node: OutlineNode, withKey: boolean): string | undefined {
  const inside = new Set<OutlineNode>();
  const anchors = new Set<string>();
  walkOutline(node, (below) => {
    inside.add(below);
    if (below.anchor) anchors.add(below.anchor);
    for (const entry of below.entries) if (entry.keyAnchor) anchors.add(entry.keyAnchor);
  });
  if (withKey && node.owner?.keyAnchor) anchors.add(node.owner.keyAnchor);
  return anchors.size === 0 ? undefined : findAlias(root, anchors, inside);
}

/** Name of an anchor on one of the values that contain `node`, if some alias uses it. */
export function sharedAnchorAbove(root: OutlineNode, node: OutlineNode): string | undefined {
  const anchors = new Set<string>();
  for (let at: OutlineNode | undefined = node; at; at = at.owner?.parent) if (at.anchor) anchors.add(at.anchor);
  return anchors.size === 0 ? undefined : findAlias(root, anchors, new Set());
}

function findAlias(
  root: OutlineNode,
  names: ReadonlySet<string>,
  except: ReadonlySet<OutlineNode>,
): string | undefined {
  let found: string | undefined;
  walkOutline(root, (node) => {
    if (except.has(node)) return;
    if (node.alias && names.has(node.alias)) found ??= node.alias;
    for (const entry of node.entries) if (entry.keyAlias && names.has(entry.keyAlias)) found ??= entry.keyAlias;
  });
  return found;
}
