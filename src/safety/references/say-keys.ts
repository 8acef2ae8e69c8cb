import type { SaidFinding } from "../../contract/finding.ts";
import { printKey, splitKey } from "../key.ts";
import type { LostKey } from "./keys.ts";
import { locateIn, type ReportInput } from "./report.ts";

/** One finding for each key that is taken and not there. */
export function reportKeys(input: ReportInput, lost: readonly LostKey[]): SaidFinding[] {
  return lost.map(({ from, path, target, key, isGone, mounted }) => {
    const resource = printKey(from.object.key);
    const { kind, name } = splitKey(target);
    const isRelease = from.object.release !== undefined;
    return {
      rule: isGone ? "reference-breaks" : "reference-missing",
      level: "blocker",
      resource,
      at: locateIn(input, from, path),
      what: `${resource} takes the key ${key} of ${kind}/${name}, which has no such key after this change: ${
        mounted
          ? "its pods get an empty folder in place of that file, or do not start"
          : isRelease
            ? "helm-controller does not upgrade it any more"
            : "its pods do not start any more"
      }.`,
      why: isGone
        ? "The key is there today, and this change takes it away."
        : "Its keys are known, and this is none of them.",
      next: `Name a key that ${kind}/${name} has, or put the key back.`,
    };
  });
}
