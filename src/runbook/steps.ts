import { SUSPEND_RELEASE } from "../contract/runbook.ts";
import { sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { checkAdoption, checkHealth, deleteOrphans, helmRecords, LEFTOVERS, waitForTakeover } from "./health.ts";
import { checkGuards } from "./prechecks.ts";
import { type Step, templatesFor } from "./template.ts";
import { leaveTerraform } from "./terraform.ts";

const step = templatesFor<RunbookFacts>();
const COUNTS: Record<number, string> = { 0: "the changed files", 1: "the one changed file" };

const merge = (lead: string) =>
  step({
    title: ({ direct, phase }) => (direct ? "Merge everything" : `Merge the ${phase} phase`),
    body: [
      lead,
      ({ cluster, direct, files, isOneOfSeveral, target }) => {
        const changed = direct ? "the changed files of all phases" : (COUNTS[files] ?? `the ${files} changed files`);
        const whose = isOneOfSeveral ? ` of cluster ${cluster}, alone or with those of the other clusters,` : "";
        return `Commit ${changed}${whose} and nothing else, and merge them into ${target}.`;
      },
      ({ direct }) =>
        direct &&
        "A `fluxlift verify` in the pull request ends with 1 here: it reads Git alone, which does not show that the operator owns what the old install applied. The adoption check is what shows it.",
      ({ cluster, tag }) =>
        tag &&
        (tag.isRange
          ? `${cluster} reads the newest tag within \`${tag.name}\`: the change has no effect before it is tagged. Give each phase a tag of its own.`
          : `${cluster} reads the tag \`${tag.name}\`: the change has no effect before that tag is moved to it. Move it to each phase by itself.`),
      ({ cluster, publisher }) =>
        publisher &&
        `${cluster} reads what \`${publisher}\` publishes: the change has no effect before somebody runs that, from a checkout of this merge. Publish each phase by itself.`,
      ({ cluster, branch, checkedOut }) =>
        checkedOut &&
        `${cluster} reads \`${branch}\`, not \`${checkedOut}\`, which is checked out: the change has no effect before it is on \`${branch}\`.`,
    ],
    commands: ({ phase, sync, root }) => run.reconcile(root.namespace, (phase === "cleanup" && sync) || root.name),
    expect: ({ publisher }) =>
      publisher ? "The applied revision is the artifact of the merge." : "The applied revision is the merge commit.",
  });

const waitForOperator = step({
  when: ({ operator, instance }) => operator ?? instance,
  title: "Wait for the operator",
  body: "Nothing has touched the running controllers up to here.",
  commands: ({ operator, instance, namespace }, { release }) => {
    const first = { kind: "HelmRelease", namespace, name: release };
    const second = operator && instance ? [instance.release] : [];
    return [
      run.until(run.kubectl("get", first)),
      run.waitFor(first, "10m"),
      sh`${[run.kubectl("get", first), ...second]}`,
    ];
  },
  expect: ({ operator, instance }, { release }) =>
    `\`${release}\` is Ready.${operator && instance ? ` \`${instance.release}\` follows.` : ""}`,
});

/**
 * By hand, with the release names, namespace and values of the generated files, so that helm-controller finds its own
 * release when the files arrive. Helm reads the values from the file that Flux will read.
 */
const installApp = (which: "operator" | "instance", body: string) =>
  step({
    when: (facts) => facts[which],
    title: `Install the ${which}`,
    body,
    commands: (_, app) => run.helmInstall(app, which),
    expect: (_, { release }) => `\`STATUS: deployed\` for release \`${release}\`.`,
  });
const installOperator = installApp(
  "operator",
  "Run this from the root of the checkout that holds the planned files (`fluxlift migrate` writes them); do not merge them yet.",
);
const installInstance = installApp(
  "instance",
  "From here on the operator owns the controllers. Never uninstall this release: that uninstalls Flux.",
);

const applyInstance = step({
  when: ({ instance, instanceFile }) => !instance && instanceFile,
  title: "Apply the FluxInstance",
  body: ({ root, isInstanceFilled }) =>
    `From here on the operator owns the controllers. Never delete this object: that uninstalls Flux.${isInstanceFilled ? ` It has variables that the root \`${root.name}\` fills in, so it is applied as the root would: by the file alone they would reach the cluster as text.` : ""}`,
  commands: ({ namespace, root, isInstanceFilled }, file) =>
    isInstanceFilled ? run.applyBuilt(root, "FluxInstance") : run.applyFile(namespace, file),
  expect: "`fluxinstance.fluxcd.controlplane.io/flux serverside-applied`",
});

/**
 * One merge adds the suspension and deletes its file, so it never reaches the cluster by Git: without this step whoever
 * deletes the release uninstalls Flux (trap 62). The CLI owns the field, and Flux leaves it to whoever set it.
 */
const suspendRelease = step({
  when: ({ guards }) => {
    const releases = guards.filter(({ field }) => field === "suspend");
    return releases.length > 0 && releases;
  },
  title: SUSPEND_RELEASE,
  body: "Deleting a HelmRelease uninstalls what it installed, here Flux itself; a suspended one is left alone. Its file goes with the one merge below, so Git never suspends it: do it now, before anything else, and do not resume it.",
  commands: (_, releases) => [
    ...releases.map(({ namespace, name }) => run.suspend(namespace, name)),
    ...releases.map((release) => sh`${run.kubectl("get", release)} -o jsonpath='{.spec.suspend}{"\\n"}'`),
  ],
  expect: (_, releases) => releases.map(({ name }) => `\`true\` for ${name}`).join(", "),
});

