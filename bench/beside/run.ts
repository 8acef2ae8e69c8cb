// Asks flate and `fluxlift verify` about the same constructed changes, and writes down what each says.
// Use: npm run beside [-- --only a,b] [--helm PATH] [--keep]. Go builds flate on the first run. docs/verify.md shows the table.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EVERYDAY } from "./everyday.ts";
import { askFlate } from "./flate.ts";
import { askFluxlift } from "./fluxlift.ts";
import type { Case } from "./house.ts";
import { FLATE, installProgram } from "./install.ts";
import { LOST } from "./lost.ts";
import { layCase } from "./repository.ts";
import type { Results, Said } from "./results.ts";
import { STOPPED } from "./stopped.ts";
import { tableOf } from "./table.ts";

const CASES = [...LOST, ...STOPPED, ...EVERYDAY];
const RESULTS = join(import.meta.dirname, "results.json");
const { values } = parseArgs({
  options: { only: { type: "string" }, keep: { type: "boolean" }, helm: { type: "string" } },
});

const flate = installProgram(FLATE);
const work = mkdtempSync(join(tmpdir(), "fluxlift-beside-"));
const wanted = values.only?.split(",");
/** With --only the other answers stay as they were. */
const before = wanted ? (JSON.parse(readFileSync(RESULTS, "utf8")) as Results).said : [];
const kept = new Map(before.map((one) => [one.change, one]));
try {
  const fresh = new Map(
    CASES.filter((one) => wanted?.includes(one.class) ?? true).map((one, at) => [one.change, askBoth(one, at)]),
  );
  const said = CASES.flatMap(({ change }) => fresh.get(change) ?? kept.get(change) ?? []);
  const results: Results = { flate: FLATE.split("@")[1]!, helm: values.helm !== undefined, said };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(tableOf(results));
} finally {
  if (values.keep) console.log(work);
  else rmSync(work, { recursive: true, force: true });
}

function askBoth(one: Case, at: number): Said {
  const laid = layCase(one, join(work, String(at)));
  const { class: letter, change, flux, harm, konflate } = one;
  const ask = (base: string, head: string) => askFlate(flate, join(work, "flate-cache"), base, head, harm);
  return {
    class: letter,
    change,
    flux,
    harm,
    konflate,
    flate: ask(laid.base, laid.head),
    asPushed: laid.began ? ask(laid.began, laid.repo) : undefined,
    fluxlift: askFluxlift(one, laid, values.helm),
  };
}
