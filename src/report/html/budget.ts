import type { Html } from "./html.ts";

/** What fits, and what does not. */
interface Fitted<T> {
  shown: Html[];
  cut: T[];
}

const MOST_MISSES = 20;

/** Bytes that a page may still take. A page that is too big to open or to attach tells nobody anything. */
export class Budget {
  #left: number;

  /** @param bytes of the whole page, its frame left out */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * Renders items as long as they fit; one that does not is left out, and after a few of those all the rest.
   * @param most bytes that all of them may take, whatever else is left
   */
  fit<T>(items: readonly T[], render: (item: T, index: number) => Html, most = this.#left): Fitted<T> {
    let room = Math.min(most, this.#left);
    const shown: Html[] = [];
    const cut: T[] = [];
    for (const [index, item] of items.entries()) {
      const markup = cut.length < MOST_MISSES ? render(item, index) : undefined;
      const size = markup ? Buffer.byteLength(markup.toString()) : 0;
      if (!markup || size > room) {
        cut.push(item);
        continue;
      }
      room -= size;
      this.#left -= size;
      shown.push(markup);
    }
    return { shown, cut };
  }
}
