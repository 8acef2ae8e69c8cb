import { runInThisContext } from "node:vm";

/**
 * Stops what hangs, which a test's own time limit cannot: it waits for its turn.
 * @param timeout in milliseconds
 */
export function stopAfter<T>(run: () => T, timeout: number): T {
  Object.assign(globalThis, { fluxliftDeadline: run });
  return runInThisContext("fluxliftDeadline()", { timeout }) as T;
}

export const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("");
