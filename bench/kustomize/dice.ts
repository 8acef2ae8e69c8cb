import fc from "fast-check";

const sides = 65_536;

/**
 * Decisions of a generator, read one after the other from a list of numbers. After its end every throw is 0, which
 * always means the plainest choice: shrinking the list shrinks the case.
 */
export class Dice {
  readonly #throws: readonly number[];
  #next = 0;

  constructor(throws: readonly number[]) {
    this.#throws = throws;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(((this.#throws[this.#next++] ?? 0) / sides) * count);
  }

  /** True with this probability; false when the list has ended. */
  chance(probability: number): boolean {
    return (this.#throws[this.#next++] ?? 0) >= sides * (1 - probability);
  }

  pick<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }

  /** `make()` from `least` to `most` times, less often than more. */
  some<T>(least: number, most: number, make: (index: number) => T): T[] {
    let count = least;
    while (count < most && this.chance(0.55)) count++;
    return Array.from({ length: count }, (_, index) => make(index));
  }

  /** The value with this probability. */
  maybe<T>(probability: number, make: () => T): T | undefined {
    return this.chance(probability) ? make() : undefined;
  }
}

/** Dice with enough throws for a whole case. */
export const diceArbitrary = fc
  .noBias(fc.array(fc.nat({ max: sides - 1 }), { maxLength: 1200, size: "max" }))
  .map((throws) => throws);
