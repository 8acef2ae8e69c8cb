import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fluxOf } from "../install/components.ts";
import type { ScenarioResult } from "../record/result.ts";
import { PARTS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { RUNBOOK_WAIT } from "./overdue.ts";
import { readResults } from "./proof.ts";
import { cell, table } from "./table.ts";

/** Parts whose page is one table. */
const PAGES = {
  luck: {
    title: "Bad luck, live",
    what: [
      "The three phases of a",
      "home-ops repository on a real API server with real controllers, while something around them fails. What the runbook says to",
      "look at before a phase is looked at, and where it says to ask the operator again, it is asked.",
    ],
  },
  direct: {
    title: "The direct route, live",
    what: [
      "Operator and instance",
      "are installed by hand from the files of the commit, then all phases are one merge (`--phase all --direct`), and what the runbook looks at",
      "afterwards is looked at. Then back for good: the merge is reverted, and the old install owns the controllers again. The commands are",
      "those of the runbook, with the real programs.",
    ],
  },
  oci: {
    title: "To an OCI artifact, live",
    what: [
      "Repositories that",
      "Flux Operator runs, from Git to an artifact through the phases of `fluxlift oci`. The commands are those of the runbook, with the real",
      "programs; the scripts of the generated publish job run as they are in a clean checkout, against a registry on loopback that asks for",
      "a password. The pull secret, the key and the branch that publishes first are made as the runbook says.",
    ],
  },
};

export type Page = keyof typeof PAGES;

/** Whether a part has a page of one table. */
export const isPage = (part: string | undefined): part is Page => part !== undefined && Object.hasOwn(PAGES, part);

/** Writes its page below docs/ from the results at hand; returns 1 when one of them failed. */
export function writePartPage(part: Page, log: (line: string) => void): number {
  const results = readResults(PARTS[part]);
  writeFileSync(join(import.meta.dirname, `../../docs/live-${part}.md`), partText(part, results));
  log(`wrote docs/live-${part}.md`);
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** The page, a pure function of the results. */
export function partText(part: Page, results: ScenarioResult[]): string {
  const { title, what } = PAGES[part];
  const scenarios: Scenario[] = PARTS[part];
  const notRun = scenarios.filter(({ id }) => !results.some(({ scenario }) => scenario === id));
  return [
    `# ${title}`,
    "",
    `Written by \`npm run e2e -- --part ${part} --report\` (see [e2e/README.md](../e2e/README.md)); do not edit. ${what[0]}`,
    ...what.slice(1),
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
    ...scenarios.map(({ id, what }) => `- \`${id}\`: ${what}`),
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
