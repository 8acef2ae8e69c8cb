/** Some of many names: `a, b and 3 more`. */
export function listSome(names: readonly string[], most: number): string {
  return `${names.slice(0, most).join(", ")}${andMore(names.length - most)}`;
}

/** Goes on from a name: ` and 3 more`. */
export function andMore(count: number): string {
  return count > 0 ? ` and ${count} more` : "";
}

/** The same from a file: ` and 3 more files`. */
export function andMoreFiles(count: number): string {
  return count > 0 ? `${andMore(count)} ${count > 1 ? "files" : "file"}` : "";
}

/** The same from a clause on it: `, like 3 more`. */
export function likeMore(count: number): string {
  return count > 0 ? `, like ${count} more` : "";
}

/** Goes on from a sentence on one thing: `, and so do 3 more`. */
export function andSoMore(count: number): string {
  return count > 0 ? `, and so ${count > 1 ? "do" : "does"} ${count} more` : "";
}

/** Names that a finding only counts, for whoever reads its JSON. */
export function withOthers(names: readonly string[]): { others?: readonly string[] } {
  return names.length > 0 ? { others: names } : {};
}

/** All of some names, as a sentence has them: `a, b and c`. */
export function listNames(names: readonly string[]): string {
  const [last = "", ...first] = [...names].reverse();
  return first.length === 0 ? last : `${first.reverse().join(", ")} and ${last}`;
}
