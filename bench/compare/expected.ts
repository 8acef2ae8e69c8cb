import { readFileSync } from "node:fs";
import { globTest } from "./shell.ts";
import type { Difference, Kind } from "./types.ts";

/** Why a difference is a mended fault, and which differences it covers. */
export interface Expected {
  /** What was wrong before, and why the new answer is right. */
  reason: string;
  /** Globs; all units or steps when left out. */
  units?: string[];
  steps?: string[];
  kind: Kind | Kind[];
  side?: Difference["side"];
  /** Regular expression on the text of the difference. */
  match: string;
}

/** Reads the argued list; an entry without a reason is refused. */
export function readExpected(file: string): Expected[] {
  const entries = JSON.parse(readFileSync(file, "utf8")) as Expected[];
  for (const { reason, match } of entries) {
    if (!reason || reason.length < 20) throw new Error(`${file}: the entry for ${match} does not say why`);
  }
  return entries;
}

/** Tells expected differences from others; `used` counts what each entry covered. */
export function makeExpectation(entries: readonly Expected[]): { covers(d: Difference): boolean; used: number[] } {
  const used = entries.map(() => 0);
  const tests = entries.map(({ units, steps, kind, side, match }) => {
    const [unit, step, pattern] = [globTest(units), globTest(steps), new RegExp(match)];
    const kinds = new Set([kind].flat());
    return (d: Difference): boolean =>
      kinds.has(d.kind) && (!side || d.side === side) && unit(d.unit) && step(d.step) && pattern.test(d.text);
  });
  const covers = (difference: Difference): boolean => {
    const at = tests.findIndex((test) => test(difference));
    if (at >= 0) used[at] = (used[at] ?? 0) + 1;
    return at >= 0;
  };
  return { covers, used };
}
