import type { FileChange } from "../contract/edit.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { Tree } from "./tree.ts";

type Changes = ReadonlyMap<string, FileChange>;

/** What was found in an overlay, by needle. */
interface Searched {
  changes: Changes;
  found: Map<string, readonly string[]>;
}

/** The overlays of a tree that were searched last, the latest first. */
const searched = new WeakMap<Tree, Searched[]>();
const RECENT = 16;

/**
 * `grep` of an overlay. A plan of many clusters lays thousands over one tree, each with all changes of those before it: only where
 * it differs from one that was searched for the needle is it searched.
 */
export function makeGrep(base: Tree, changes: Changes): Tree["grep"] {
  const own: Searched = { changes, found: new Map() };
  const all = new Set(changes.keys());
  const differing = new Map<Searched, ReadonlySet<string>>();
  const holds = (path: string, needle: string) => {
    const change = changes.get(path);
    return (change ? change.after : base.read(path))?.includes(needle) ?? false;
  };
  return (needle) =>
    getOrMake(own.found, needle, () => {
      const recent = getOrMake(searched, base, (): Searched[] => []);
      const last = recent.find(({ found }) => found.has(needle));
      if (!recent.includes(own)) recent.unshift(own);
      recent.length = Math.min(recent.length, RECENT);
      const paths = last ? getOrMake(differing, last, () => listDiffering(last.changes, changes)) : all;
      const known = last?.found.get(needle) ?? base.grep(needle);
      if (paths.size === 0) return known;
      const kept = known.filter((path) => !paths.has(path));
      const more = [...paths].filter((path) => holds(path, needle));
      return more.length === 0 ? kept : [...kept, ...more].sort();
    });
}

function listDiffering(before: Changes, after: Changes): ReadonlySet<string> {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const others = [...after].filter(([path, change]) => before.get(path) !== change);
  return new Set([...gone, ...others.map(([path]) => path)]);
}
