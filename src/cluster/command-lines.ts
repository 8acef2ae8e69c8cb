/**
 * The lines of the command that begins on one: a backslash at the end of a line makes the next a part of it, and so does a
 * folded text of YAML, where the next begins with a flag.
 */
export function* commandLines(lines: readonly string[], first: number): Generator<string> {
  for (let index = first; index < lines.length; index++) {
    const line = lines[index]!;
    yield line;
    if (!line.trimEnd().endsWith("\\") && !/^\s+--[a-z]/.test(lines[index + 1] ?? "")) return;
  }
}
