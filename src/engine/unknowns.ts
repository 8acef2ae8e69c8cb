const OF_ONE = /^Kustomization (\S+): (.+) \((\S+:\d+)\)$/s;
const MAX_NAMES = 3;

/**
 * Joins what is unknown for the same reason at the same place: a component with `${CLAIM}` in a name, used by fifty
 * FluxKustomizations, is one thing to look at.
 */
export function joinUnknowns(unknown: readonly string[]): string[] {
  const groups = new Map<string, { text: string; what: string; at: string; names: string[] }>();
  for (const text of unknown) {
    const [, name, what, at] = OF_ONE.exec(text) ?? [];
    if (name === undefined || what === undefined || at === undefined) {
      groups.set(text, { text, what: "", at: "", names: [] });
      continue;
    }
    const key = `${at} ${what.split(" ", 3).join(" ")}`;
    const known = groups.get(key);
    if (known) known.names.push(name);
    else groups.set(key, { text, what, at, names: [name] });
  }
  return [...groups.values()].map(({ text, what, at, names }) => {
    if (names.length < 2) return text;
    const more = names.length > MAX_NAMES ? `, … ${names.length} in all` : "";
    return `Kustomizations ${names.slice(0, MAX_NAMES).join(", ")}${more}: ${what} (${at})`;
  });
}
