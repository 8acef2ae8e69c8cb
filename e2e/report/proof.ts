import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groupBy } from "../../src/contract/group-by.ts";
import { cacheDir } from "../install/build.ts";
import { CONTROL_PLANE, fluxOf, GENERATIONS, HELM, OPERATOR, SOPS } from "../install/components.ts";
import type { ScenarioResult, StepCluster, StepResult } from "../record/result.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { explainAlarm } from "./alarms.ts";
import { factLines } from "./facts.ts";
import { lessonLines } from "./lessons.ts";
import { RUNBOOK_WAIT } from "./overdue.ts";
import { cell, table } from "./table.ts";

/** One JSON file a scenario and generation; the proof is written from them. */
export const resultsDir = join(cacheDir, "results");
const target = join(import.meta.dirname, "../../docs/live-proof.md");

/** Writes docs/live-proof.md from the results of the scenarios there are; returns 1 when one is missing or failed. */
export function writeProof(scenarios: Scenario[], log: (line: string) => void): number {
  const results = readResults(scenarios);
  const missing = scenarios.flatMap(({ id, generations }) =>
    GENERATIONS.filter((one) => !generations || generations.includes(one.id))
      .filter((one) => !results.some((result) => result.scenario === id && result.generation === one.id))
      .map((one) => `${id} on ${one.id}`),
  );
  writeFileSync(target, proofText(scenarios, results, missing));
  if (missing.length > 0) log(`no result of: ${missing.join(", ")}`);
  log("wrote docs/live-proof.md");
  return missing.length > 0 || results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** Results of these scenarios, in their order. */
export function readResults(scenarios: Scenario[]): ScenarioResult[] {
  if (!existsSync(resultsDir)) return [];
  const all = readdirSync(resultsDir).map(
    (name) => JSON.parse(readFileSync(join(resultsDir, name), "utf8")) as ScenarioResult,
  );
  const order = (one: ScenarioResult) => scenarios.findIndex(({ id }) => id === one.scenario);
  return all
    .filter((one) => order(one) >= 0)
    .sort(
      (a, b) =>
        order(a) - order(b) ||
        GENERATIONS.findIndex(({ id }) => id === a.generation) - GENERATIONS.findIndex(({ id }) => id === b.generation),
    );
}

/** The page, a pure function of the results. */
export function proofText(scenarios: Scenario[], results: ScenarioResult[], missing: string[] = []): string {
  return [
    "# Live proof",
    "",
    "Written by `npm run e2e` (see [e2e/README.md](../e2e/README.md)); do not edit. Every row is a run of real controllers on a",
    "real API server: what fluxlift said before a merge, and what a watch on every object saw after it.",
    "",
    ...summary(results),
    "## Scenarios",
    "",
    "`foretold`: deleted or re-created, and named as such. `understated`: named as re-created, and still gone after everything was asked to reconcile once more.",
    "`followed`: hung on something that was named (a Namespace, a CRD, an inventory, a Helm release).",
    "`unknown`: fluxlift had said that it could promise nothing. `false safe`: it was called safe.",
    "`alarms`: called deleted or re-created, and not seen. `not Ready`: longest time any FluxKustomization was not Ready.",
    "",
    ...table(
      [
        "scenario",
        "Flux",
        "kind",
        "steps",
        "foretold",
        "understated",
        "followed",
        "unknown",
        "false safe",
        "alarms",
        "not Ready",
        "result",
      ],
      results.map(scenarioRow),
    ),
    "",
    ...(missing.length > 0 ? [`Not run: ${missing.join(", ")}.`, ""] : []),
    "What each scenario does:",
    "",
    ...scenarios.map(({ id, kind, layout, what }) => `- \`${id}\` (${kind}, ${layout}): ${what}`),
    "",
    ...factLines(results, fluxOf),
    ...lessonLines(table),
    ...detail(results),
    ...alarms(results, scenarios),
    ...failures(results),
    ...setting(),
  ].join("\n");
}

const clustersOf = ({ steps }: ScenarioResult): { step: StepResult; cluster: StepCluster }[] =>
  steps.flatMap((step) => step.clusters.map((cluster) => ({ step, cluster })));

const count = (result: ScenarioResult, verdict: string) =>
  clustersOf(result).reduce(
    (sum, { cluster }) => sum + cluster.losses.filter((one) => one.verdict === verdict).length,
    0,
  );

const alarmCount = (result: ScenarioResult) =>
  clustersOf(result).reduce((sum, { cluster }) => sum + cluster.alarms.length, 0);

function longest(result: ScenarioResult): number {
  const all = clustersOf(result).flatMap(({ cluster }) => Object.values(cluster.notReadyFor));
  return Math.round(Math.max(0, ...all) / 1000);
}

function scenarioRow(result: ScenarioResult): string[] {
  return [
    `\`${result.scenario}\``,
    fluxOf(result.generation),
    result.kind,
    String(result.steps.length),
    ...["foretold", "understated", "followed", "said-unknown", "false-safe"].map((verdict) =>
      String(count(result, verdict)),
    ),
    String(alarmCount(result)),
    `${longest(result)} s`,
    result.failures.length === 0 ? "as expected" : "**failed**",
  ];
}

/** The commits whose code was run, with how many runs each where there are several. */
function sayCode(results: ScenarioResult[]): string {
  const runs = groupBy(results, ({ code }) => (code ? `the code of \`${code.commit}\`` : "unknown code"));
  return [...runs].map(([code, { length }]) => `${runs.size > 1 ? length : "all"} with ${code}`).join(", ");
}

function summary(results: ScenarioResult[]): string[] {
  const sum = (of: (one: ScenarioResult) => number) => results.reduce((total, one) => total + of(one), 0);
  const right = results.filter(({ kind }) => kind === "right");
  const lost = sum((one) => clustersOf(one).reduce((all, { cluster }) => all + cluster.losses.length, 0));
  const rightLost = right.reduce(
    (all, one) => all + clustersOf(one).reduce((each, { cluster }) => each + cluster.losses.length, 0),
    0,
  );
  const rightWait = Math.max(0, ...right.map(longest));
  return [
    `${results.length} runs of ${new Set(results.map(({ scenario }) => scenario)).size} scenarios, ${sum(({ steps }) => steps.length)} merges, ${sayCode(results)}.`,
    "",
    ...table(
      ["", ""],
      [
        ["objects deleted or re-created in all runs", String(lost)],
        [
          "of them foretold, or hanging on what was foretold",
          String(sum((one) => count(one, "foretold") + count(one, "understated") + count(one, "followed"))),
        ],
        ["of them called unknown", String(sum((one) => count(one, "said-unknown")))],
        ["**called safe (false safe)**", `**${sum((one) => count(one, "false-safe"))}**`],
        ["alarms that did not come true", String(sum(alarmCount))],
        [
          "objects deleted in the right scenarios",
          `${rightLost}, all named by the plan: ${right.every((one) => count(one, "false-safe") === 0) ? "yes" : "no"}`,
        ],
        [
          "longest time a FluxKustomization was not Ready in a right scenario",
          `${rightWait} s (the runbook waits ${RUNBOOK_WAIT} s)`,
        ],
        ["runs that did not go as expected", String(results.filter(({ failures: all }) => all.length > 0).length)],
      ],
    ),
    "",
  ];
}

/** Objects that went, step by step; steps in which nothing went are not listed. */
function detail(results: ScenarioResult[]): string[] {
  const rows = results.flatMap((result) =>
    clustersOf(result)
      .filter(({ cluster }) => cluster.losses.length > 0)
      .map(({ step, cluster }) => [
        `\`${result.scenario}\``,
        fluxOf(result.generation),
        `${cell(step.name)}${result.steps.some((one) => one.clusters.length > 1) ? ` (${cluster.cluster})` : ""}`,
        step.by === "plan" ? "written" : step.safe ? "safe" : "not safe",
        shorten(
          cluster.losses.map(
            ({ object, outcome, verdict }) =>
              `${object}${outcome === "recreated" ? " (re-created)" : ""}${verdict === "false-safe" ? " **false safe**" : verdict === "foretold" ? "" : ` (${verdict})`}`,
          ),
        ),
      ]),
  );
  const lines = table(["scenario", "Flux", "step", "fluxlift said", "went"], rows);
  return ["## What went, step by step", "", "Steps that are not listed deleted nothing.", "", ...lines, ""];
}

function shorten(objects: string[]): string {
  const shown = objects.slice(0, 12).map(cell).join(", ");
  return objects.length > 12 ? `${objects.length} objects: ${shown}, …` : shown;
}

function alarms(results: ScenarioResult[], scenarios: Scenario[]): string[] {
  const rows = results.flatMap((result) =>
    clustersOf(result)
      .filter(({ cluster }) => cluster.alarms.length > 0)
      .flatMap(({ step, cluster }) => {
        const reasons = new Map<string, string[]>();
        for (const alarm of cluster.alarms) {
          const known =
            step === result.steps.at(-1) ? scenarios.find(({ id }) => id === result.scenario)?.alarms : undefined;
          const reason = known ?? explainAlarm(alarm, cluster);
          reasons.set(reason, [...(reasons.get(reason) ?? []), `${alarm.object} (${alarm.said})`]);
        }
        return [...reasons].map(([reason, objects]) => [
          `\`${result.scenario}\``,
          fluxOf(result.generation),
          cell(step.name),
          shorten(objects),
          cell(reason),
        ]);
      }),
  );
  const none =
    rows.length === 0 ? ["None."] : table(["scenario", "Flux", "step", "alarm", "why it did not come true"], rows);
  return [
    "## False alarms",
    "",
    "fluxlift speaks for every order of reconciling; a run shows one of them.",
    "",
    ...none,
    "",
  ];
}

function failures(results: ScenarioResult[]): string[] {
  const failed = results.filter(({ failures: all }) => all.length > 0);
  const lines = failed.flatMap((one) =>
    one.failures.map((what) => `- \`${one.scenario}\` on Flux ${fluxOf(one.generation)}: ${cell(what).slice(0, 600)}`),
  );
  return ["## Not as expected", "", ...(lines.length > 0 ? lines : ["Nothing."]), ""];
}

function setting(): string[] {
  const rows = [...CONTROL_PLANE, OPERATOR, SOPS, HELM].map(({ name, version }) => [name, version, version]);
  const [old, recent] = GENERATIONS;
  for (const component of old?.components ?? []) {
    rows.push([
      component.name,
      component.version,
      recent?.components.find(({ name }) => name === component.name)?.version ?? "",
    ]);
  }
  return [
    "## What ran",
    "",
    ...table(["", `Flux ${old?.flux} (old)`, `Flux ${recent?.flux} (new)`], rows),
    "",
    "Stand-ins:",
    "",
    ...GENERATIONS.flatMap(({ flux, standIns }) => standIns.map((one) => `- Flux ${flux}: ${one}`)),
    "- Pods are kwok's: nothing runs in them. A Deployment of a Flux controller or of the operator is represented by its real",
    "  binary as a process on loopback, started with the arguments of the Deployment and a token of its ServiceAccount, restarted",
    "  when the pod template changes, and ended when the Deployment or the ServiceAccount goes. The image controllers and",
    "  source-watcher have no process; their CRDs and Deployments are real.",
    "- The charts `flux-operator` and `flux-instance` and `flux-manifests` come from a registry on loopback that answers as",
    "  ghcr.io. They are our own minimal charts, with the CRDs of the operator's module and the values of flux-facts 5.4; the",
    "  manifests are those in the operator's module.",
    "",
  ];
}
