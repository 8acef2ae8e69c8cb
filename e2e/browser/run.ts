import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkReport } from "./checks.ts";
import { withBrowser } from "./chromium.ts";
import { makeReports } from "./reports.ts";

const USAGE = `Usage: npm run browser -- [options]
  --only NAME   one page, such as hostile-fleet
  --shots DIR   keep a picture of every page, light and dark, wide and narrow, and the pages themselves`;

const log = (line: string) => process.stderr.write(`${line}\n`);

/** Opens HTML reports in Chromium: exit 0 when nothing is wrong with them, 1 when something is, 2 when they could not be tried. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, shots: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const dir = mkdtempSync(join(tmpdir(), "fluxlift-reports-"));
  const { shots } = values;
  if (shots) mkdirSync(shots, { recursive: true });
  try {
    const reports = makeReports(dir).filter(({ name }) => values.only === undefined || name === values.only);
    let wrong = 0;
    await withBrowser(log, async (context) => {
      for (const report of reports) {
        const faults = [...new Set(await checkReport(context, report, shots))];
        wrong += faults.length;
        log(`${faults.length === 0 ? "✔" : "✗"} ${report.name}`);
        for (const fault of faults) log(`    ${fault}`);
      }
    });
    log(`${reports.length} reports, ${wrong} faults`);
    return wrong === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
