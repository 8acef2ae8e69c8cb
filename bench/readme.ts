import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts lines in place of what stands between `<!-- part:start -->` and `<!-- part:end -->` of bench/README.md. */
export function replaceBetweenMarks(part: string, lines: readonly string[]): void {
  const path = join(import.meta.dirname, "README.md");
  const [start, end] = [`<!-- ${part}:start -->\n`, `<!-- ${part}:end -->`];
  const readme = readFileSync(path, "utf8");
  const [from, to] = [readme.indexOf(start), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${start.trim()} … ${end} marks`);
  writeFileSync(path, `${readme.slice(0, from + start.length)}${lines.join("\n")}\n${readme.slice(to)}`);
}
