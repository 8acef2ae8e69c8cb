import { rootIsRenamed } from "./guards.ts";
import {
  checkAdoption,
  checkHealth,
  quoteShell,
  reconcileRoot,
  resourceOf,
  waitForInstance,
} from "./runbook-commands.ts";
import { installDirectly } from "./runbook-direct.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import { listLeftovers, listOrphanedInstallers } from "./runbook-leftovers.ts";
import { listSourceRefs } from "./runbook-prechecks.ts";
import { leaveTerraform } from "./runbook-terraform.ts";
import type { Phase, RunbookStep } from "./types.ts";

/** The steps of a phase from merging it to knowing that it worked. */
export function listSteps(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  if (input.options.direct) return listDirectSteps(input, marks);
  if (input.phase === "install") return listInstallSteps(input, marks);
  if (input.phase === "cutover") return listCutoverSteps(input, marks);
  return listCleanupSteps(input, marks);
}

function listInstallSteps(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  return [
    merge(input, marks, "The old install stays as it is in this phase. Nothing is removed from the cluster."),
    ...waitForOperator(marks),
    waitForInstance(marks),
    checkAdoption(marks),
    checkHealth(marks),
    continueWith(input, marks, "cutover"),
  ];
}

/** Direct route: operator and instance come first, by hand; one merge brings all phases (design section 5). */
function listDirectSteps(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  if (input.phase === "install") {
    return [...installDirectly(marks), waitForInstance(marks), checkAdoption(marks), checkHealth(marks)];
  }
  if (input.phase === "cutover") {
    const lead =
      "Merge all phases at once, and only now that the instance is Ready and every row of the adoption check is right.";
    return [...leaveTerraform(input), merge(input, marks, lead), ...verifyCutover(input, marks), checkHealth(marks)];
  }
  return [...verifyCleanup(input, marks), ...listLeftovers(input, marks), checkHealth(marks)];
}

function listCutoverSteps(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  return [
    ...leaveTerraform(input),
    merge(
      input,
      marks,
      "This removes the old install from Git. The controllers belong to the FluxInstance now, so Flux leaves them alone.",
    ),
    ...verifyCutover(input, marks),
    checkHealth(marks),
    continueWith(input, marks, "cleanup"),
  ];
}

function listCleanupSteps(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  return [
    merge(input, marks, "This takes out the guards and what the new sync has replaced."),
    ...verifyCleanup(input, marks),
    ...listLeftovers(input, marks),
    checkHealth(marks),
  ];
}

function merge({ cluster, phase, edits, branch, options }: RunbookInput, marks: Landmarks, lead: string): RunbookStep {
  const target = marks.branch ? `\`${marks.branch}\`` : "the branch this cluster reads";
  const elsewhere = cluster.branch && branch && cluster.branch !== branch;
  const files = new Set(edits.map((edit) => edit.path)).size;
  const root = phase === "cleanup" ? (marks.sync ?? marks.root.name) : marks.root.name;
  return {
    title: options.direct ? "Merge everything" : `Merge the ${phase} phase`,
    body: [
      lead,
      `Commit ${files === 1 ? "the one changed file" : files === 0 ? "the changed files" : `the ${files} changed files`} and nothing else, and merge them into ${target}.`,
      ...(elsewhere
        ? [
            `${cluster.name} reads \`${cluster.branch}\`, not \`${branch}\`, which is checked out: the change has no effect before it is on \`${cluster.branch}\`.`,
          ]
        : []),
    ],
    commands: [reconcileRoot(marks, root)],
    expect: "The applied revision is the merge commit.",
  };
}

