import { diceOf } from "../accidents.ts";
import type { Accident, Place } from "../place.ts";
import { Draft, type Refactoring } from "./draft.ts";
import { FIELDS } from "./fields.ts";
import { FOLDERS } from "./folders.ts";
import { FORMAT } from "./format.ts";
import { LISTS } from "./lists.ts";
import { OWNERS } from "./owners.ts";
import { RELEASES } from "./releases.ts";

const KINDS: Readonly<Record<string, Refactoring>> = {
  ...FOLDERS,
  ...OWNERS,
  ...LISTS,
  ...RELEASES,
  ...FORMAT,
  ...FIELDS,
};

/** Seeds from here on are deliberate changes, those below accidents. */
export const REFACTORINGS_FROM = 100_000;

export const isDeliberate = (seed: number): boolean => seed >= REFACTORINGS_FROM;

/** The deliberate change of a seed: of the kinds in the order of its dice the first that can be made in this tree. */
export function makeRefactoring(seed: number, place: Omit<Place, "dice">): (Accident & { kind: string }) | undefined {
  const dice = diceOf(seed);
  const names = Object.keys(KINDS);
  for (let tries = 0; tries < 24; tries++) {
    const kind = dice.pick(names);
    const draft = new Draft({ ...place, dice: diceOf(seed * 31 + tries) });
    const what = attempt(() => KINDS[kind]?.(draft));
    const changes = [...draft.edits].some(
      ([path, text]) => text !== (place.tree.has(path) ? place.tree.text(path) : undefined),
    );
    if (what !== undefined && changes) return { edits: draft.edits, what, kind };
  }
  return undefined;
}

/** A change that would take an anchor out which others stand for is none that an owner makes. */
function attempt(make: () => string | undefined): string | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("Unresolved alias")) return undefined;
    throw error;
  }
}
