import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Go } from "../install/build.ts";
import { Processes } from "../world/processes.ts";
import { tryFork } from "./fork.ts";
import { installTools } from "./install.ts";
import { tryMatrix } from "./matrix.ts";
import { tryNewTeam } from "./new-team.ts";
import { tryOwnBranch } from "./own-branch.ts";
import { World } from "./world.ts";

const SCENARIOS = { "new team": tryNewTeam, "own branch": tryOwnBranch, fork: tryFork, matrix: tryMatrix };

const USAGE = `Usage: npm run forge -- [options]
  --keep          keep the scratch folder with the logs
  --picture FILE  keep a picture of the first comment, made with Chromium
  --only NAME     one scenario alone: ${Object.keys(SCENARIOS).join(", ")}`;

const log = (line: string) => process.stderr.write(`${line}\n`);

/** The recipes on a real Gitea: exit 0 when all is as it should be, 1 when something is not, 2 when they could not be tried. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean" },
      only: { type: "string" },
      picture: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  const chosen = Object.entries(SCENARIOS).filter(([name]) => values.only === undefined || name === values.only);
  if (chosen.length === 0) throw new Error(`There is no scenario ${values.only}.`);
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const scratch = mkdtempSync(join(tmpdir(), "fluxlift-forge-"));
  // Gitea may run as another user.
  chmodSync(scratch, 0o755);
  mkdirSync(join(scratch, "logs"));
  const processes = new Processes(join(scratch, "logs"), values.keep ? undefined : scratch);
  if (values.keep) log(`scratch: ${scratch}`);
  process.once("SIGINT", () => processes.killAll());
  try {
    const world = await World.make(processes, await installTools(new Go(processes, scratch), log), scratch);
    if (values.picture) world.picture = { file: values.picture, log };
    let wrong = 0;
    for (const [name, scenario] of chosen) {
      const faults = await scenario(world);
      wrong += faults.length;
      log(`${faults.length === 0 ? "✔" : "✗"} ${name}`);
      for (const fault of faults) log(`    ${fault}`);
    }
    log(`${chosen.length} scenarios, ${wrong} faults`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await processes.stopAll();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
