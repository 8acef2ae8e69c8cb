import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GENERATIONS } from "../install/components.ts";
import type { ScenarioResult } from "../record/result.ts";
import { PARTS } from "../scenarios/index.ts";
import { RUNBOOK_WAIT } from "./overdue.ts";
import { readResults } from "./proof.ts";
import { cell, table } from "./table.ts";

const target = join(import.meta.dirname, "../../docs/live-luck.md");

/** Writes docs/live-luck.md from the results at hand; returns 1 when one of them failed. */
export function writeLuckPage(log: (line: string) => void): number {
  const results = readResults(PARTS.luck);
  writeFileSync(target, luckText(results));
  log("wrote docs/live-luck.md");
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

const fluxOf = (generation: string) => GENERATIONS.find(({ id }) => id === generation)?.flux ?? generation;

/** The page, a pure function of the results. */
export function luckText(results: ScenarioResult[]): string {
  const notRun = PARTS.luck.filter(({ id }) => !results.some(({ scenario }) => scenario === id));
  return [
    "# Bad luck, live",
    "",
    "Written by `npm run e2e -- --part luck --report` (see [e2e/README.md](../e2e/README.md)); do not edit. The three phases of a",
    "home-ops repository on a real API server with real controllers, while something around them fails. What the runbook says to",
    "look at before a phase is looked at, and where it says to ask the operator again, it is asked.",
    "",
    `\`went\`: objects deleted or re-created, all of them named by the plan unless the result says otherwise. \`not Ready\`: longest time any FluxKustomization was not Ready; the runbook waits ${RUNBOOK_WAIT} s.`,
    "",
    ...(results.length > 0
      ? table(["scenario", "Flux", "merges", "went", "false safe", "not Ready", "result", "commit"], results.map(row))
      : ["Nothing has been run yet."]),
    "",
    ...(notRun.length > 0 ? [`Not run: ${notRun.map(({ id }) => `\`${id}\``).join(", ")}.`, ""] : []),
    "What each does:",
    "",
    ...PARTS.luck.map(({ id, what }) => `- \`${id}\`: ${what}`),
    "",
    ...results.flatMap(({ scenario, generation, failures }) =>
      failures.map(
        (one) => `- Not as expected, \`${scenario}\` on Flux ${fluxOf(generation)}: ${cell(one).slice(0, 400)}`,
      ),
    ),
  ]
    .join("\n")
    .replace(/\n*$/, "\n");
}

function row(result: ScenarioResult): string[] {
  const clusters = result.steps.flatMap((step) => step.clusters);
  const losses = clusters.flatMap((one) => one.losses);
  const longest = Math.max(0, ...clusters.flatMap((one) => Object.values(one.notReadyFor)));
  return [
    `\`${result.scenario}\``,
    fluxOf(result.generation),
    String(result.steps.length),
    String(losses.length),
    String(losses.filter(({ verdict }) => verdict === "false-safe").length),
    `${Math.round(longest / 1000)} s`,
    result.failures.length === 0 ? "as expected" : "**failed**",
    result.code ? `\`${result.code.commit}\`` : "",
  ];
}
