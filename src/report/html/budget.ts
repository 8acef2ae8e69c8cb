import type { Html } from "./html.ts";

/** Bytes that a page may still take. A page that is too big to open or to attach tells nobody anything. */
export class Budget {
  #left: number;

  /** @param bytes of the whole page, its frame left out */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * Renders the first items that fit. `render` is not called for the rest.
   * @param most bytes that all of them may take, whatever else is left
   * @returns what fits, and how many did not
   */
  fit<T>(items: readonly T[], render: (item: T, index: number) => Html, most = this.#left): [Html[], cut: number] {
    let room = Math.min(most, this.#left);
    const shown: Html[] = [];
    for (const [index, item] of items.entries()) {
      const markup = render(item, index);
      const size = Buffer.byteLength(markup.toString());
      if (size > room) break;
      room -= size;
      this.#left -= size;
      shown.push(markup);
    }
    return [shown, items.length - shown.length];
  }
}
