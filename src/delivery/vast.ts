/** etcd takes no object above 1.5 MiB, whatever kustomize makes. */
const mostCharacters = 1.5 * 1024 * 1024;
const deepest = 100;

/** Flux and the operator keep a list of all that one build makes in one object, which has no room for more than some thousands. */
export const mostObjects = 20_000;

export interface Size {
  /** Of keys and texts; other values count as one. */
  characters: number;
  depth: number;
}

/** Values are never changed, so that the parts of one that grew are counted once. */
const known = new WeakMap<object, Size>();

/**
 * Whether a value that was put together from parts of itself has become larger or deeper than any object of Kubernetes: what
 * copies itself doubles each time. Depth is bounded, as what is refused is not built on.
 */
export function isVast(value: unknown): boolean {
  return areVast(sizeOf(value));
}

export function areVast({ characters, depth }: Size): boolean {
  return characters > mostCharacters || depth > deepest;
}

export const VAST = "the object becomes larger or deeper than Kubernetes takes any";

/** How much a value holds, what stands in it several times as often as it does. */
export function sizeOf(value: unknown): Size {
  if (typeof value !== "object" || value === null)
    return { characters: typeof value === "string" ? value.length : 1, depth: 0 };
  const found = known.get(value);
  if (found) return found;
  const size = { characters: 0, depth: 0 };
  for (const [key, part] of Object.entries(value)) {
    const inner = sizeOf(part);
    size.characters += key.length + inner.characters;
    size.depth = Math.max(size.depth, inner.depth + 1);
  }
  known.set(value, size);
  return size;
}
