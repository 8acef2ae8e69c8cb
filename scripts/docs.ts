// Rewrites the generated parts of hand-written pages: help blocks, and what the README shows of the example.
// Pages that are generated as a whole: make-docs.mjs. Use: npm run docs, or npm run docs:check (exit 1 on drift).
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildProgram } from "../src/cli/program.ts";
import { type Session, startTimer } from "../src/cli/session.ts";
import { runExample } from "./docs-example.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** The text between two marks of a page, `<!-- generated:NAME:start -->` and `…:end -->`, as the code has it. */
interface GeneratedPart {
  page: string;
  name: string;
  text: string;
}

/** Pages whose generated parts are not what the code says. */
export async function findStalePages(): Promise<string[]> {
  return (await renderPages()).filter(({ page, text }) => text !== readPage(page)).map(({ page }) => page);
}

async function renderPages(): Promise<{ page: string; text: string }[]> {
  const example = await runExample();
  const parts: GeneratedPart[] = [
    ...commandParts(),
    { page: "README.md", name: "tree", text: example.tree },
    { page: "README.md", name: "scan", text: example.scan },
    { page: "docs/commands/oci.md", name: "example", text: example.oci },
  ];
  const pages = new Map<string, string>();
  for (const part of parts) pages.set(part.page, splice(pages.get(part.page) ?? readPage(part.page), part));
  return [...pages].map(([page, text]) => ({ page, text }));
}

function commandParts(): GeneratedPart[] {
  const session = { io: { out() {}, err() {} }, loader: {}, timer: startTimer() } as unknown as Session;
  return buildProgram(session, () => {}).commands.map((command) => {
    command.configureHelp({ helpWidth: 100 });
    const text = `\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`;
    return { page: `docs/commands/${command.name()}.md`, name: "help", text };
  });
}

function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

function splice(text: string, { page, name, text: part }: GeneratedPart): string {
  const [start, end] = [`<!-- generated:${name}:start -->\n`, `<!-- generated:${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks ${start.trim()} and ${end}`);
  return text.slice(0, from + start.length) + part + text.slice(to);
}

async function main(check: boolean): Promise<void> {
  const stale = (await renderPages()).filter(({ page, text }) => text !== readPage(page));
  for (const { page, text } of stale) {
    if (check) console.error(`✗ ${page} is out of date: run npm run docs`);
    else writeFileSync(join(ROOT, page), text);
  }
  if (check) process.exitCode = stale.length > 0 ? 1 : 0;
  else console.log(`✔ ${stale.length} pages changed`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.includes("--check"));
}
