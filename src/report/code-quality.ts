import { createHash } from "node:crypto";
import { clip } from "../contract/cut.ts";
import type { Finding, Level } from "../contract/finding.ts";
import type { Json } from "../contract/media.ts";
import { visibleLines } from "../contract/visible.ts";
import { printJson } from "./json.ts";

const SEVERITY: Record<Level, "blocker" | "major" | "info"> = { blocker: "blocker", caution: "major", info: "info" };
const LONGEST = 2000;

/** Findings as a report for GitLab's Code Quality, which it shows beside the lines of a merge request. */
export function printCodeQuality(findings: readonly Finding[]): Json {
  const seen = new Map<string, number>();
  const entries = findings.map(({ rule, level, at, cluster, resource, what, next }) => {
    const key = JSON.stringify([rule, cluster, resource, at?.file, what]);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return {
      description: clip(visibleLines(`${what} Next: ${next}`), LONGEST),
      check_name: rule,
      // The line is not part of it: a finding that moves is the same.
      fingerprint: createHash("sha256").update(`${key}${times}`).digest("hex"),
      severity: SEVERITY[level],
      // GitLab takes no entry without a place.
      location: { path: at?.file ?? ".", lines: { begin: at?.line ?? 1 } },
    };
  });
  return printJson(entries);
}
