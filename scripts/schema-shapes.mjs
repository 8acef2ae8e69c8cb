/**
 * Shapes that stand in several places, once: `{shapes, kinds}` in lines, each kind with the numbers of its shapes.
 * @param {Record<string, unknown>} kinds nodes by name
 * @returns {{shapes: string[], kinds: string[]}} JSON, a line each
 */
export function placeShapes(kinds) {
  const counts = new Map();
  const count = (node) => {
    if (typeof node !== "object") return;
    const text = JSON.stringify(node);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (counts.get(text) > 1) return;
    for (const child of [...Object.values(node.p ?? {}), node.a, node.m]) if (child !== undefined) count(child);
  };
  for (const node of Object.values(kinds)) count(node);
  const shapes = [];
  const places = new Map();
  function place(node) {
    if (typeof node !== "object") return node;
    const text = JSON.stringify(node);
    const known = places.get(text);
    if (known !== undefined) return known;
    const out = {
      ...node,
      ...(node.p ? { p: Object.fromEntries(Object.entries(node.p).map(([name, one]) => [name, place(one)])) } : {}),
      ...(node.a === undefined ? {} : { a: place(node.a) }),
      ...(node.m === undefined ? {} : { m: place(node.m) }),
    };
    if (counts.get(text) < 2 || text.length < 24) return out;
    places.set(text, shapes.length);
    shapes.push(JSON.stringify(out));
    return shapes.length - 1;
  }
  const placed = Object.entries(kinds)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, node]) => `${JSON.stringify(key)}:${JSON.stringify(place(node))}`);
  return { shapes, kinds: placed };
}
