import { lineOf } from "../../../src/contract/errors.ts";
import { countEach } from "../../../src/contract/group-by.ts";
import type { DeliveredFluxObject } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";

/** What one file of the owner says about a convention. */
export interface Vote<T> {
  value: T;
  file: string;
}

/** The value that most files agree on, how many do, and the first that does. */
export interface Elected<T> extends Vote<T> {
  count: number;
  of: number;
}

/** The most frequent value; the first seen wins a tie. Undefined where nothing votes. */
export function elect<T>(votes: readonly Vote<T>[]): Elected<T> | undefined {
  const tally = new Map<T, Elected<T>>();
  for (const { value, file } of votes) {
    const found = tally.get(value);
    if (found) found.count++;
    else tally.set(value, { value, file, count: 1, of: votes.length });
  }
  return [...tally.values()].reduce<Elected<T> | undefined>(
    (best, next) => (best === undefined || next.count > best.count ? next : best),
    undefined,
  );
}

/** What each sibling that says anything votes for. */
export function votesOf<T>(
  siblings: readonly DeliveredFluxObject[],
  read: (object: DeliveredFluxObject["object"]) => T | undefined,
): Vote<T>[] {
  return siblings.flatMap(({ object }) => {
    const value = read(object);
    return value === undefined ? [] : [{ value, file: object.file }];
  });
}

/** A convention in words with the files it was learnt from: `release.yaml, as 12 of 13`. */
export function tell<T>(about: string, elected: Elected<T> | undefined, says: string): LearnedConvention[] {
  if (!elected) return [];
  const { count, of, file } = elected;
  return [{ about, says: `${says}, as ${count} of ${of}`, from: lineOf(file) }];
}

/** The most frequent defined value; the first seen wins a tie. */
export function majority<T>(values: readonly (T | undefined)[]): T | undefined {
  const counts = countEach(values.filter((value) => value !== undefined));
  let best: T | undefined;
  for (const [value, count] of counts) if (best === undefined || count > counts.get(best)!) best = value;
  return best;
}
