import type { Script } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import type { MeasureTargets } from "../contract/runbook.ts";
import { type Command, quotedLines, sh, shellComment, shellScript } from "../contract/shell.ts";
import { visible } from "../contract/visible.ts";
import { assetText } from "../files/asset.ts";
import { resourceOf } from "../runbook/commands.ts";
import { listClusters } from "./summary.ts";

/**
 * Renders `preflight.sh`: a POSIX script that reads the live cluster and prints what it found as the JSON that
 * `--facts` takes, with notes for a person on stderr. Its only call of kubectl is `kubectl get`; of Secrets it asks
 * for the name and nothing else.
 */
export function renderPreflight(plan: Plan): Script {
  const clusters = listClusters(plan);
  const names = clusters.map((cluster) => cluster.cluster);
  return shellScript(
    [
      sh`#!/bin/sh`,
      shellComment(
        `Written by fluxlift ${plan.version}. Measures what a plan assumes, and changes nothing: the only verb is 'kubectl get'.`,
      ),
      shellComment(
        `Use: sh preflight.sh${names.length > 1 ? " CLUSTER" : ""} > facts.json, then: fluxlift plan --facts facts.json`,
      ),
      shellComment("CONTEXT=name picks a kubectl context; without it the current one is used."),
      sh`set -u`,
      sh`LC_ALL=C`,
      sh`export LC_ALL`,
      sh``,
      ...chooseCluster(clusters.map((cluster) => [cluster.cluster, cluster.runbook.measure])),
    ],
    // The same for every repository; reads CLUSTER, NS, SOURCES, GUARDS and NEEDS.
    assetText("./preflight.sh", import.meta.url),
  );
}

function chooseCluster(clusters: [name: string, targets: MeasureTargets][]): Command[] {
  const names = clusters.map(([name]) => name);
  const fallback = names.length === 1 ? quotedLines([names[0]!]) : sh``;
  const usage = `usage: sh preflight.sh CLUSTER, where CLUSTER is one of: ${names.join(", ") || "none"}`;
  return [
    sh`CLUSTER=\${1:-${fallback}}`,
    sh`case "$CLUSTER" in`,
    ...clusters.flatMap(([name, targets]) => [sh`  ${quotedLines([name])})`, ...assign(targets), sh`    ;;`]),
    sh`  *)`,
    sh`    printf '%s\\n' ${usage} >&2`,
    sh`    exit 2`,
    sh`    ;;`,
    sh`esac`,
    sh``,
  ];
}

/** Lists are lines of fields between `|`, which no Kubernetes name holds. */
function assign(targets: MeasureTargets): Command[] {
  const sources = targets.sources.map(({ kind, namespace, name }) => [resourceOf(kind), namespace, name]);
  const guards = targets.guards.map(({ kind, namespace, name, field, value }) => [
    ...[resourceOf(kind), namespace, name, field, value, kind],
  ]);
  const needs = targets.needs.map(({ kind, namespace, name }) => [kind.toLowerCase(), namespace, name, kind]);
  return [
    sh`    NS=${quotedLines([targets.namespace])}`,
    sh`    SOURCES=${quoteRows(sources)}`,
    sh`    GUARDS=${quoteRows(guards)}`,
    sh`    NEEDS=${quoteRows(needs)}`,
  ];
}

function quoteRows(rows: string[][]): Command {
  return quotedLines(rows.map((row) => row.map((field) => visible(field).replaceAll("|", "")).join("|")));
}
