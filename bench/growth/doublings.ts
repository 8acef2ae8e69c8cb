/** How many times as long a doubling may take. */
export const MOST_GROWTH = 2.3;

/** Milliseconds by which two runs differ whatever is in them. */
const NOISE = 150;

/** The most that a doubling took, of times in milliseconds, each of twice as much as the one before. */
export function growthOf(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((one, index) => (one - NOISE) / Math.max(NOISE, times[index]!)));
}
