import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { keyOf } from "./draw.mjs";
import { addResult } from "./results.mjs";

const ASK = "bench/mutation/ask.mjs";
/** After so many minutes a mutant runs for ever; on a busy machine a test may take one. */
const MAX_MINUTES = 10;

/**
 * Asks tests about mutants in processes of their own, until something is known of each.
 * @param {string} folder for what the processes need
 * @param {string} tests pattern
 * @param mutants as they were drawn
 * @param {string} results where to say what came of them
 */
export async function askMutants(folder, tests, mutants, results) {
  const names = [...new Set(mutants.map(({ fileName }) => fileName))];
  const rangesOf = (name) => mutants.filter(({ fileName }) => fileName === name).map(({ location }) => location);
  const files = names.map((name) => ({ name, mutate: rangesOf(name) }));
  const keys = mutants.map((mutant) => keyOf(mutant));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/job.json`, JSON.stringify({ tests, files, keys, results }));
  console.log(`${folder}: ${mutants.length} mutants`);
  for (;;) {
    const code = await run(folder, results);
    if (code === 0) return;
    if (code !== 75 && code !== null) throw new Error(`${ASK} ${folder} ended with ${code}`);
  }
}

/** @returns the code of the process, null where it was ended because a mutant runs for ever */
function run(folder, results) {
  const child = spawn(process.execPath, [ASK, folder], {
    stdio: "inherit",
    env: { MUTATION_SECONDS: "20", ...process.env },
  });
  const now = `${folder}/now`;
  const watch = setInterval(() => {
    const since = statSync(now, { throwIfNoEntry: false })?.mtimeMs;
    if (since === undefined || Date.now() - since < 60_000 * MAX_MINUTES) return;
    addResult(results, readFileSync(now, "utf8"), "timeout");
    rmSync(now);
    child.kill("SIGKILL");
  }, 5000);
  return new Promise((end) => {
    child.on("exit", (code) => {
      clearInterval(watch);
      end(code);
    });
  });
}
