import type { FileChange } from "../../contract/edit.ts";

/** `14 files (9 new, 4 changed, 1 removed)`. */
export function describeChanges(changes: readonly FileChange[]): string {
  const parts: string[] = [];
  const count = (label: string, test: (change: FileChange) => boolean): void => {
    const number = changes.filter(test).length;
    if (number > 0) parts.push(`${number} ${label}`);
  };
  count("new", (change) => change.before === undefined);
  count("changed", (change) => change.before !== undefined && change.after !== undefined);
  count("removed", (change) => change.after === undefined);
  return `${countOf(changes.length, "file")} (${parts.join(", ")})`;
}

/** `1 file`, `2 files`. */
export function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
