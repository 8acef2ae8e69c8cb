import { groupBy } from "../contract/group-by.ts";
import type { Facts } from "../contract/options.ts";
import type { MeasureTargets, Runbook } from "../contract/runbook.ts";
import type { RunbookFacts } from "./facts.ts";
import { DIRECT_PRE_CHECKS, PRE_CHECKS } from "./prechecks.ts";
import { REBUILD } from "./rebuild.ts";
import { DIRECT_ROLLBACK, ROLLBACK } from "./rollback.ts";
import { DIRECT_STEPS, STEPS } from "./steps.ts";
import { explainBlock, onDemand, render } from "./template.ts";

/**
 * The runbook of one phase of one cluster: what to check before, what to do and to expect, how to go back, how to
 * rebuild the cluster from the repository, and what the plan assumes. A pure function of the facts; they are asked for
 * and each part is made when it is first read, since most formats print only some of a runbook. A phase with a blocker
 * has no steps, since it must not be merged.
 */
export function writeRunbook(facts: () => RunbookFacts): Runbook {
  return onDemand({
    preChecks: () => render((facts().direct ? DIRECT_PRE_CHECKS : PRE_CHECKS)[facts().phase], facts()),
    steps: () => listSteps(facts()),
    rollback: () => render((facts().direct ? DIRECT_ROLLBACK : ROLLBACK)[facts().phase], facts()),
    rebuild: () => render(REBUILD, facts()),
    assumptions: () => listAssumptions(facts()),
    measure: () => listTargets(facts()),
  });
}

function listSteps(facts: RunbookFacts) {
  if (facts.blockers === 0) return render((facts.direct ? DIRECT_STEPS : STEPS)[facts.phase], facts);
  return explainBlock(facts, (them) => `Nothing was planned for it; settle ${them} and plan again.`);
}

function listTargets({ namespace, root, source, sync, guards, needs }: RunbookFacts): MeasureTargets {
  const old = source && { kind: source.kind, namespace: source.namespace, name: source.name };
  const generated = source && sync && sync !== source.name ? [{ kind: source.kind, namespace, name: sync }] : [];
  return {
    namespace,
    root: { namespace: root.namespace, name: root.name },
    sources: old ? [old, ...generated] : [],
    guards: [...guards],
    needs: needs.filter(({ optional }) => !optional).map(({ kind, namespace, name }) => ({ kind, namespace, name })),
  };
}

type Assumption = (facts: RunbookFacts) => string | undefined | false;

/** What a measured fact takes away. */
const unless =
  (fact: keyof Facts, say: Assumption): Assumption =>
  (facts) =>
    facts.measured?.[fact] === undefined && say(facts);

const runningVersion = unless("fluxVersion", ({ version, isAsked }) =>
  version
    ? `Flux ${version} runs, as ${isAsked ? "--flux-version" : "the repository"} says.`
    : "No Flux version is pinned in the repository, so nothing here says what runs.",
);
const storedVersions = unless(
  "storedVersions",
  () => "No Flux CRD still lists a stored version that the installed release has dropped.",
);
/** Also with an exact `--flux-version`: the instance stays on the range of its minor (traps 18 and 59). */
const pin: Assumption = ({ minor }) =>
  minor &&
  `\`${minor}.x\` is meant: patch releases of Flux ${minor} arrive by themselves within about ten minutes, never another minor. To pin one, write it out in \`distribution.version\`.`;

const instanceReady = unless("fluxInstanceReady", ({ namespace }) => `FluxInstance ${namespace}/flux is Ready.`);
const adopted = unless("adopted", () => "The operator has adopted every object of the old install.");
const guarded = unless(
  "guardsReconciled",
  ({ guards }) => guards.length > 0 && "The guards of the install phase are in effect in the cluster, not only in Git.",
);

const later = [instanceReady, adopted, guarded];
const FIRST: Record<RunbookFacts["phase"], readonly Assumption[]> = {
  install: [runningVersion, storedVersions, pin],
  cutover: later,
  cleanup: later,
};

const REST: readonly Assumption[] = [
  unless(
    "sourceUrl",
    ({ source }) => source && `${source.kind} ${source.namespace}/${source.name} reads ${source.url}, ${source.ref}.`,
  ),
  unless("notReady", () => "Source and root are Ready, and Git and the registries answer during the merge."),
  unless("suspended", ({ suspended }) => {
    const names = suspended.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    return `Nothing is suspended${names.length > 0 ? ` but ${names.join(", ")}, as Git says` : ""}.`;
  }),
  unless("missing", ({ needs }) => {
    const places = [...groupBy(needs, ({ namespace }) => namespace)].map(
      ([namespace, all]) => `in ${namespace}: ${all.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`,
    );
    return places.length > 0 && `These exist ${places.join("; ")}.`;
  }),
  ({ direct }) =>
    direct && "Operator and instance were installed by hand from the planned files before anything is merged.",
  ({ operatorRuns, phase }) =>
    operatorRuns && phase === "install" && "The operator runs in the cluster already, as `--direct` says.",
  () => "Nothing outside this repository applies Flux (Talos manifests, Terraform, Ansible, a colleague's shell).",
];

/** What the plan rests on and the repository cannot prove. Each measured fact takes one away. */
function listAssumptions(facts: RunbookFacts): string[] {
  return [...FIRST[facts.phase], ...REST].flatMap((say) => say(facts) || []);
}
