// Asks tests about some mutants, without Stryker's own run: it would make a copy of the project and start anew for each part.
// What comes of each is kept at once. Ends with 75 where it has to go on in a process of its own.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { instrument, keyOf } from "./draw.mjs";
import { addResult, readResults } from "./results.mjs";
import { InProcessRunner } from "./runner.mjs";

/** Each time that files are loaded takes memory that does not come back. */
const MAX_LOADS = 60;

const [folder] = process.argv.slice(2);
const { tests, files, keys, results } = JSON.parse(readFileSync(join(folder, "job.json"), "utf8"));
const { files: mutated, mutants } = await instrument(files);
const runner = new InProcessRunner();
await runner.init(folder, tests, new Map(mutated.map(({ name, content }) => [resolve(name), content])));
const coverage = join(folder, "coverage.json");
if (!existsSync(coverage)) {
  const { tests: asked } = await runner.dryRun();
  const failed = asked.filter(({ failureMessage }) => failureMessage !== undefined);
  for (const { id, failureMessage } of failed) console.error(`fails without a mutant: ${id}: ${failureMessage}`);
  console.log(`${asked.length} tests`);
}
const { static: loaded, perTest } = JSON.parse(readFileSync(coverage, "utf8"));
const byKey = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]));
const known = readResults(results);
for (const key of keys ?? byKey.keys()) {
  if (known.has(key)) continue;
  if (runner.loads > MAX_LOADS) process.exit(75);
  writeFileSync(join(folder, "now"), key);
  const activeMutant = byKey.get(key);
  const hits = Object.values(perTest).reduce((sum, test) => sum + (test[activeMutant.id] ?? 0), 0);
  const mutantActivation = hits === 0 ? "static" : "runtime";
  const isReached = hits > 0 || loaded[activeMutant.id] > 0;
  const hitLimit = 100 * (hits + (loaded[activeMutant.id] ?? 0));
  const { status } = isReached
    ? await runner.mutantRun({ activeMutant, mutantActivation, hitLimit })
    : { status: "unreached" };
  addResult(results, key, status);
}
