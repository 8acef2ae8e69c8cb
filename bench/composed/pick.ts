import { seededRandom } from "../corpus/yaml/pick.ts";

/** Choices that a seed always makes alike. */
export interface Pick {
  one<T>(list: readonly T[]): T;
  /** Whether something that happens in `share` of the cases happens in this one. */
  chance(share: number): boolean;
  /** Each element with the same chance, in the order of the list. */
  some<T>(list: readonly T[], share: number): T[];
}

export function pickOf(seed: string): Pick {
  const random = seededRandom(seed);
  return {
    one: (list) => list[Math.floor(random() * list.length)] as (typeof list)[number],
    chance: (share) => random() < share,
    some: (list, share) => list.filter(() => random() < share),
  };
}
