/** Names shorter than this are alike by chance. */
const SHORT = 6;

/**
 * The name among some that a typo makes of another one: one letter more, less or other, or two in the
 * wrong order.
 * @param options.short names of fewer letters are alike by chance
 * @param options.digits whether digits count: `app-1` and `app-2` are two things
 */
export function findNear(
  name: string,
  names: Iterable<string>,
  { short = SHORT, digits = false } = {},
): string | undefined {
  if (name.length < short) return undefined;
  for (const other of names) if (isTypo(name, other, digits)) return other;
  return undefined;
}

function isTypo(a: string, b: string, digits: boolean): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (!digits && /\d/.test(left + right)) return false;
  const isSwapped = left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return isSwapped || (left.length <= 1 && right.length <= 1);
}
