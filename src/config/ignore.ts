import type { Loc } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { readPattern } from "../delivery/ignore-rules.ts";
import { isKnownRule } from "../findings/catalogue.ts";
import { sayFinding } from "../findings/say.ts";
import type { ReadConfig } from "./read.ts";
import type { IgnoreEntry } from "./types.ts";

/** Decides about findings one after the other, and knows at the end which entries nothing was found for. */
export interface Ignores {
  /** Whether a finding is left out. Blockers never are. */
  covers(finding: Finding): boolean;
  /** Entries that left findings out, with how many. */
  listUsed(): { entry: IgnoreEntry; at: Loc; count: number }[];
  /** What is to be said of the entries themselves: ended, unused, unknown rule, or only a blocker would fit. */
  report(): Finding[];
}

/** @param today `2026-11-21` */
export function makeIgnores({ config, at }: Pick<ReadConfig, "config" | "at">, today: string): Ignores {
  const entries = (config.ignore ?? []).map((entry, index) => ({
    entry,
    at: at(["ignore", index]),
    ended: entry.until !== undefined && entry.until < today,
    matchesPath: matcherOf(entry.path),
    count: 0,
    blockers: 0,
  }));
  return {
    covers(finding) {
      let covered = false;
      for (const one of entries) {
        if (one.ended || !fits(one.entry, one.matchesPath, finding)) continue;
        if (finding.level === "blocker") one.blockers++;
        else {
          one.count++;
          covered = true;
        }
      }
      return covered;
    },
    listUsed: () => entries.filter(({ count }) => count > 0),
    report: () =>
      entries.flatMap(({ entry: { rule, until = "" }, at, ended, count, blockers }) => {
        const state = ended ? "ended" : blockers > 0 ? "blocker" : count > 0 ? undefined : "unused";
        if (state === undefined) return [];
        const how =
          state === "unused" && !isKnownRule(rule as Finding["rule"]) && !rule.includes("/") ? "unknown" : state;
        return [sayFinding({ rule: "ignore-idle", level: "caution", at, facts: { how, rule, until } })];
      }),
  };
}

function fits(entry: IgnoreEntry, matchesPath: (file: string) => boolean, finding: Finding): boolean {
  if (entry.rule !== finding.rule) return false;
  if (entry.cluster !== undefined && entry.cluster !== finding.cluster) return false;
  if (entry.resource !== undefined && entry.resource.trim().replace(/\s+/g, " ") !== finding.resource) return false;
  return entry.path === undefined || (finding.at !== undefined && matchesPath(finding.at.file));
}

/** Patterns are those of `.gitignore`: a path, a folder with everything in it, `*` within a name and `**` over folders. */
function matcherOf(pattern: string | undefined): (file: string) => boolean {
  return pattern === undefined ? () => true : readPattern(pattern.trim());
}
