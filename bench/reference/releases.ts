/**
 * Brings the release tables in src/release/data, and the archive they are made from, up to the newest flux-operator:
 *
 *   npm run releases                        asks Go for its releases, and writes what changed
 *   npm run releases -- --check             says what would change, exit 1; writes nothing
 *   npm run releases -- --charts ../charts  takes the schemas of the charts from a checkout, too
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packReference } from "./archive.ts";
import { goModule } from "./go-module.ts";
import { refreshTables } from "./refresh.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" }, charts: { type: "string" } } });
const data = fileURLToPath(new URL("../../src/release/data", import.meta.url));
try {
  const module = goModule("github.com/controlplaneio-fluxcd/flux-operator");
  const { staged, tables, news, changed, close } = refreshTables(data, module, values.charts);
  for (const line of news) console.log(line);
  for (const file of changed) console.log(`${values.check ? "differs" : "written"}: src/release/data/${file}`);
  if (changed.length === 0 && values.charts === undefined) console.log("The tables are up to date.");
  else if (values.check) process.exitCode = 1;
  else {
    for (const file of changed) cpSync(join(tables, file), join(data, file));
    packReference(staged);
    console.log(
      "written: bench/reference/flux.tar.br\nNext: npm run docs; UPDATE_FIXTURES=1 npx vitest run test/fixtures; npm test",
    );
  }
  close();
} catch (error) {
  console.error(`The releases could not be read. ${(error as Error).message}`);
  process.exitCode = 2;
}
