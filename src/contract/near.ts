/**
 * Names that may have been meant by one that does not exist: those that hold all its words, then those that few letters tell
 * apart, the nearest first.
 */
export function suggestNames(wrong: string, names: readonly string[], most: number): string[] {
  const asked = wrong.toLowerCase().slice(0, 60);
  const words = asked.split(/[^a-z0-9]+/).filter((word) => word !== "");
  const holding = words.length > 0 ? names.filter((name) => words.every((word) => name.includes(word))) : [];
  holding.sort((a, b) => Number(b.startsWith(asked)) - Number(a.startsWith(asked)));
  const near = names
    .map((name) => ({ name, distance: countEdits(asked, name) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return [...new Set([...holding, ...near.map(({ name }) => name)])].slice(0, most);
}

/** Letters to add, drop or replace to make one text of another. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
