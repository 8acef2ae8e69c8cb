import type { YamlData } from "../../../src/contract/objects.ts";

/**
 * One order of keys out of many: the most frequent one, then the keys that only the others have, each behind the key that
 * it follows there. Two lists that contradict each other are settled by the more frequent one.
 */
export function learnOrder(lists: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, { keys: readonly string[]; count: number }>();
  for (const keys of lists) {
    const id = keys.join("\n");
    counts.set(id, { keys, count: (counts.get(id)?.count ?? 0) + 1 });
  }
  const order: string[] = [];
  for (const { keys } of [...counts.values()].sort((a, b) => b.count - a.count)) {
    keys.forEach((key, index) => {
      if (order.includes(key)) return;
      const before = keys.slice(0, index).findLast((other) => order.includes(other));
      order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key);
    });
  }
  return order;
}

/** Keys the owner also writes come in the owner's order; the others keep theirs, behind their predecessor. */
export function inOwnersOrder(map: YamlData, order: readonly string[]): YamlData {
  const keys = Object.keys(map);
  const rank = (key: string): number => {
    const own = order.indexOf(key);
    if (own >= 0) return own;
    const before = keys.slice(0, keys.indexOf(key)).findLast((other) => order.includes(other));
    return before === undefined ? -0.5 : order.indexOf(before) + 0.5;
  };
  return Object.fromEntries([...keys].sort((a, b) => rank(a) - rank(b)).map((key) => [key, map[key]]));
}
