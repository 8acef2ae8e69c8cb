// Pages with generated parts: the text between two marks, `<!-- generated:NAME:start -->` and `…:end -->`, is what code says.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

/** @property name of the part; without one the page is generated as a whole */
export interface GeneratedPart {
  page: string;
  name?: string;
  text: string;
}

/** Pages that are not what the parts make of them. @throws Error where a page lacks the marks of a part */
export function findStale(parts: readonly GeneratedPart[]): { page: string; text: string }[] {
  const pages = new Map<string, string>();
  for (const part of parts) pages.set(part.page, splice(pages.get(part.page) ?? readPage(part.page), part));
  return [...pages].filter(([page, text]) => text !== readPage(page)).map(([page, text]) => ({ page, text }));
}

/** Writes the pages that differ, or says which they are and makes the process fail. */
export function writeOrCheck(parts: readonly GeneratedPart[], check: boolean): void {
  const stale = findStale(parts);
  for (const { page, text } of stale) {
    if (check) console.error(`✗ ${page} is out of date: run npm run docs`);
    else writeFileSync(join(ROOT, page), text);
  }
  if (check) process.exitCode = stale.length > 0 ? 1 : 0;
  else console.log(`✔ ${stale.length} pages changed`);
}

function readPage(page: string): string {
  const path = join(ROOT, page);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function splice(text: string, { page, name, text: part }: GeneratedPart): string {
  if (name === undefined) return part;
  const [start, end] = [`<!-- generated:${name}:start -->\n`, `<!-- generated:${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks ${start.trim()} and ${end}`);
  return text.slice(0, from + start.length) + part + text.slice(to);
}
