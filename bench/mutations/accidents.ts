import { Dice } from "../kustomize/dice.ts";
import { FILES } from "./files.ts";
import { type Kind, LISTS } from "./lists.ts";
import { OBJECTS } from "./objects.ts";
import type { Accident, Place } from "./place.ts";

export const KINDS: Readonly<Record<string, Kind>> = { ...LISTS, ...FILES, ...OBJECTS };

/** Kinds that docs/verify.md calls purpose: a document taken out, or one entry of one list. */
export const PURPOSE = new Set([
  "app: removed",
  "app: Kustomization removed",
  "app: goes with its users",
  "document: deleted",
  "source: dropped",
  "list: entry dropped",
  "list: component dropped",
]);

/** Decisions that a seed always makes alike (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 65_536;
  };
  return new Dice(Array.from({ length: 64 }, () => Math.floor(next())));
}

/** The accident of a seed: of the kinds in the order of its dice the first that can happen in this tree. */
export function makeAccident(seed: number, place: Omit<Place, "dice">): (Accident & { kind: string }) | undefined {
  const dice = diceOf(seed);
  const names = Object.keys(KINDS);
  for (let tries = 0; tries < 12; tries++) {
    const kind = dice.pick(names);
    const accident = KINDS[kind]?.({ ...place, dice: diceOf(seed * 31 + tries) });
    const changes = [...(accident?.edits ?? [])].some(
      ([path, text]) => text !== (place.tree.has(path) ? place.tree.text(path) : undefined),
    );
    if (accident && changes) return { ...accident, kind };
  }
  return undefined;
}
