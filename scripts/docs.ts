// Rewrites the generated parts of docs/: the help block of every command page and the table of transforms.
// Use: npm run docs, or npm run docs:check (exit 1 when a page is not what the code says).
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildProgram } from "../src/cli/program.ts";
import { startTimer } from "../src/cli/timer.ts";
import { TRANSFORMS } from "../transforms/index.ts";

const ROOT = resolve(import.meta.dirname, "..");
const START = "<!-- generated:start -->\n";
const END = "<!-- generated:end -->";

/** A page and the text between its marks as the code has it. */
interface GeneratedPart {
  page: string;
  text: string;
}

/** Every generated part of the documentation. */
export function generateParts(): GeneratedPart[] {
  return [...commandParts(), { page: "docs/transforms.md", text: transformTable() }];
}

/** Pages whose generated part is not what the code says. */
export function findStalePages(): string[] {
  return generateParts()
    .filter(({ page, text }) => splice(readPage(page), page, text) !== readPage(page))
    .map(({ page }) => page);
}

function commandParts(): GeneratedPart[] {
  const session = { io: { out() {}, err() {} }, loader: {}, timer: startTimer() };
  const program = buildProgram(session as unknown as Parameters<typeof buildProgram>[0], () => {});
  program.configureHelp({ helpWidth: 100 });
  return program.commands.map((command) => {
    command.configureHelp({ helpWidth: 100 });
    return {
      page: `docs/commands/${command.name()}.md`,
      text: `\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`,
    };
  });
}

function transformTable(): string {
  const rows = TRANSFORMS.map(
    ({ id, title, phases, docs }) => `| [${id}](${docs.replace(/^docs\//, "")}) | ${title} | ${phases.join(", ")} |`,
  );
  return ["| transform | does | phases |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

function splice(text: string, page: string, part: string): string {
  const from = text.indexOf(START);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${page} lacks the marks ${START.trim()} and ${END}`);
  return text.slice(0, from + START.length) + part + text.slice(to);
}

function main(check: boolean): void {
  const stale = findStalePages();
  if (check) {
    for (const page of stale) console.error(`✗ ${page} is out of date: run npm run docs`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const { page, text } of generateParts()) writeFileSync(join(ROOT, page), splice(readPage(page), page, text));
  console.log(`✔ ${stale.length} pages changed`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.includes("--check"));
