import type { Plan } from "../contract/plan.ts";
import type { MeasureTargets } from "../contract/runbook.ts";
import { quotedLines, sh } from "../contract/shell.ts";
import { visible } from "../contract/visible.ts";
import { assetText } from "../files/asset.ts";
import { resourceOf } from "../runbook/commands.ts";
import { listClusters } from "./summary.ts";

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
    `# Written by fluxlift ${visible(plan.version)}. Measures what a plan assumes, and changes nothing: the only verb is 'kubectl get'.`,
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
  const names = clusters.map(([name]) => name);
  const fallback = names.length === 1 ? quotedLines([names[0]!]).line : "";
  const cases = clusters.map(([name, targets]) => `  ${quotedLines([name]).line})\n${assign(targets)}\n    ;;`);
  const usage = `usage: sh preflight.sh CLUSTER, where CLUSTER is one of: ${names.join(", ") || "none"}`;
  return [
    `CLUSTER=\${1:-${fallback}}`,
    'case "$CLUSTER" in',
    ...cases,
    "  *)",
    sh`    printf '%s\\n' ${usage} >&2`.line,
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
    `    NS=${quotedLines([targets.namespace]).line}`,
    `    SOURCES=${quoteRows(sources)}`,
    `    GUARDS=${quoteRows(guards)}`,
    `    NEEDS=${quoteRows(needs)}`,
  ].join("\n");
}

function quoteRows(rows: string[][]): string {
  return quotedLines(rows.map((row) => row.map((field) => visible(field).replaceAll("|", "")).join("|"))).line;
}
