// Feeds random input to what takes input of strangers. Use: npm run fuzz -- [--target yaml-edit,kustomize] [--cases 10000]
// [--seed 1] ; ends with 1 when something was found, which is then a file of test/fuzz-cases. fast-check makes the input:
// the coverage-guided fuzzers for node need a native addon with an install script, and are no longer kept up.
import { parseArgs } from "node:util";
import { keepFound, search } from "./search.ts";
import { TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: Object.keys(TARGETS).join() },
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

for (const name of values.target.split(",")) {
  const target = TARGETS[name];
  if (!target) throw new Error(`No target ${name}; there are ${Object.keys(TARGETS).join(", ")}.`);
  const start = performance.now();
  const { edits, found } = await search(target, Number(values.cases), Number(values.seed));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${found ? "✗" : "✔"} ${name}: ${values.cases} cases${edits > 0 ? `, ${edits} edits` : ""}, seed ${values.seed}, ${seconds} s`,
  );
  if (!found) continue;
  process.exitCode = 1;
  console.log(`  ${found.reason.split("\n").slice(0, 4).join("\n  ")}\n  kept in ${keepFound(name, found.value)}`);
}
