// Mutation testing by sample: 1,500 mutants of the floors that decide what is said, drawn by a seed; what is known of one is kept. See docs/testing.md.
//
//   npm run stryker:sample                what is not known yet, then what came of all
//   npm run stryker:sample -- --size 500  the first so many of the same draw
//   npm run stryker:sample -- --again     what survived, once more; MUTATION_TESTS says by which tests
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { askMutants } from "./ask-mutants.mjs";
import { drawMutants, keyOf } from "./draw.mjs";
import { dropSurvivors, readResults } from "./results.mjs";
import { say } from "./sample-report.mjs";

const SEED = 17;
const FLOORS = ["delivery", "cluster", "instance", "admission", "change", "references", "safety"].map(
  (floor) => `src/${floor}`,
);
const WORK = ".cache/mutation/sample";
const RESULTS = `${WORK}/results.jsonl`;
/** Parts of the floors, and the tests that ask them most directly. */
const PARTS = [
  ["kustomize", /^src\/delivery\/kustomize\//, "^(kustomize/|flux-graph/|verify/(unread|odd|gaps))"],
  [
    "delivery",
    /^src\/delivery\//,
    "^(flux-graph/|apps/|traps/(helm|chart)|verify/(classes|reach|unseen|odd-guards|references/(apis|missing)))",
  ],
  ["gotk", /^src\/cluster\/(?:gotk|unfilled|outside)\//, "^(gotk/|traps/gotk|cluster/|flux-graph/)"],
  ["cluster", /^src\/cluster\//, "^(cluster/|flux-graph/|traps/|verify/starts)"],
  ["instance", /^src\/instance\//, "^(flux-patches/|flux-sync/|traps/|apps/)"],
  ["references", /^src\/references\//, "^verify/(references|reach)"],
  ["safety", /^src\/(?:admission|change|safety)\//, "^(verify|ownership)/"],
];

const { size, again } = parseArgs({
  options: { size: { type: "string", default: "1500" }, again: { type: "boolean", default: false } },
}).values;
const config = JSON.parse(readFileSync("bench/mutation/stryker.config.json", "utf8"));
const all = await drawMutants(FLOORS, new Set(config.mutate), SEED);
const drawn = all.slice(0, Number(size));
mkdirSync(WORK, { recursive: true });
// Another tree has other mutants: nothing that was known holds.
const order = all.map((mutant) => keyOf(mutant)).join("\n");
if (!existsSync(`${WORK}/order.txt`) || readFileSync(`${WORK}/order.txt`, "utf8") !== order) {
  rmSync(RESULTS, { force: true });
  writeFileSync(`${WORK}/order.txt`, order);
}
if (again) dropSurvivors(RESULTS);
for (const part of PARTS) {
  const [name, , tests] = part;
  const known = readResults(RESULTS);
  const isOwn = ({ fileName }) => PARTS.find(([, files]) => files.test(fileName)) === part;
  const open = drawn.filter((mutant) => isOwn(mutant) && !known.has(keyOf(mutant)));
  if (open.length > 0) await askMutants(`${WORK}/${name}`, process.env.MUTATION_TESTS ?? tests, open, RESULTS);
}
say(drawn, readResults(RESULTS));
