import type { Plan } from "../contract/plan.ts";
import type { MeasureTargets } from "../contract/runbook.ts";
import { assetText } from "../files/asset.ts";
import { resourceOf } from "../runbook/commands.ts";
import { listClusters } from "./summary.ts";
import { flatten } from "./terminal.ts";

/**
 * Renders `preflight.sh`: a POSIX script that reads the live cluster and prints what it found as the JSON that
 * `--facts` takes, with notes for a person on stderr. Its only call of kubectl is `kubectl get`; of Secrets it asks
 * for the name and nothing else.
 */
export function renderPreflight(plan: Plan): string {
  const clusters = listClusters(plan);
  const names = clusters.map((cluster) => cluster.cluster);
  return [
    "#!/bin/sh",
    `# Written by fluxlift ${flatten(plan.version, "")}. Measures what a plan assumes, and changes nothing: the only verb is 'kubectl get'.`,
    `# Use: sh preflight.sh${names.length > 1 ? " CLUSTER" : ""} > facts.json, then: fluxlift plan --facts facts.json`,
    "# CONTEXT=name picks a kubectl context; without it the current one is used.",
    "set -u",
    "LC_ALL=C",
    "export LC_ALL",
    "",
    chooseCluster(clusters.map((cluster) => [cluster.cluster, cluster.runbook.measure])),
    // The same for every repository; reads CLUSTER, NS, SOURCES, GUARDS and NEEDS.
    assetText("./preflight.sh", import.meta.url),
  ].join("\n");
}

function chooseCluster(clusters: [name: string, targets: MeasureTargets][]): string {
  const names = clusters.map(([name]) => flatten(name, ""));
  const fallback = names.length === 1 ? quote(names[0]!) : "";
  const cases = clusters.map(([name, targets]) => `  ${quote(flatten(name, ""))})\n${assign(targets)}\n    ;;`);
  return [
    `CLUSTER=\${1:-${fallback}}`,
    'case "$CLUSTER" in',
    ...cases,
    "  *)",
    `    printf '%s\\n' ${quote(`usage: sh preflight.sh CLUSTER, where CLUSTER is one of: ${names.join(", ") || "none"}`)} >&2`,
    "    exit 2",
    "    ;;",
    "esac",
    "",
  ].join("\n");
}

/** Lists are lines of fields between `|`, which no Kubernetes name holds. */
function assign(targets: MeasureTargets): string {
  const sources = targets.sources.map(({ kind, namespace, name }) => [resourceOf(kind), namespace, name]);
  const guards = targets.guards.map(({ kind, namespace, name, field, value }) => [
    ...[resourceOf(kind), namespace, name, field, value, kind],
  ]);
  const needs = targets.needs.map(({ kind, namespace, name }) => [kind.toLowerCase(), namespace, name, kind]);
  return [
    `    NS=${quote(flatten(targets.namespace, ""))}`,
    `    SOURCES=${quoteRows(sources)}`,
    `    GUARDS=${quoteRows(guards)}`,
    `    NEEDS=${quoteRows(needs)}`,
  ].join("\n");
}

function quoteRows(rows: string[][]): string {
  return quote(rows.map((row) => row.map((field) => flatten(field, "").replaceAll("|", "")).join("|")).join("\n"));
}

/** Quotes for sh. The value may come from a saved plan, so nothing in it may be read as shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
