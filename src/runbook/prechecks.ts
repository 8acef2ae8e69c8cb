import { sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { checkAdoption, hasDisk } from "./health.ts";
import { type Step, templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();

const pointKubectl = step({
  title: ({ cluster }) => `Point kubectl at the cluster ${cluster}`,
  body: "Every command below runs against this one cluster.",
  commands: [
    sh`kubectl config current-context`,
    ({ source }) =>
      source && sh`${run.kubectl("get", source)} -o custom-columns='NAME:.metadata.name,URL:.spec.url,REF:.spec.ref'`,
    ({ root }) =>
      sh`${run.kubectl("get", root)} -o custom-columns='NAME:.metadata.name,PATH:.spec.path,PRUNE:.spec.prune'`,
  ],
  expect: ({ source, root }) =>
    `${source ? `The source reads \`${source.url}\`, ${source.ref}; the` : "The"} root reads \`${root.path}\`.`,
});

function planFlags({ cluster, phase, strategy, operatorRuns }: RunbookFacts): string[] {
  const sync = strategy === "adopt" ? [] : ["--sync", strategy];
  return ["--phase", phase, ...(operatorRuns ? ["--direct"] : []), "--cluster", cluster, ...sync];
}

const measure = step({
  when: ({ measured }) => !measured,
  title: "Measure instead of assuming",
  body: "`preflight.sh` measures what the plan assumes in one go and changes nothing; with `--facts` fluxlift compares its answers with the plan.",
  commands: [
    (facts) => sh`fluxlift plan ${planFlags(facts)} --format preflight > preflight.sh`,
    ({ cluster }) => sh`sh preflight.sh ${cluster} > facts.json`,
    (facts) => sh`fluxlift plan ${planFlags(facts)} --facts facts.json`,
  ],
  expect: "No finding whose rule begins with `facts-`.",
});

const compareVersion = step({
  title: "Compare the running Flux version with the plan",
  measured: true,
  body: "The first reconcile of the operator has no downgrade guard: a plan made for an older version would replace newer controllers and CRDs.",
  commands: [
    sh`flux version`,
    ({ namespace }) =>
      sh`kubectl -n ${namespace} get deployments -l app.kubernetes.io/part-of=flux -o custom-columns='NAME:.metadata.name,FLUX:.metadata.labels.app\\.kubernetes\\.io/version,IMAGE:.spec.template.spec.containers[0].image'`,
  ],
  expect: ({ version }) =>
    version
      ? `\`${version}\`, or a patch release of the same minor. Anything else: plan again with \`--flux-version\`.`
      : "The version floats in this repository, so nothing says what runs: plan again with `--flux-version` and what you see here.",
});

const checkStoredVersions = step({
  title: "Check that no CRD still stores an old version",
  measured: true,
  body: "The API server refuses a CRD that drops a version objects may still be stored in.",
  commands: sh`kubectl get customresourcedefinitions -l app.kubernetes.io/part-of=flux -o custom-columns='CRD:.metadata.name,STORED:.status.storedVersions'`,
  expect: "One version a row. Where there are two, run `flux migrate` (Flux CLI 2.7 or newer) before any Flux upgrade.",
});

const checkSync = step({
  title: "Check that the sync is healthy",
  body: "A root that fails now would keep the FluxInstance from becoming Ready.",
  commands: [
    ({ source, root, sync, phase }) => {
      const now = source && { kind: source.kind, name: (phase === "cleanup" && sync) || source.name };
      return sh`kubectl -n ${root.namespace} get ${[...(now ? [now] : []), root].map(run.slashed)}`;
    },
    ...run.NOT_READY,
  ],
  expect: "`READY` is `True` for the first command; the other lists are empty, or hold only what you know about.",
});

const checkSuspended = step({
  when: ({ guards, phase }) => guards.filter(({ field }) => field === "suspend" && phase !== "install"),
  title: "Check that nothing is suspended",
  measured: true,
  body: "A suspended object does not follow the change; when it is resumed later it applies and prunes at once.",
  commands: () => {
    const kinds = ["Kustomization", "HelmRelease", "GitRepository", "OCIRepository"].map(run.resourceOf).join(",");
    return sh`kubectl get ${kinds} -A -o jsonpath='{range .items[?(@.spec.suspend==true)]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'`;
  },
  expect: ({ suspended }, known) => {
    const names = [...known, ...suspended].map(({ kind, namespace, name }) => `\`${kind} ${namespace}/${name}\``);
    return names.length > 0 ? `Only ${[...new Set(names)].join(", ")}, suspended on purpose.` : "No output.";
  },
});

/** Bootstrap puts instance and version on the pods, the operator does not (trap 39). */
const findSelectors = step({
  when: ({ losesPodLabels }) => losesPodLabels,
  title: "Look for what selects Flux pods by labels that go",
  body: "The pods of the controllers lose the labels `app.kubernetes.io/instance` and `app.kubernetes.io/version`; `app`, `app.kubernetes.io/component` and `app.kubernetes.io/part-of` stay. A PodMonitor, NetworkPolicy or dashboard that selects by the former finds nothing afterwards.",
  commands: ({ namespace }) => sh`git grep -nE ${`app[.]kubernetes[.]io/instance["']?: *["']?${namespace}`}`,
  expect: "No selector of Flux pods among the lines; change one to `app.kubernetes.io/part-of: flux` before the merge.",
});

const chooseMoment = step({
  title: "Choose a moment when Git and the registries answer",
  body: (facts) => {
    const source = facts.source ? `\`${facts.source.url}\`` : "the source";
    const all = `${source}, every chart and \`oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests\``;
    const loss = hasDisk(facts)
      ? `What source-controller does not find on its claim is fetched again, of ${all}`
      : `source-controller loses its cache and must fetch ${all} again`;
    return `The controllers restart in this phase. ${loss}; until then nothing is applied, and nothing is pruned.`;
  },
  commands: sh`flux get sources all -A`,
  expect: "Every source is `True` and was fetched recently.",
});

const checkInstance = step({
  title: "Check that the FluxInstance is Ready",
  measured: true,
  body: "Never merge this phase before: without a Ready instance Flux would delete its own controllers.",
  commands: ({ namespace }) => run.waitForInstance(namespace, "1m"),
  expect: "`fluxinstance.fluxcd.controlplane.io/flux condition met`",
});

/** Also of install, once it is merged: what cutover rests on. */
export const checkGuards = step({
  when: ({ guards }) => guards.length > 0 && guards,
  title: "Check that the guards are in effect",
  measured: true,
  body: "Flux reads them from the live objects, so being in Git is not enough.",
  commands: (_, guards) =>
    guards.map((guard) => sh`${run.kubectl("get", guard)} -o jsonpath=${`{.spec.${guard.field}}{"\\n"}`}`),
  expect: (_, guards) => guards.map(({ value, name }) => `\`${value}\` for ${name}`).join(", "),
});

/** Cleanup drops the old source, so nothing may read from it any more. */
const checkReaders = step({
  when: ({ oldSource }) => oldSource,
  title: (_, { kind, name }) => `Check that nothing reads ${kind} ${name} any more`,
  body: "What still reads from a source that goes away is not deleted, but it stops following Git.",
  commands: (_, old) => run.listReaders(old),
  expect: ({ sync }, { kind }) => `No output: everything reads from ${kind} ${sync}.`,
});

const begin = [pointKubectl, measure];
const healthy = [checkSync, checkSuspended];

/** What must hold in the cluster before a phase is merged. */
export const PRE_CHECKS: Record<RunbookFacts["phase"], readonly Step<RunbookFacts>[]> = {
  install: [...begin, compareVersion, checkStoredVersions, ...healthy, findSelectors, chooseMoment],
  cutover: [...begin, checkInstance, checkAdoption, checkGuards, ...healthy],
  cleanup: [...begin, checkInstance, checkReaders, checkGuards, ...healthy],
};

/** Once the files of all phases are written there is no plan that preflight.sh could be measured against. */
const byHand = (steps: readonly Step<RunbookFacts>[]): Step<RunbookFacts>[] =>
  steps.map((of) => (facts) => of(facts).map(({ measured: _, ...rest }) => rest));

/** The same on the direct route: one merge brings cutover and cleanup. */
export const DIRECT_PRE_CHECKS: typeof PRE_CHECKS = {
  install: PRE_CHECKS.install,
  cutover: byHand([checkInstance, checkAdoption, checkGuards, ...healthy]),
  cleanup: [],
};
