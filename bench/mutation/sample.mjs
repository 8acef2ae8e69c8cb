// Mutation testing by sample: 1,500 mutants of four floors, drawn by a seed; what is known of one is kept. See docs/testing.md.
//
//   npm run stryker:sample                what is not known yet, then what came of all
//   npm run stryker:sample -- --size 500  the first so many of the same draw
//   npm run stryker:sample -- --again     what survived, once more; MUTATION_TESTS says by which tests
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { drawMutants, keyOf, rangeOf } from "./draw.mjs";
import { addResult, dropSurvivors, readResults } from "./results.mjs";
import { say } from "./sample-report.mjs";

const SEED = 17;
const FLOORS = ["delivery", "cluster", "instance", "safety"].map((floor) => `src/${floor}`);
const WORK = ".cache/mutation/sample";
const STRYKER = "node_modules/@stryker-mutator/core/bin/stryker.js";
/** Parts of the floors, and the tests that ask them most directly. */
const PARTS = [
  ["kustomize", /^src\/delivery\/kustomize\//, "^(kustomize/|flux-graph/|verify/(unread|odd|gaps))"],
  ["delivery", /^src\/delivery\//, "^(flux-graph/|apps/|traps/(helm|chart)|verify/classes)"],
  ["gotk", /^src\/cluster\/(?:gotk|unfilled|outside)\//, "^(gotk/|traps/gotk|cluster/|flux-graph/)"],
  ["cluster", /^src\/cluster\//, "^(cluster/|flux-graph/|traps/|verify/starts)"],
  ["instance", /^src\/instance\//, "^(flux-patches/|flux-sync/|traps/|apps/)"],
  ["references", /^src\/safety\/references\//, "^verify/(references|reach)"],
  ["safety", /^src\/safety\//, "^(verify|ownership)/"],
];

const { size, again } = parseArgs({
  options: { size: { type: "string", default: "1500" }, again: { type: "boolean", default: false } },
}).values;
const config = JSON.parse(readFileSync("bench/mutation/stryker.config.json", "utf8"));
const all = await drawMutants(FLOORS, new Set(config.mutate), SEED);
const drawn = all.slice(0, Number(size));
mkdirSync(WORK, { recursive: true });
// Another tree has other mutants: nothing that was known holds.
const results = `${WORK}/results.jsonl`;
if (readKept() !== all.map((mutant) => keyOf(mutant)).join("\n")) {
  rmSync(results, { force: true });
  writeFileSync(`${WORK}/drawn.txt`, all.map((mutant) => keyOf(mutant)).join("\n"));
}
if (again) dropSurvivors(results);
for (const part of PARTS) {
  const known = readResults(results);
  const isOpen = (mutant) => !known.has(keyOf(mutant));
  const open = drawn.filter(
    (mutant) => PARTS.find(([, files]) => files.test(mutant.fileName)) === part && isOpen(mutant),
  );
  if (open.length > 0) run(part, open);
}
say(drawn, readResults(results));

function readKept() {
  try {
    return readFileSync(`${WORK}/drawn.txt`, "utf8");
  } catch {
    return undefined;
  }
}

function run([name, , tests], mutants) {
  console.log(`${name}: ${mutants.length} mutants`);
  const [path, sample, report] = ["config", "sample", "report"].map((kind) => `${WORK}/${name}.${kind}.json`);
  const project = process.cwd();
  writeFileSync(sample, JSON.stringify(mutants.map((mutant) => keyOf(mutant))));
  const settings = {
    ...config,
    mutate: [...new Set(mutants.map((mutant) => rangeOf(mutant)))],
    incremental: false,
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: report },
    thresholds: { ...config.thresholds, break: null },
  };
  writeFileSync(path, JSON.stringify(settings));
  const env = {
    MUTATION_TESTS: tests,
    MUTATION_SECONDS: "20",
    ...process.env,
    MUTATION_SAMPLE: `${project}/${sample}`,
  };
  const { status } = spawnSync(process.execPath, [STRYKER, "run", path], { stdio: "inherit", env });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  // Those that no test reaches, and those whose process had to be ended, the runner cannot tell of.
  const known = readResults(results);
  const keys = new Set(mutants.map((mutant) => keyOf(mutant)));
  for (const [fileName, file] of Object.entries(JSON.parse(readFileSync(report, "utf8")).files))
    for (const { location, mutatorName, replacement, status } of file.mutants) {
      const at = ({ line, column }) => ({ line: line - 1, column: column - 1 });
      const where = { start: at(location.start), end: at(location.end) };
      const key = keyOf({ fileName, location: where, mutatorName, replacement });
      const said = { NoCoverage: "survived", Timeout: "timeout" }[status];
      if (said && keys.has(key) && !known.has(key)) addResult(results, key, said);
    }
}