function waitForOperator(marks: Landmarks): RunbookStep[] {
  const { namespace, operator, instance } = marks;
  const releases = [operator, instance].flatMap((app) => (app ? [app.release] : []));
  if (releases.length === 0) return [];
  const first = operator?.release ?? releases[0]!;
  return [
    {
      title: "Wait for the operator",
      body: ["Nothing has touched the running controllers up to here."],
      commands: [
        `until kubectl -n ${namespace} get ${resourceOf("HelmRelease")} ${first} >/dev/null 2>&1; do sleep 5; done`,
        `kubectl -n ${namespace} wait ${resourceOf("HelmRelease")}/${first} --for=condition=Ready --timeout=10m`,
        `kubectl -n ${namespace} get ${resourceOf("HelmRelease")} ${releases.join(" ")}`,
      ],
      expect: `\`${first}\` is Ready.${releases.length > 1 ? ` \`${releases[1]}\` follows.` : ""}`,
    },
  ];
}

function verifyCutover(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  const { namespace, sync, source, installers, oldSource } = marks;
  const steps: RunbookStep[] = [];
  if (sync && source) {
    steps.push({
      title: "Check that everything reads from the generated source",
      body: [],
      commands: [
        `kubectl -n ${namespace} get ${resourceOf(source.kind)}/${sync} ${resourceOf("Kustomization")}/${sync}`,
        ...(oldSource ? [listSourceRefs(oldSource.kind, oldSource.name)] : []),
      ],
      expect: oldSource
        ? `Both are Ready at the same revision, and no FluxKustomization is listed as reading from ${oldSource.kind} ${oldSource.name}.`
        : "Both are Ready at the same revision.",
    });
  }
  steps.push(...listOrphanedInstallers(input, marks));
  const gone = installers.map((object) => `${resourceOf(object.kind)}/${object.name}`);
  if (gone.length > 0) {
    steps.push({
      title: "Check that the old install is gone and the controllers are not",
      body: [],
      commands: [
        ...gone.map((name) => `kubectl -n ${namespace} get ${name} --ignore-not-found`),
        `kubectl -n ${namespace} get deployments -l app.kubernetes.io/managed-by=flux-operator`,
      ],
      expect: "Nothing for the first commands; every controller is available in the last list.",
    });
  }
  return steps;
}

function verifyCleanup(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  const { oldSource, namespace, root } = marks;
  const renamed = rootIsRenamed(input.cluster, input.options);
  const gone = [
    ...(oldSource ? [`${resourceOf(oldSource.kind)}/${oldSource.name}`] : []),
    ...(renamed ? [`${resourceOf("Kustomization")}/${root.name}`] : []),
  ];
  if (gone.length === 0) return [];
  return [
    {
      title: "Check that what was replaced is gone",
      body: [],
      commands: gone.map((name) => `kubectl -n ${oldSource?.namespace || namespace} get ${name} --ignore-not-found`),
      expect: "Nothing. What is still listed is an orphan; see the leftovers below.",
    },
  ];
}

function continueWith({ options, cluster }: RunbookInput, marks: Landmarks, next: Phase): RunbookStep {
  const flags = [
    ...(options.clusters.length > 0 ? ["--cluster", quoteShell(cluster.name)] : []),
    ...(options.sync === "adopt" ? [] : ["--sync", options.sync]),
  ];
  const others = options.clusters.length > 1 ? [describeOrder(options.clusters, cluster.name)] : [];
  return {
    title: `Go on to ${next}`,
    body: [
      `Only when every step above is done${marks.branch ? `, from an up-to-date checkout of \`${marks.branch}\`` : ""}. There is no hurry: ${next === "cutover" ? "until then both descriptions are in Git, and only the FluxInstance acts" : "what cleanup takes out does no harm"}.`,
      ...others,
    ],
    commands: [["fluxlift plan --phase", next, ...flags].join(" ")],
  };
}

function describeOrder(clusters: readonly string[], name: string): string {
  const after = clusters.slice(clusters.indexOf(name) + 1);
  const order = `The order you gave is ${clusters.join(", ")}.`;
  return after.length > 0 ? `${order} Let ${name} run through all phases before ${after[0]} begins.` : order;
}
