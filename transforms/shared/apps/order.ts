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
  // One key alone says nothing of where it stands: patches that only have `values`.
  const telling = [...counts.values()].filter(({ keys }) => keys.length > 1);
  for (const { keys } of telling.sort((a, b) => b.count - a.count)) {
    keys.forEach((key, index) => {
      if (order.includes(key)) return;
      const before = keys.slice(0, index).findLast((other) => order.includes(other));
      order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key);
    });
  }
  return order;
}

/**
 * Keys the owner also writes come in the owner's order. Another one comes behind all that it follows by itself, so that it
 * does not part two that the owner keeps together; `upgrade` alone stays with `install`.
 */
export function inOwnersOrder(map: YamlData, order: readonly string[]): YamlData {
  const keys = Object.keys(map);
  const rank = (key: string): number => {
    const own = order.indexOf(key);
    if (own >= 0) return own;
    const twin = key === "upgrade" ? order.indexOf("install") : -1;
    return (
      (twin >= 0 ? twin : Math.max(-1, ...keys.slice(0, keys.indexOf(key)).map((other) => order.indexOf(other)))) + 0.5
    );
  };
  return Object.fromEntries([...keys].sort((a, b) => rank(a) - rank(b)).map((key) => [key, map[key]]));
}
