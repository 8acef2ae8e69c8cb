import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fluxOf } from "../install/components.ts";
import type { ScenarioResult, StepResult } from "../record/result.ts";
import { NOT_LIVE } from "../scenarios/accidents.ts";
import { PARTS } from "../scenarios/index.ts";
import { readResults } from "./proof.ts";
import { cell, table } from "./table.ts";

const target = join(import.meta.dirname, "../../docs/live-verify.md");

/** Writes docs/live-verify.md from the results at hand; returns 1 when one of them failed. */
export function writeVerifyPage(log: (line: string) => void): number {
  const results = readResults(PARTS.verify);
  writeFileSync(target, verifyText(results));
  log("wrote docs/live-verify.md");
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** The page, a pure function of the results. */
export function verifyText(results: ScenarioResult[]): string {
  const notRun = PARTS.verify.flatMap(({ id, generations = ["old", "new"] }) =>
    generations
      .filter((one) => !results.some(({ scenario, generation }) => scenario === id && generation === one))
      .map((one) => `\`${id}\` on ${fluxOf(one)}`),
  );
  return [
    "# What verify says, live",
    "",
    "Written by `npm run e2e -- --part verify --report` (see [e2e/README.md](../e2e/README.md)); do not edit. The harmful changes",
    "of [the table of verify.md](verify.md#beside-konflate-and-flate), merged on a real API server with real controllers: what",
    "`fluxlift verify` said before the merge, and what was seen after it, when everything had been asked to reconcile once more.",
    "The letters are the classes of that table.",
    "",
    "`went`: objects deleted or re-created. `stopped`: Kustomizations and releases that report no success. In brackets: how many of",
    "them were foretold, followed from what was foretold, or were not foretold. `alarms`: said to go or to stop, and nothing of it was seen.",
    "",
    ...(results.length > 0
      ? table(["scenario", "Flux", "verify said", "went", "stopped", "alarms", "result", "commit"], results.map(row))
      : ["Nothing has been run yet."]),
    "",
    ...(notRun.length > 0 ? [`Not run: ${notRun.join(", ")}.`, ""] : []),
    "What each does:",
    "",
    ...PARTS.verify.map(({ id, what }) => `- \`${id}\`: ${what}`),
    "",
    "Cases of the table that are not shown here:",
    "",
    ...Object.entries(NOT_LIVE).map(([id, why]) => `- \`${id}\`: ${why}.`),
    "",
    ...detail(results),
    ...results.flatMap(({ facts, generation }) =>
      facts.map(({ id, statement, holds, seen }) =>
        cell(`- ${id}, Flux ${fluxOf(generation)}: ${statement} ${holds === true ? "Yes" : "No"}: ${seen}.`),
      ),
    ),
    ...results.flatMap(({ scenario, generation, failures }) =>
      failures.map(
        (one) => `- Not as expected, \`${scenario}\` on Flux ${fluxOf(generation)}: ${cell(one).slice(0, 400)}`,
      ),
    ),
  ]
    .join("\n")
    .replace(/\n*$/, "\n");
}

/** The step of the accident; one before it may bring what main gained, one after it shows what it led to. */
const accidentOf = ({ steps }: ScenarioResult): StepResult | undefined => steps.find(({ stops }) => stops);

function row(result: ScenarioResult): string[] {
  const step = accidentOf(result);
  const clusters = step?.clusters ?? [];
  const losses = clusters.flatMap((one) => one.losses.map(({ verdict }) => verdict));
  const stops = step?.stops?.seen.map(({ verdict }) => verdict) ?? [];
  const rules = [...new Set(clusters.flatMap(({ blockers }) => blockers.map((one) => one.split(" ")[0])))];
  const idle = step?.stops?.idle.length ?? 0;
  return [
    `\`${result.scenario}\``,
    fluxOf(result.generation),
    `${step?.verdict ?? "nothing"}${rules.length > 0 ? ` (${rules.map((one) => `\`${one}\``).join(", ")})` : ""}`,
    counted(losses),
    counted(stops),
    String(clusters.flatMap(({ alarms }) => alarms).length + idle),
    result.failures.length === 0 ? "as expected" : "**failed**",
    result.code ? `\`${result.code.commit}\`` : "",
  ];
}

/** `3 (2 foretold, 1 followed)` */
function counted(verdicts: string[]): string {
  const kinds = [...new Set(verdicts)].map((one) => `${verdicts.filter((other) => other === one).length} ${one}`);
  return verdicts.length === 0 ? "0" : `${verdicts.length} (${kinds.join(", ")})`;
}

/** By name what went and what stopped, with the reason that Flux gave. */
function detail(results: ScenarioResult[]): string[] {
  const rows = results.flatMap((result) =>
    result.steps.map((step) => [
      `\`${result.scenario}\``,
      fluxOf(result.generation),
      cell(step.name),
      cell(step.verdict ?? ""),
      cell(
        step.clusters.flatMap(({ losses }) => losses.map(({ object, outcome }) => `${object} (${outcome})`)).join(", "),
      ),
      cell(step.stops?.seen.map(({ object, reason }) => `${object} (${reason})`).join(", ") ?? ""),
    ]),
  );
  if (rows.length === 0) return [];
  return ["By name:", "", ...table(["scenario", "Flux", "merge", "verify said", "went", "stopped"], rows), ""];
}
