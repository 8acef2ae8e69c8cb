/**
 * Orders texts by code unit, the same on every machine. `localeCompare` would order by the user's language, and its
 * first call loads ICU's tables, which takes longer than planning a small repository.
 */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
