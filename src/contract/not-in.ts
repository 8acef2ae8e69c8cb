/** Items that are not among others, told apart by `idOf`. */
export function notIn<T>(items: readonly T[], others: readonly T[], idOf: (item: T) => unknown): T[] {
  const known = new Set(others.map(idOf));
  return items.filter((item) => !known.has(idOf(item)));
}
