import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fluxOf, GENERATIONS } from "../install/components.ts";
import type { StepCluster, StepResult } from "../record/result.ts";
import { cell, table } from "../report/table.ts";
import { TREES } from "./list.ts";
import type { Rebuilt, TreeResult } from "./result.ts";
import { readTreeResults } from "./run.ts";

const target = join(import.meta.dirname, "../../docs/live-trees.md");

/** Writes docs/live-trees.md from the results at hand, and keeps what it says of other runs; returns 1 when one of them failed. */
export function writeTreesPage(log: (line: string) => void): number {
  const results = readTreeResults();
  writeFileSync(target, treesText(results, existsSync(target) ? readFileSync(target, "utf8") : ""));
  log("wrote docs/live-trees.md");
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/**
 * The page, a pure function of the results and of the page so far, whose runs may have been made on another machine. Those on a
 * Flux that the bench brings up no more go.
 */
export function treesText(results: TreeResult[], before = ""): string {
  const made: Run[] = results.map((one) => ({ cells: row(one), section: detail(one) }));
  const keys = new Set(made.map(keyOf));
  const kept = runsOf(before).filter(
    (one) => !keys.has(keyOf(one)) && GENERATIONS.some(({ flux }) => flux === one.cells[2]),
  );
  const runs = [...made, ...kept].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return [
    "# Real trees, live",
    "",
    "Written by `npm run e2e -- --trees --report` (see [e2e/README.md](../e2e/README.md)); do not edit. Public repositories of",
    "[corpus.md](corpus.md), brought up on a real API server with real Flux controllers and taken through the phases. Columns as in",
    "[live-proof.md](live-proof.md). `with the way back`: after each phase back by its runbook, and forward again. `rebuilt from zero`: the",
    "phases written without a cluster, then an empty one brought up by the commands of the runbook's rebuild section alone. `rebuilt its own",
    "way`: the same by the owner's tasks as the phases rewrote them, run by the real programs.",
    "",
    ...(runs.length > 0 ? overview(runs) : ["No tree has been run yet."]),
    "",
    ...notRun(runs),
    ...runs.flatMap(({ section }) => section),
    "## What stands in for what",
    "",
    "- Charts, repositories and artifacts of others: one ConfigMap each, under the name and version that is asked for; of a folder that a kustomization builds from elsewhere also what the tree patches there.",
    "- Kinds of other projects: definitions that take anything. Claims are bound, and Secrets that nothing in the tree makes are there.",
    "- Encrypted files: the same keys with made-up values, encrypted by the real sops to a key of the run.",
    "- The repository is read over HTTPS from loopback, under its own address.",
    "",
  ].join("\n");
}

/** A run as the page shows it. */
interface Run {
  cells: string[];
  section: string[];
}

const keyOf = ({ cells: [tree = "", , flux = ""] }: Run): string => `${tree} on ${flux}`;

/** The runs that a page names, read back from it. */
function runsOf(page: string): Run[] {
  const sections = page.split(/^(?=## )/m);
  return [...page.matchAll(/^\| (`.*) \|$/gm)].map(([, text = ""]) => {
    const cells = text.split(" | ");
    const [, state, way = ""] = /^`([^`]+)`(.*)$/.exec(cells[0]!) ?? [];
    const section = sections.find((one) => one.startsWith(`## ${state} on Flux ${cells[2]}${way}\n`)) ?? "";
    return { cells, section: section === "" ? [] : section.replace(/\n$/, "").split("\n") };
  });
}

const overview = (runs: Run[]): string[] =>
  table(
    [
      "tree",
      "installed by",
      "Flux",
      "steps",
      "foretold",
      "followed",
      "unknown",
      "false safe",
      "alarms",
      "not Ready",
      "result",
      "commit",
    ],
    runs.map(({ cells }) => cells),
  );

/** Trees of the list that have not been through the phases, by Flux release. A rebuild alone shows none of them. */
const notRun = (runs: Run[]): string[] =>
  GENERATIONS.flatMap(({ flux }) => {
    const left = TREES.filter(
      ({ state }) =>
        !runs.some(
          ({ cells: [tree = "", , on] }) =>
            tree.startsWith(`\`${state}\``) && !tree.includes(", rebuilt ") && on === flux,
        ),
    );
    return left.length > 0
      ? [`Not run on Flux ${flux}: ${left.map(({ state }) => `\`${state}\``).join(", ")}.`, ""]
      : [];
  });

const clustersOf = ({ steps }: TreeResult): { step: StepResult; cluster: StepCluster }[] =>
  steps.flatMap((step) => step.clusters.map((cluster) => ({ step, cluster })));

const losses = (result: TreeResult, verdict: string) =>
  String(clustersOf(result).flatMap(({ cluster }) => cluster.losses.filter((one) => one.verdict === verdict)).length);

const longest = (result: TreeResult) =>
  Math.max(
    0,
    ...clustersOf(result).flatMap(({ cluster }) =>
      Object.entries(cluster.notReadyFor).flatMap(([object, milliseconds]) =>
        result.oldState[cluster.cluster]?.[object] === undefined ? [milliseconds] : [],
      ),
    ),
  );

const wayOf = ({ rollback, rebuilt }: TreeResult) =>
  rollback ? ", with the way back" : rebuilt ? `, rebuilt ${rebuilt.by === "owner" ? "its own way" : "from zero"}` : "";

const row = (result: TreeResult): string[] => [
  `\`${result.tree}\`${wayOf(result)}`,
  result.install,
  fluxOf(result.generation),
  String(result.steps.length),
  ...["foretold", "followed", "said-unknown", "false-safe"].map((verdict) => losses(result, verdict)),
  String(clustersOf(result).reduce((sum, { cluster }) => sum + cluster.alarms.length, 0)),
  `${Math.round(longest(result) / 1000)} s`,
  result.failures.length === 0 ? "as expected" : "**failed**",
  `\`${result.code.commit}\``,
];

const rebuiltText = ([cluster, { kustomizations, releases }]: [string, Rebuilt["ready"][string]]) =>
  `${cell(cluster)}: ${kustomizations.join(" of ")} FluxKustomizations, ${releases.join(" of ")} HelmReleases`;

function detail(result: TreeResult): string[] {
  const before = Object.values(result.oldState).flatMap((one) => Object.entries(one));
  const gone = clustersOf(result).flatMap(({ step, cluster }) =>
    cluster.losses.map(({ object, outcome, verdict }) => `${cell(step.name)}: ${cell(object)} ${outcome}, ${verdict}`),
  );
  const list = (title: string, lines: string[]) =>
    lines.length > 0 ? [`${title}:`, "", ...lines.map((one) => `- ${one}`), ""] : [];
  return [
    `## ${result.tree} on Flux ${fluxOf(result.generation)}${wayOf(result)}`,
    "",
    `Stand-ins: ${result.stubs} definitions, ${result.household} objects. It took ${result.seconds} s.`,
    "",
    ...list("Ready on an empty cluster", Object.entries(result.rebuilt?.ready ?? {}).map(rebuiltText)),
    ...list("Edited before it began", result.edits.map(cell)),
    ...list(
      "Not Ready before anything was changed, and not counted afterwards",
      before.map(([object, why]) => `${cell(object)}: ${cell(why).slice(0, 200)}`),
    ),
    ...list("What went", gone),
    ...list(
      "Not as expected",
      result.failures.map((one) => cell(one).slice(0, 400)),
    ),
  ];
}
