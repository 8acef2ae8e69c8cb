import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import type { Acceptor } from "../contract/safety.ts";
import type { Merge } from "../files/merge.ts";
import { type Acceptance, sayAcceptor, TRAILER } from "./fate/acceptance.ts";

const SHOWN = 5;

/** What has to be known of how the two trees were found. */
export function reportMerge({ method, refusal, conflicts }: Merge, base: string): Finding[] {
  const apart = `the change is compared with where it left ${base}, and what ${base} has gained since is not looked at`;
  const findings: Finding[] = [];
  if (conflicts.length > 0) {
    const files = conflicts.length === 1 ? "1 file is" : `${conflicts.length} files are`;
    findings.push({
      rule: "merge-conflict",
      level: "blocker",
      at: lineOf(conflicts[0]!),
      what: `${files} in conflict: ${listSome(conflicts, SHOWN)}. What Flux will read there is not known.`,
      why:
        method === "unmerged"
          ? `Git cannot join the change with ${base} as it is now. Until that is resolved ${apart}.`
          : "A merge that was begun is not resolved; until then those files count as they were.",
      next: "Merge or rebase, resolve them, commit, and verify again.",
    });
  } else if (method === "unmerged") {
    findings.push({
      rule: "merge-not-computed",
      level: "caution",
      what: `Git could not join the change with ${base} (${refusal}), so ${apart}.`,
      why: "Both may be harmless each by itself and not together, and conflicts are not seen.",
      next: "Use git 2.38 or newer, or merge or rebase the branch first.",
    });
  }
  return findings;
}

/** A submodule is content for a source that reads submodules, and nothing of it lies in this repository. */
export function reportSubmodules(submodules: readonly string[], readers: readonly string[]): Finding[] {
  if (submodules.length === 0 || readers.length === 0) return [];
  return [
    {
      rule: "safety-unknown",
      level: "blocker",
      resource: readers[0]!,
      at: lineOf(submodules[0]!),
      what: `${listSome(readers, SHOWN)} reads submodules (spec.recurseSubmodules), and the change moves ${listSome(submodules, SHOWN)}: what Flux reads there, before and after, is not in this repository.`,
      why: "What the new commit of the submodule lacks is pruned.",
      next: "Run fluxlift verify in the submodule, from its old commit to its new one.",
    },
  ];
}

/** Acceptances that settle nothing: a typo, or what goes has changed since. */
export function reportIdle(idle: readonly Acceptance[], unread: readonly { text: string; by: Acceptor }[]): Finding[] {
  const said = idle.map(({ what, resource, by }): [string, Acceptor, string] => {
    const means = what === "deletes" ? "goes" : what === "unknown" ? "cannot be read" : "goes or cannot be read";
    return [`${what ? `${what} ` : ""}${resource}`, by, `nothing of that name ${means} by this change`];
  });
  const odd = unread.map(({ text, by }): [string, Acceptor, string] => {
    return [text, by, `it does not read 'deletes Kind namespace/name' or 'unknown Kind namespace/name'`];
  });
  return [...said, ...odd].map(([text, by, because]) => ({
    rule: "acceptance-idle",
    level: "caution",
    what: `${sayPlace(by)} accepts '${text}', and ${because}.`,
    why: "An acceptance counts for the very name that this report gives a loss or an unknown, and for nothing else.",
    next: "Take it back, or write the name as it stands in this report.",
  }));
}

/** Trailers of a run that was not told to count them. */
export function reportUncounted(accepted: readonly Acceptance[]): Finding[] {
  if (accepted.length === 0) return [];
  const names = accepted.map(({ what, resource }) => `'${what} ${resource}'`);
  const people = [...new Set(accepted.map(({ by }) => sayAcceptor(by)))];
  return [
    {
      rule: "acceptance-not-counted",
      level: "info",
      what: `Commits of this change accept ${listSome(names, SHOWN)} (${listSome(people, SHOWN)}), which does not count here.`,
      why: `A ${TRAILER} trailer counts with --accept-trailers only: anybody can write one in a pull request.`,
      next: "Where the authors of all commits are trusted, pass --accept-trailers; or take it over with --accept.",
    },
  ];
}

function sayPlace(by: Acceptor): string {
  return by.how !== "trailer" ? "--accept" : `The trailer ${sayAcceptor(by)}`;
}
