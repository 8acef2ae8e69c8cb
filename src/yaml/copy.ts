/**
 * A copy of plain data that may be changed. What is shared in it (an alias) is shared in the copy too. Several times as fast
 * as `structuredClone`, which goes through a message channel.
 */
export function copyData<T>(value: T, copies: Map<unknown, unknown> = new Map()): T {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copies.set(value, copy);
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === "object" && item !== null) copy[key] = copyData(item, copies);
  }
  return copy as T;
}
