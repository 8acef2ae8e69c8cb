/** Adds items at the end of a list, however many there are: `push(...items)` overflows the stack at some 100,000 of them. */
export function pushAll<Item>(list: Item[], items: Iterable<Item>): void {
  for (const item of items) list.push(item);
}
