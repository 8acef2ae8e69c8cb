import type { TextRange } from "../../src/contract/edit.ts";
import { TRIAL_BRANCH } from "./job.ts";

/** Every way in which fluxlift writes the trial branch into a publish job, with what is left without it. */
const FORMS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [new RegExp(`^[ \\t]*- ${TRIAL_BRANCH}[ \\t]*\\r?\\n`, "gm"), ""],
  [new RegExp(`'\\{([^,{}']+),${TRIAL_BRANCH}\\}'`, "g"), "$1"],
  [new RegExp(`\\|${TRIAL_BRANCH}(?=[|)])`, "g"), ""],
  [new RegExp(`,${TRIAL_BRANCH}(?=[,}])`, "g"), ""],
];

/** Ranges that take the trial branch out of a publish job; nothing else in the file changes. */
export function removeTrial(text: string): TextRange[] {
  const ranges: TextRange[] = [];
  for (const [pattern, replacement] of FORMS) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (ranges.some((range) => start < range.end && range.start < end)) continue;
      ranges.push({ start, end, text: replacement.replace("$1", match[1] ?? "") });
    }
  }
  return ranges.sort((a, b) => a.start - b.start);
}
