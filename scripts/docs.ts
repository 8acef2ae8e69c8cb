// Rewrites the generated parts of hand-written pages: help blocks, and what the README shows of the example.
// Pages that are generated as a whole: make-docs.mjs. Use: npm run docs, or npm run docs:check (exit 1 on drift).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Results } from "../bench/beside/results.ts";
import { tableOf } from "../bench/beside/table.ts";
import { buildProgram } from "../src/cli/program.ts";
import { type Session, startTimer } from "../src/cli/session.ts";
import { runExample } from "./docs-example.ts";
import { findStale, type GeneratedPart, writeOrCheck } from "./generated-parts.ts";

/** Pages whose generated parts are not what the code says. */
export async function findStalePages(): Promise<string[]> {
  return findStale(await renderParts()).map(({ page }) => page);
}

async function renderParts(): Promise<GeneratedPart[]> {
  const example = await runExample();
  return [
    ...commandParts(),
    { page: "README.md", name: "tree", text: example.tree },
    { page: "README.md", name: "scan", text: example.scan },
    { page: "docs/commands/oci.md", name: "example", text: example.oci },
    { page: "docs/verify.md", name: "beside", text: tableOf(readBeside()) },
  ];
}

/** What `npm run beside` has written down; flate is not asked here. */
function readBeside(): Results {
  const file = join(import.meta.dirname, "../bench/beside/results.json");
  return JSON.parse(readFileSync(file, "utf8")) as Results;
}

function commandParts(): GeneratedPart[] {
  const session = { io: { out() {}, err() {} }, loader: {}, timer: startTimer() } as unknown as Session;
  return buildProgram(session, () => {}).commands.map((command) => {
    command.configureHelp({ helpWidth: 100 });
    const text = `\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`;
    return { page: `docs/commands/${command.name()}.md`, name: "help", text };
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeOrCheck(await renderParts(), process.argv.includes("--check"));
}
