import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Imports that leave code behind: those of types alone do not. */
const IMPORTS = /(?:^(?:import|export)(?! type )[^";]*? from |\bimport\()"(\.[^"]+)"/gm;

/** One hash for a module and everything that it imports from this project: an answer made by them holds while it is the same. */
export function hashOfCode(entry: string): string {
  const texts = new Map<string, string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, "utf8");
    texts.set(file, text);
    for (const [, path = ""] of text.matchAll(IMPORTS)) queue.push(join(dirname(file), path));
  }
  const hash = createHash("sha256");
  for (const [, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${text}\0`);
  return hash.digest("hex").slice(0, 32);
}
