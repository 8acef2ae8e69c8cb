/**
 * What JavaScript does to make text of an object (OrdinaryToPrimitive), but for its end: a map of YAML may hold a key `toString`,
 * which hides the function of that name, and nothing is left to ask. Then it would throw, wherever a text is expected and a
 * repository has `path: {toString: a}`; copies lose whatever only the map itself were given.
 */
function toPrimitive(this: object, hint: string): unknown {
  const names = hint === "string" ? ["toString", "valueOf"] : ["valueOf", "toString"];
  for (const name of names) {
    const ask: unknown = Reflect.get(this, name);
    const answer: unknown = typeof ask === "function" ? ask.call(this) : this;
    if (typeof answer !== "object" && typeof answer !== "function") return answer;
    if (answer === null) return answer;
  }
  return Object.prototype.toString.call(this);
}

/** Has every map, however it came about, be made text without an error. Nothing else changes for any object. */
export function letMapsBeText(): void {
  if (Symbol.toPrimitive in Object.prototype || !Object.isExtensible(Object.prototype)) return;
  Object.defineProperty(Object.prototype, Symbol.toPrimitive, {
    value: toPrimitive,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
