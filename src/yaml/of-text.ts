/**
 * What is made of a text, kept for the last few texts: many questions about one file come one after the other.
 * Callers must not change the answer.
 * @param most texts that are kept
 */
export function ofText<T>(make: (text: string) => T, most: number): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const made = make(text);
    if (kept.size >= most) kept.clear();
    kept.set(text, made);
    return made;
  };
}