const checkSource = step({
  when: ({ sync, source }) => sync && source && [source.kind, "Kustomization"].map((kind) => ({ kind, name: sync })),
  title: "Check that everything reads from the generated source",
  commands: [
    ({ namespace }, both) => sh`kubectl -n ${namespace} get ${both.map(run.slashed)}`,
    ({ oldSource }) => oldSource && run.listReaders(oldSource),
  ],
  expect: ({ oldSource: old }) =>
    old
      ? `Both are Ready at the same revision, and nothing is listed as reading from ${old.kind} ${old.name}.`
      : "Both are Ready at the same revision.",
});

const checkInstallGone = step({
  when: ({ installers }) => installers.length > 0 && installers,
  title: "Check that the old install is gone and the controllers are not",
  commands: ({ namespace }, installers) => [
    ...installers.map(run.getIfThere),
    sh`kubectl -n ${namespace} get deployments -l app.kubernetes.io/managed-by=flux-operator`,
  ],
  expect: "Nothing for the first commands; every controller is available in the last list.",
});

const checkReplacedGone = step({
  when: ({ replaced }) => replaced.length > 0 && replaced,
  title: "Check that what was replaced is gone",
  commands: (_, gone) => gone.map(run.getIfThere),
  expect: "Nothing. What is still listed is an orphan; see the leftovers below.",
});

const continueWith = (next: "cutover" | "cleanup", noHurry: string) =>
  step({
    title: `Go on to ${next}`,
    body: [
      ({ branch }) =>
        `Only when every step above is done${branch ? `, from an up-to-date checkout of \`${branch}\`` : ""}. There is no hurry: ${noHurry}.`,
      ({ order, cluster }) => order.length > 1 && describeOrder(order, cluster),
    ],
    commands: ({ order, cluster, strategy, operatorRuns }) => {
      const direct = operatorRuns ? ["--direct"] : [];
      const only = order.length > 0 ? ["--cluster", cluster] : [];
      const sync = strategy === "adopt" ? [] : ["--sync", strategy];
      return sh`fluxlift plan --phase ${[next, ...direct, ...only, ...sync]}`;
    },
  });

function describeOrder(clusters: readonly string[], name: string): string {
  const next = clusters[clusters.indexOf(name) + 1];
  const order = `The order you gave is ${clusters.join(", ")}.`;
  return next === undefined ? order : `${order} Let ${name} run through all phases before ${next} begins.`;
}

const TAKEOVER = [waitForTakeover, checkAdoption, checkHealth];
const CHECK_CUTOVER = [checkSource, deleteOrphans, checkInstallGone, helmRecords, checkHealth];
const CHECK_CLEANUP = [checkReplacedGone, ...LEFTOVERS, checkHealth];

type Steps = Record<RunbookFacts["phase"], readonly Step<RunbookFacts>[]>;

/** From merging a phase to knowing that it worked. */
export const STEPS: Steps = {
  install: [
    merge("The old install stays as it is in this phase. Nothing is removed from the cluster."),
    waitForOperator,
    ...TAKEOVER,
    checkGuards,
    continueWith("cutover", "until then both descriptions are in Git, and only the FluxInstance acts"),
  ],
  cutover: [
    leaveTerraform,
    merge(
      "This removes the old install from Git. The controllers belong to the FluxInstance now, so Flux leaves them alone.",
    ),
    ...CHECK_CUTOVER,
    continueWith("cleanup", "what cleanup takes out does no harm"),
  ],
  cleanup: [merge("This takes out the guards and what the new sync has replaced."), ...CHECK_CLEANUP],
};

const ALL_AT_ONCE =
  "Merge all phases at once, and only now that the instance is Ready and every row of the adoption check is right.";

/** Operator and instance come first, by hand; one merge brings all phases. */
export const DIRECT_STEPS: Steps = {
  install: [suspendRelease, installOperator, installInstance, applyInstance, ...TAKEOVER],
  cutover: [leaveTerraform, merge(ALL_AT_ONCE), ...CHECK_CUTOVER],
  cleanup: CHECK_CLEANUP,
};
