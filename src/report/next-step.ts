import type { Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { groupBy } from "../contract/group-by.ts";
import { listNames } from "../contract/list-some.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterPlan, Plan, Standing } from "../contract/plan.ts";
import { sh } from "../contract/shell.ts";
import { NOT_PUSHED } from "../plan/route.ts";
import { branchName, commitSubject, type Written } from "./commit-subject.ts";
import { formatCommand } from "./format-command.ts";
import { collectFindings, hasChanges, isDoneElsewhere, listClusters, sayChanges } from "./summary.ts";

export interface NextStep {
  /** One sentence or two. */
  says: string;
  commands: string[];
  /** Nothing has to be done before the step after it. */
  reads?: true;
}

/** What to do after reading a plan or a survey, in this order; the first is what is next. */
export function findNextSteps(plan: Plan): NextStep[] {
  const clusters = listClusters(plan);
  const { options } = plan;
  if (isDoneElsewhere(plan)) return [{ says: "Nothing is left to migrate.", commands: [] }];
  const findings = collectFindings(plan);
  const blockers = findings.filter(isBlocking);
  if (clusters.length === 0) return [startStep(blockers, options)];
  if (options.survey) return standingSteps(clusters, plan);
  if (blockers.some(({ rule }) => rule === NOT_PUSHED)) {
    const says = "Nothing is written before the phase before is pushed and reconciled. Push it, then look again:";
    return [{ says, commands: ["git push", formatCommand("plan", options, options.phase)] }];
  }
  if (hasChanges(plan)) {
    const left = [...new Set(blockers.flatMap(({ cluster }) => cluster ?? []))];
    const says =
      left.length > 0
        ? `Nothing is written yet. To write all but ${listNames(left)}, which ${left.length > 1 ? "are" : "is"} blocked:`
        : "Nothing is written yet. To write these changes:";
    return [{ says, commands: [formatCommand("migrate", options, options.phase)] }];
  }
  if (blockers.length > 0) {
    const says = "Settle the blockers above, then plan again.";
    return [{ says, commands: [formatCommand("plan", options, options.phase)] }];
  }
  if (options.oci) return phaseSteps(afterPhase(options.phase, "read"), options);
  return standingSteps(clusters, plan);
}

/** Another folder helps only where this one holds nothing of Flux. */
function startStep([blocker]: readonly Finding[], options: Options): NextStep {
  if (blocker === undefined || blocker.rule === "nothing-recognised") {
    const says = "Run fluxlift in the folder that holds the Flux objects, or name it.";
    return { says, commands: ["fluxlift scan DIR"] };
  }
  if (blocker.rule === "managed-by-azure")
    return { says: "Nothing can be planned as long as Azure installs this Flux.", commands: [] };
  const says = "Nothing can be planned before what is named above is settled. Then plan again:";
  return { says, commands: [formatCommand("plan", options, options.phase)] };
}

/**
 * What to do once a plan is written.
 * @param place what holds it now: a commit on the branch that was checked out or on a new one, a tree under git, or a folder
 *   without
 * @param request the command that makes a pull request of that branch
 */
export function findStepsAfterWrite(
  plan: Plan,
  place: "commit" | "branch" | "tree" | "folder",
  request?: string,
): NextStep[] {
  const reached = { commit: "local", branch: "branch", tree: "tree", folder: "unproven" } as const;
  const { options } = plan;
  const findings = collectFindings(plan);
  const elsewhere = findings.flatMap(({ rule, cluster }) => (rule === "other-branch" && cluster ? [cluster] : []));
  const isRead = listClusters(plan).some(({ cluster, edits }) => edits.length > 0 && !elsewhere.includes(cluster));
  const on = isRead ? plan.scanned.git?.branch : undefined;
  const into = place === "branch" ? plan.scanned.git?.branch : undefined;
  const written = { ...afterPhase(options.phase, reached[place]), ...given({ on, into, request }) };
  const steps = phaseSteps(written, options, "", handSteps(plan));
  if (WAITS[written.written] !== undefined) steps.splice(1, 0, runbookStep(options));
  const blocked = new Set(findings.flatMap(({ level, cluster }) => (level === "blocker" ? (cluster ?? []) : [])));
  if (blocked.size === 0) return steps;
  const [was, its] = blocked.size === 1 ? ["was", "its"] : ["were", "their"];
  const left = { says: `${listNames([...blocked])} ${was} left out. Settle ${its} blockers, then plan again:` };
  const again = formatCommand("plan", options, options.phase, [...blocked]);
  return [...steps, { ...left, commands: [again] }];
}

/** What the runbook of the direct route has done by hand, from the files that are written, before they are merged. */
function handSteps({ phases, options }: Plan): NextStep[] {
  if (!options.direct || options.phase !== "all") return [];
  const clusters = phases.flatMap((one) => (one.phase === "install" ? one.clusters : []));
  const open = clusters.filter(({ edits, findings }) => edits.length > 0 && !findings.some(isBlocking));
  return open.flatMap(({ cluster, runbook }) => {
    const of = clusters.length > 1 ? ` of ${cluster}` : "";
    const steps = runbook.steps.map(({ title, commands, expect }) => {
      const place = clusters.length > 1 ? `${cluster}: ` : "";
      return { says: `${place}${title}.${expect === undefined ? "" : ` Expect: ${expect}`}`, commands };
    });
    return [{ says: `${BY_HAND} In the cluster${of}, from the files that are written:`, commands: [] }, ...steps];
  });
}

const isBlocking = ({ level }: Finding) => level === "blocker";
const BY_HAND =
  "Before the whole move is pushed or merged, operator and instance have to run: else Flux deletes itself.";
const AS_RUNBOOK: NextStep = {
  says: `${BY_HAND} The commands are in the runbook of \`fluxlift plan --phase all --direct --format markdown\`, on the commit before.`,
  commands: [],
};

/** Where every check and the way back stand. */
export function runbookStep(options: Options): NextStep {
  const command = `${formatCommand("plan", options, options.phase)} --format markdown`;
  return { says: "The runbook, with every check and the way back:", commands: [command], reads: true };
}

/** The newest phase that is written, and how far it has come. */
interface Place extends Omit<Standing, "choices"> {
  written: Phase;
  /** The branch that is checked out, where it is the one that the cluster reads. */
  on?: string;
  /** The command that makes a pull request of the branch that is checked out. */
  request?: string;
}

function afterPhase(phase: Options["phase"], reached: Standing["reached"]): Place {
  const written = phase === "all" ? "cleanup" : phase;
  const next = WAITS[written]?.next;
  return { written, reached, ...(next ? { next } : {}), ...(phase === "all" ? { whole: true } : {}) };
}

/** The phase after one, and what to wait for before it. */
export const WAITS: Partial<Record<Phase, { next: Phase; wait: string }>> = {
  install: { next: "cutover", wait: "the FluxInstance is Ready in the cluster" },
  cutover: { next: "cleanup", wait: "the root Kustomization has reconciled it" },
  prepare: { next: "switch", wait: "CI has published the artifact and the OCIRepository is Ready" },
  switch: { next: "cleanup", wait: "the FluxInstance and every Kustomization are Ready" },
};
const BEFORE: Partial<Record<Phase, Phase>> = { cutover: "install", cleanup: "cutover" };

/** Clusters that stand at the same point take the next step together. */
function standingSteps(clusters: readonly ClusterPlan[], plan: Plan): NextStep[] {
  const open = clusters.filter(({ standing }) => standing && (standing.next || standing.reached !== "read"));
  if (open.length === 0) return [sayNothing(plan)];
  const groups = groupBy(open, (cluster) => JSON.stringify([cluster.standing, isBlocked(cluster), isHeld(cluster)]));
  return [...groups.values()].flatMap((group) => {
    const names = group.map(({ cluster }) => cluster);
    const isAll = names.length === clusters.length;
    const of = clusters.length === 1 ? "" : ` of ${listNames(names)}`;
    const { choices, ...standing } = group[0]!.standing!;
    const { survey: _, ...flags } = plan.options;
    const options: Options = { ...flags, ...choices, clusters: isAll ? flags.clusters : names };
    if (isBlocked(group[0]!)) {
      const says = `The ${standing.next} phase${of} is blocked. Settle the blockers above, then look again:`;
      return [{ says, commands: [formatCommand("plan", options, standing.next ?? "install")] }];
    }
    if (isHeld(group[0]!)) {
      const says = `The cleanup phase${of} waits for the clusters that share source and root, named above: until they are cut over, nothing is left to do here.`;
      return [{ says, commands: [] }];
    }
    if (standing.reached === "begun") return [beginStep(standing.next!, options, of, plan)];
    const written = standing.next ? BEFORE[standing.next]! : "cleanup";
    const on = standing.into === undefined ? plan.scanned.git?.branch : undefined;
    return phaseSteps({ ...standing, ...given({ on }), written }, options, of);
  });
}

function isBlocked({ findings }: ClusterPlan): boolean {
  return findings.some(isBlocking);
}

/** Whether all that the cleanup would change is what other clusters start from. */
function isHeld({ standing, edits, findings }: ClusterPlan): boolean {
  const isShared = findings.some(({ rule }) => rule === "sync-base-shared");
  return isShared && standing?.next === "cleanup" && standing.reached === "read" && edits.length === 0;
}

/** A phase that nothing has to be waited for. */
function beginStep(phase: Phase, options: Options, of: string, { phases }: Plan): NextStep {
  const own = phases.filter((part) => part.phase === phase && part.files.length > 0);
  const counts = own.length > 0 ? `: ${sayChanges(own)}` : "";
  const says = `Next is the ${phase} phase${of}${counts}. See it, then write it:`;
  return { says, commands: readAndWrite(options, phase) };
}

function readAndWrite(options: Options, phase: Phase): string[] {
  return ["plan", "migrate"].map((verb) => formatCommand(verb, options, phase));
}

/** From a phase that is written to the one after it: how it gets to the cluster, what to wait for, what is next. */
function phaseSteps(place: Place, options: Options, of = "", byHand = [AS_RUNBOOK]): NextStep[] {
  const { written, next } = place;
  const whole = place.whole && next === undefined;
  const bring = bringStep(place, whole ? `whole move${of}` : `${written} phase${of}`, options.oci !== undefined);
  const steps = bring ? [...(place.whole ? byHand : []), bring] : [];
  const back = backCommands(place);
  if (next === undefined)
    return steps.length > 0 ? [...steps, { says: sayLast(whole), commands: [...back, "fluxlift"] }] : [NOTHING];
  const wait = WAITS[written]!.wait;
  const is = bring ? "Once it is merged, wait" : `${sayThere(place, `${written} phase${of}`, options)} wait`;
  const says = `${is} until ${wait}. The next phase is then:`;
  const commands = bring ? [...back, formatCommand("migrate", options, next)] : readAndWrite(options, next);
  return [...steps, { says, commands }];
}

/** A plan of `oci` knows only that the files are there; where a cluster stands is asked of git. */
function sayThere({ reached }: Place, what: string, { oci }: Options): string {
  return reached === "read" && !oci
    ? `The ${what} is merged, as far as git knows here. Now`
    : `The ${what} is in the tree. Once it is merged,`;
}

/** Cautions stay the owner's when every edit is made. */
function sayNothing(plan: Plan): NextStep {
  const isClean = collectFindings(plan).every(({ level }) => level === "info");
  return isClean ? NOTHING : { says: "No edit is left to make; what is named above is yours to settle.", commands: [] };
}

const NOTHING: NextStep = { says: "Nothing is left to do.", commands: [] };
const sayLast = (isWhole = false) =>
  `Merge it, and watch Flux reconcile${isWhole ? "" : ": this was the last phase"}. Then see that nothing is left:`;
const PUSH = "git push -u origin HEAD";

/** From the branch of a phase back to what it was merged into, whichever way the forge merges. */
function backCommands({ reached, into, on }: Place): string[] {
  const branch = reached === "branch" && !isTag(into) ? into : reached === "tree" ? on : undefined;
  return branch === undefined ? [] : [sh`git switch ${branch} && git pull`.line];
}

/** A branch has no space in its name. */
const isTag = (into: string | undefined): boolean => into?.startsWith("tag ") === true;

/** How a phase that is written gets to where the cluster reads it; undefined where it is there. */
function bringStep(
  { written: last, whole, next, reached, into, on, request, isPushed }: Place,
  what: string,
  oci: boolean,
): NextStep | undefined {
  const written: Written = whole && next === undefined ? "all" : last;
  const branch = into ?? "the branch that the cluster reads";
  const moved = isTag(into) ? ", and move the tag to it" : "";
  switch (reached) {
    case "tree":
      return {
        says: `The ${what} is written and not committed. Look at it, new files included, commit it${on === undefined ? "" : " on a branch of its own"} and push it:`,
        commands: [
          "git add -AN && git diff",
          ...(on === undefined ? [] : [sh`git switch -c ${branchName(written, oci)}`.line]),
          `git add -A && git commit -m "${commitSubject(written, oci)}"`,
          PUSH,
        ],
      };
    case "branch":
      if (isPushed) {
        const says = `The ${what} is pushed, and ${branch} does not have it. Merge it through a pull request${moved}.`;
        return { says, commands: request === undefined ? [] : [request] };
      }
      return {
        says: `The ${what} is committed, and ${branch} does not have it. Push it, and merge it through a pull request${moved}:`,
        commands: [PUSH, ...(request === undefined ? [] : [request])],
      };
    case "local":
      return {
        says: `The ${what} is committed and not pushed. Push it, or merge it through a pull request:`,
        commands: [PUSH],
      };
    case "unproven":
      return {
        says: `The ${what} is written. No git holds this folder, so later phases cannot be proven here: bring the files to the repository that the cluster reads, and go on there.`,
        commands: [],
      };
    default:
      return undefined;
  }
}
