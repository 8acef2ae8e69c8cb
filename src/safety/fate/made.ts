import { keyOfOwner, printKey } from "../../admission/key.ts";
import type { Outcome } from "../../change/types.ts";
import type { Tree } from "../../files/tree.ts";

/** Deleting less than this is nothing to stop for when a new object of another name takes the place. */
export const HARMLESS = 4;

interface MadeJudgement {
  wanted: boolean;
  because: string;
}

/**
 * Tells of what a template makes whether it goes on purpose, while the ResourceSet or release that it belongs to stays: an
 * input or a template that is taken out is a decision; another object in its place is a rename, and data that values switch
 * off is an accident. Nothing where its maker goes as well.
 */
export function makeMadeJudge(outcomes: readonly Outcome[], after: Tree) {
  const gone = new Set(outcomes.flatMap(({ key, fate }) => (fate === "deleted" ? [key] : [])));
  const slotOf = (owner: string, { kind, made }: Outcome) => JSON.stringify([owner, kind, made?.template]);
  const created = new Map<string, Outcome>();
  for (const one of outcomes) {
    if (one.fate === "created" && one.made) for (const owner of one.after) created.set(slotOf(owner, one), one);
  }
  return (outcome: Outcome, isData: boolean): MadeJudgement | undefined => {
    const [owner = ""] = outcome.before;
    if (gone.has(keyOfOwner(owner))) return undefined;
    const instead = created.get(slotOf(owner, outcome));
    if (instead) {
      const because = `${owner} makes ${printKey(instead.key)} in its place; the old object goes.`;
      return { wanted: outcome.danger >= HARMLESS, because };
    }
    if (!owner.startsWith("HelmRelease ")) {
      return { wanted: false, because: `An input or a template of ${owner} is taken out.` };
    }
    if (outcome.at && !after.has(outcome.at.file)) {
      return { wanted: false, because: "Its template is removed from the chart." };
    }
    return isData
      ? { wanted: true, because: "Its template is still in the chart, and no longer makes it." }
      : { wanted: false, because: "The chart no longer makes it." };
  };
}
