import { OPERATOR } from "../admission/key.ts";
import type { Finding } from "../contract/finding.ts";
import type { MergeSafety, SafetyUnknown } from "../contract/safety.ts";
import type { VerifyReport } from "../safety/verify.ts";

/**
 * Findings less the notes on objects that the lists of what is deleted name anyway: such a note adds nothing that its reader
 * does not see a few lines above it.
 */
export function withoutListed({ findings, clusters }: Pick<VerifyReport, "findings" | "clusters">): Finding[] {
  const listed = new Set(clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource)));
  return findings.filter(
    ({ rule, level, resource }) =>
      rule !== "will-be-deleted" || level !== "info" || resource === undefined || !listed.has(resource),
  );
}

/** What cannot be read less what a finding says in the same words, with what to do about it. */
export function withoutFound(unknown: readonly SafetyUnknown[], findings: readonly Finding[]): SafetyUnknown[] {
  // One that was accepted is listed with who accepted it; its finding is a mere note.
  const said = new Set(findings.filter(({ level }) => level !== "info").map(({ what }) => what));
  return unknown.filter(({ what }) => !said.has(what));
}

/** What a merge does, without what a finding of the same page says with what to do about it. */
export function toUnsaid(safety: MergeSafety, findings: readonly Finding[]): MergeSafety {
  return { ...safety, unknown: withoutFound(safety.unknown, findings) };
}

/** Whether a finding is why the merge stops although it is no blocker: it is said whole, with what to do. */
export function stopsMerge({ rule, level }: Pick<Finding, "rule" | "level">): boolean {
  return rule === "safety-unknown" && level === "caution";
}

/** The counts with what the operator owned all along among what is kept: nothing happens to it, such as the Namespace of Flux. */
export function withoutStanding({ outcomes, transfers }: MergeSafety): MergeSafety["outcomes"] {
  const standing = transfers
    .filter(({ from, outcome }) => outcome === "adopted" && from?.split(" + ").includes(OPERATOR))
    .flatMap(({ names }) => names);
  const { adopted, kept, ...rest } = outcomes;
  if (!adopted || standing.length === 0) return outcomes;
  const names = adopted.names.filter((name) => !standing.includes(name));
  const left = adopted.count - standing.length;
  return {
    ...rest,
    ...(left > 0 ? { adopted: { count: left, names } } : {}),
    kept: { count: (kept?.count ?? 0) + standing.length, names: [...(kept?.names ?? []), ...standing] },
  };
}
