import type { Item } from "./item.ts";

/** Maps that nobody else has, each with those of its keys that every merge has to look at. */
export type Held = WeakMap<object, Set<string>>;

/** What of one object may be changed where it is, and what to change there once nothing can fail any more. */
export interface Grown {
  held: Held;
  later: (() => void)[];
}

/**
 * Patches one after the other: what one of them has made is changed by the next where it is. An object that each of
 * thousands makes larger would be copied as often. Lives no longer than a list of patches: afterwards others have the objects.
 */
export class Growth {
  readonly #held = new WeakMap<Item, Held>();
  #later: Grown["later"] = [];

  /** Undefined where a value stands at several places, which are held against the object before. */
  of(item: Item): Grown | undefined {
    if (item.shared !== undefined) return undefined;
    return { held: this.#held.get(item) ?? new WeakMap(), later: this.#later };
  }

  /** Says what has come out of a patch. */
  keep(item: Item, { held }: Grown): void {
    this.#held.set(item, held);
  }

  /** One patch. Where it fails, all objects stay as they were: a build may go on with them. */
  run<T>(step: () => T): T {
    this.#later = [];
    const done = step();
    for (const change of this.#later) change();
    return done;
  }
}
