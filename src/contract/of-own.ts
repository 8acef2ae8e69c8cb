/** What a table says of a word that a repository chose; `constructor` is a key that every object has, and no entry of its own. */
export function ofOwn<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
