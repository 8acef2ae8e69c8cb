import { andMore } from "../contract/list-some.ts";
import type { MergeSafety, SafetyDanger } from "../contract/safety.ts";

const SHOWN = 6;

/** What Flux would do when a merged phase is reverted, as the merge safety of the two trees in reverse has it. */
export function describeReversal(safety: MergeSafety | undefined): string[] {
  if (!safety) return [];
  const wanted = safety.dangers.filter((danger) => danger.wanted);
  const meant = safety.dangers.filter((danger) => !danger.wanted);
  const said = [
    ...(wanted.length > 0 ? [sayWanted(wanted)] : []),
    sayMeant(meant, wanted.length > 0),
    ...sayRest(safety),
  ];
  return [`Computed for this repository: ${said.join(" ")}`];
}

function sayWanted(wanted: readonly SafetyDanger[]): string {
  return `reverting this may delete what is still wanted: ${list(wanted.map(({ resource }) => resource))} (${wanted[0]!.what}) Set \`prune: false\` on what applies it first, wait until that is reconciled, and revert then.`;
}

function sayMeant(meant: readonly SafetyDanger[], isMore: boolean): string {
  if (meant.length === 0) return isMore ? "" : "reverting this deletes nothing.";
  return `${isMore ? "Besides, Flux" : "Flux"} deletes ${list(meant.map(({ resource }) => resource))}, which the old tree does not have.`;
}

function sayRest({ outcomes, unknown }: MergeSafety): string[] {
  const said: string[] = [];
  const { orphaned } = outcomes;
  if (orphaned && orphaned.count > 0) {
    const more = orphaned.count - orphaned.names.length;
    said.push(`Left in the cluster without an owner in Git: ${list(orphaned.names, more)}.`);
  }
  if (unknown.length > 0)
    said.push(
      `Not known: ${unknown
        .slice(0, 3)
        .map(({ what }) => what)
        .join(" ")}`,
    );
  return said;
}

function list(names: readonly string[], more = 0): string {
  const shown = names.slice(0, SHOWN);
  return `${shown.join(", ")}${andMore(names.length - shown.length + more)}`;
}
